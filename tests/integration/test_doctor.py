"""What the doctor says of a shop that runs, and of faults planted around it.

Only what it is told is changed, never the shop that the other tests use.
"""

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
import redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.ids import new_id
from common.sealing import Seal
from ops.doctor import broker, carts, databases, examination, keys, servers
from ops.doctor.case import Case
from ops.doctor.finding import Standing
from ops.http import call
from ops.stack.secrets import fresh_key
from product_service.storage import schema
from tests.unit.ops.doctor.conftest import bad, only
from user_service.storage.models import AddressRow, ProfileRow
from user_service.storage.sealed import of_address


@pytest.fixture(scope="module")
def case(stack):
    return Case.of(stack.environ)


@pytest.fixture
def told(case):
    """``told(REDIS_URI=…)``: the case, when it was told that."""
    return lambda **other: replace(case, variables={**case.variables, **other})


def test_a_shop_that_runs_is_fine(case, monkeypatch):
    # Here others are at work too, and late is not wrong.
    monkeypatch.setattr(examination, "PATIENCE_SECONDS", 120.0)
    found = examination.examine(case)

    # What the machine lacks is no fault of the shop's.
    ours = [r for r in found if r.group not in ("machine", "run directory")]
    troubles = {r.check: [f for f in r.findings if is_trouble(f)] for r in ours}
    assert {name: found for name, found in troubles.items() if found} == {}
    left_out = [f for r in ours for f in r.findings if f.standing == "left out"]
    assert left_out == []


def is_trouble(finding):
    """Queues of other tests may have nobody who hears them any more."""
    others = "evt-test_" in finding.told
    return finding.standing is Standing.PROBLEM and not others


@pytest.mark.parametrize("variable", [n for n in servers.NAMES if n != "CONSUL_URI"])
def test_every_server_refuses_what_it_does_not_know(case, told, variable):
    head, _, rest = case.variables[variable].rpartition("@")
    stranger = f"{head.rpartition(':')[0]}:secret@{rest}"
    _, said, remedy = only(servers.server(variable, told(**{variable: stranger})))
    assert "secret" not in said
    assert remedy.startswith("make stop; make start")


def test_a_database_that_has_seen_newer_code(case, told):
    other = told(AUTH_DB_URI=case.variables["USER_DB_URI"])
    _, said, remedy = only(databases.migrations("auth", other))
    assert said.endswith("which this checkout does not know")
    assert remedy.startswith("git pull")


def test_a_database_that_waits_for_a_migration(case, monkeypatch):
    real = databases.head

    def ahead(name):
        scripts = real(name)
        newer = [SimpleNamespace(revision="9999"), *scripts.walk_revisions()]
        return SimpleNamespace(walk_revisions=lambda: newer)

    monkeypatch.setattr(databases, "head", ahead)
    _, said, remedy = only(databases.migrations("orders", case))
    assert "1 behind 9999" in said
    assert remedy == "shopnow migrate"


def test_a_catalogue_that_lacks_something(case, monkeypatch):
    monkeypatch.setitem(schema.VALIDATORS, "parcels", {})
    monkeypatch.setitem(schema.VALIDATORS, "sellers", {"$jsonSchema": {}})
    monkeypatch.setitem(schema.INDEXES, "reviews", [schema.IndexModel("stars")])
    said = [told for _, told, remedy in bad(databases.catalogue(case))]
    assert said == [
        "not as the code has it: collection parcels",
        "not as the code has it: validator sellers",
        "not as the code has it: index reviews.stars_1",
    ]


def test_a_secret_that_does_not_open_the_signing_keys(told):
    _, said, remedy = only(keys.signing_keys(told(SIGNING_KEY_SECRET=fresh_key())))
    assert "does not open them" in said
    assert "put the earlier SIGNING_KEY_SECRET back" in remedy


@contextmanager
def sealed_address(case, seal):
    """An address of somebody's, while it is looked for."""
    engine = databases.opened(case.variables["USER_DB_URI"])
    with Session(engine) as session, session.begin():
        owner = session.scalars(select(ProfileRow.id)).first()
        row = AddressRow(id=new_id(), user_id=owner, is_default=False)
        row.sealed = seal.close("1 High Street", of_address(row))
        session.add(row)
        address_id = row.id
    yield
    with Session(engine) as session, session.begin():
        session.delete(session.get_one(AddressRow, address_id))
    engine.dispose()


def test_field_keys_that_do_not_open_what_is_stored(case, told):
    given = case.variables["FIELD_KEYS"]
    with sealed_address(case, Seal(given)):
        key_id = Seal(given).first
        lost = bad(keys.field_keys(told(FIELD_KEYS=f"k9:{fresh_key()}")))
        swapped = bad(keys.field_keys(told(FIELD_KEYS=f"{key_id}:{fresh_key()}")))
        second = bad(keys.field_keys(told(FIELD_KEYS=f"k9:{fresh_key()},{given}")))
    assert any(f"under {key_id}, which is not in FIELD_KEYS" in t for _, t, _ in lost)
    assert any("do not open" in t for _, t, _ in swapped)
    assert {remedy for _, _, remedy in second} == {"shopnow reseal"}
    assert only(keys.field_keys(told(FIELD_KEYS="k1:short")))[1].startswith(
        "FIELD_KEYS: key 1"
    )


def test_a_broker_that_lacks_what_the_code_wants(case, monkeypatch):
    plan = broker.definitions()
    wanted = {**plan["exchanges"][0], "name": "parcel_service.events"}
    more = plan | {"exchanges": [*plan["exchanges"], wanted]}
    monkeypatch.setattr(broker, "definitions", lambda: more)
    _, said, remedy = only(broker.asking(broker.topology)(case))
    assert said == "exchange parcel_service.events topic True is not there"
    assert remedy.startswith("make stop; make start")


def test_a_queue_that_nobody_hears(case, stack, monkeypatch):
    monkeypatch.setattr(broker, "RENEWED_SECONDS", 0.0)
    admin = stack.plan.all_servers.rabbitmq.admin_uri
    place = f"{admin}/api/queues/shopnow/rpc-parcel_service"
    call("PUT", place, {"durable": True})
    try:
        found = bad(broker.asking(broker.queues)(case))
    finally:
        call("DELETE", place)
    said = [told for _, told, _ in found]
    assert "nobody hears rpc-parcel_service; 0 wait" in said


def test_a_redis_that_would_lose_the_carts(case, told, own_redis):
    with redis.Redis.from_url(own_redis.uri) as client:
        client.config_set("appendonly", "no")
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
    found = bad(carts.persistence(told(REDIS_URI=own_redis.uri)))
    assert [remedy.partition("config set ")[2] for _, _, remedy in found] == [
        "appendonly yes",
        "maxmemory-policy noeviction",
    ]
