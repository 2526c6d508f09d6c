"""`shopnow audit` finds what does not add up, and only that."""

import json
import threading
from functools import partial

import pytest
from sqlalchemy.exc import DBAPIError

from ops.audit.checks import CHECKS, faults
from ops.audit.looks import look
from ops.audit.stores import Stores
from tests.books import opened, write
from tests.client import Client
from tests.corruptions import CORRUPTIONS
from tests.private_stack import PrivateStack, own_place

UNHURRIED = {"READ_SECONDS": "5", "WRITE_SECONDS": "10"}


@pytest.fixture(scope="module")
def books():
    """A shop of its own: what other tests leave in theirs does not add up."""
    place = own_place().with_name(f"{own_place().name}.audit")
    shop = PrivateStack(place, GATEWAY_PROCESSES="1", **UNHURRIED)
    try:
        shop.start()
        with opened(shop) as books:
            write(books)
            yield books
    finally:
        shop.wipe()


@pytest.fixture(scope="module")
def stores(books):
    stores = Stores(books.stack.operator)
    yield stores
    stores.close()


@pytest.fixture(scope="module")
def violations(stores):
    """What is wrong at once: nothing happens meanwhile that would have to end."""
    found = partial(look, CHECKS, stores.view, pause=lambda seconds: None)
    assert found() == []
    return found


@pytest.mark.parametrize(("kind", "whose", "corruption"), CORRUPTIONS)
def test_each_corruption_is_found_and_nothing_else_remains(
    books, violations, kind, whose, corruption
):
    with corruption.planted(books):
        found = {violation.identity for violation in violations()}

    assert (kind, books.ids[whose]) in found
    assert violations() == []


def test_each_kind_of_violation_is_planted_once():
    planted = {kind for kind, *_ in CORRUPTIONS}

    assert planted == {fault.kind for fault in faults()}


def test_a_shop_that_adds_up_is_told_in_a_line(books):
    said = books.stack.shopnow("audit")

    assert said.returncode == 0, said.stdout
    [line] = said.stdout.splitlines()
    assert line.startswith("all adds up: ")
    assert "4 orders" in line


def test_a_violation_is_told_in_a_line_and_by_the_exit_code(books):
    [corruption] = [c for kind, _, c in CORRUPTIONS if kind == "stock_reserved"]

    with corruption.planted(books):
        plain = books.stack.shopnow("audit")
        with_remedy = books.stack.shopnow("audit", "--fix-report")
        as_json = books.stack.shopnow("audit", "--json")

    line = (
        f"stock_reserved  {books.ids['product']}  "
        "1 are counted as reserved, but 0 are held for orders"
    )
    assert (plain.returncode, plain.stdout.splitlines()) == (1, [line])
    assert with_remedy.returncode == 1
    said, remedy = with_remedy.stdout.splitlines()
    assert said == line
    assert "{$set: {available: 995, reserved: 0}}" in remedy
    document = json.loads(as_json.stdout)
    assert (as_json.returncode, document["clean"]) == (1, False)
    assert document["checked"]["orders"] == 4
    [violation] = document["violations"]
    assert violation["subject"] == books.ids["product"]
    assert set(violation) == {"kind", "subject", "sentence", "remedy"}


def test_what_is_under_way_is_no_violation(books):
    customer = Client(books.stack.url).signed_up()
    audited = threading.Event()
    answers = []

    def buy():
        while not audited.is_set():
            for token in ("tok_visa", "tok_declined", "tok_flaky"):
                answers.append(customer.place({books.ids["product"]: 1}, token=token))

    buyers = [threading.Thread(target=buy) for _ in range(3)]
    for buyer in buyers:
        buyer.start()
    said = [books.stack.shopnow("audit") for _ in range(3)]
    audited.set()
    for buyer in buyers:
        buyer.join()

    assert [(one.returncode, one.stdout) for one in said if one.returncode] == []
    # Some may be asked to come again where the machine is busy; the books bear that.
    ended = {answer.status for answer in answers}
    assert {201, 402} <= ended <= {201, 202, 402, 503}


def test_the_audit_cannot_change_anything(stores):
    with stores.view() as view, pytest.raises(DBAPIError, match="read-only"):
        list(view.rows("orders", "SELECT nextval('order_numbers')"))
