"""The sandbox's ledger: one charge an order, of its total, and undone when voided."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Conflict, Unavailable
from common.ids import new_id
from order_service.storage import sandbox
from order_service.storage.models import SandboxChargeRow
from order_service.storage.sandbox import SandboxProvider
from tests.builders import pounds
from tests.scratch import scratch


@pytest.fixture(scope="module")
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture
def provider(engine, monkeypatch):
    monkeypatch.setattr(sandbox, "PATIENCE_SECONDS", 0)

    @contextmanager
    def get_session(close_on_exit):
        with Session(engine) as session, session.begin():
            yield session

    return SandboxProvider(SimpleNamespace(get_session=get_session))


@pytest.fixture
def ledger(engine):
    def read(order_id):
        charges = select(SandboxChargeRow).filter_by(order_id=order_id)
        with Session(engine) as session:
            return [(one.outcome, one.amount_minor) for one in session.scalars(charges)]

    return read


def test_an_order_is_charged_its_total_once(provider, ledger):
    order_id = new_id()

    provider.charge(order_id, pounds(900), "tok_visa")
    provider.charge(order_id, pounds(900), "tok_visa")

    assert ledger(order_id) == [("captured", 900)]


def test_a_voided_charge_is_gone_and_stays_gone(provider, ledger):
    order_id = new_id()
    provider.charge(order_id, pounds(900), "tok_visa")

    provider.void(order_id)
    with pytest.raises(Conflict):
        provider.charge(order_id, pounds(900), "tok_visa")

    assert ledger(order_id) == [("voided", 900)]


def test_a_charge_that_comes_after_its_void_is_refused(provider, ledger):
    order_id = new_id()

    provider.void(order_id)
    with pytest.raises(Conflict):
        provider.charge(order_id, pounds(900), "tok_visa")

    assert [outcome for outcome, _ in ledger(order_id)] == ["voided"]


def test_a_decline_is_for_good(provider, ledger):
    order_id = new_id()

    for token in ("tok_declined", "tok_visa"):
        with pytest.raises(Conflict) as refusal:
            provider.charge(order_id, pounds(900), token)
        assert refusal.value.code == "payment_declined"

    assert ledger(order_id) == [("declined", 900)]


def test_a_flaky_charge_goes_through_the_second_time(provider, ledger):
    order_id = new_id()

    with pytest.raises(Unavailable):
        provider.charge(order_id, pounds(900), "tok_flaky")
    provider.charge(order_id, pounds(900), "tok_flaky")

    assert ledger(order_id) == [("captured", 900)]
