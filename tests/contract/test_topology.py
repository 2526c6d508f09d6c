"""The broker's definitions say what the code does; the broker holds it to that."""

import json
import re

import pytest

from common.ids import new_id
from common.wire.replies import reply_key
from ops.broker import text
from ops.broker.definitions import FILE
from ops.broker.parts import parts
from ops.broker.permissions import OPERATOR

DEFINITIONS = json.loads(FILE.read_text())
PARTS = {part.name: part for part in parts()}
SERVICES = sorted(PARTS)
TOPICS = {
    (row["user"], row["exchange"]): row for row in DEFINITIONS["topic_permissions"]
}

each_service = pytest.mark.parametrize("name", SERVICES)


def may_send(user, key, exchange="nameko-rpc"):
    return bool(re.search(TOPICS[user, exchange]["write"], key))


def may_bind(user, key, exchange="nameko-rpc"):
    return bool(re.search(TOPICS[user, exchange]["read"], key))


def test_the_definitions_are_those_of_the_code():
    assert FILE.read_text() == text(), "run shopnow topology"


def test_no_password_is_written_down():
    keys = {key for user in DEFINITIONS["users"] for key in user}

    assert keys == {"name", "tags"}


def test_for_no_user_and_exchange_any_topic_will_do():
    users = {user["name"] for user in DEFINITIONS["users"]}
    exchanges = {each["name"] for each in DEFINITIONS["exchanges"]}

    assert users == {*SERVICES, OPERATOR}
    assert set(TOPICS) == {(user, name) for user in users for name in exchanges}


@each_service
def test_a_service_lays_out_its_own_queues_and_no_exchange(name):
    (own,) = [row for row in DEFINITIONS["permissions"] if row["user"] == name]
    named = {"exchanges": DEFINITIONS["exchanges"], "queues": DEFINITIONS["queues"]}
    others = {f"rpc-{other}" for other in SERVICES if other != name}

    for thing in [*named["exchanges"], *named["queues"]]:
        assert not re.search(own["configure"], thing["name"])
    assert not any(re.search(own["configure"], queue) for queue in others)


@each_service
def test_what_is_called_exists_and_what_exists_may_not_all_be_called(name):
    calls = PARTS[name].calls

    for target, methods in calls.items():
        assert methods
        assert methods <= PARTS[target].methods
        for method in PARTS[target].methods:
            assert may_send(name, f"{target}.{method}") == (method in methods)


def test_a_reply_is_sent_by_who_was_asked_and_heard_by_who_asked():
    address = "0f8fad5b-d9cb-469f-a165-70867728950e"
    key = reply_key("gateway", "auth_service", address)
    binding = reply_key("gateway", "*", address)

    assert [name for name in SERVICES if may_send(name, key)] == ["auth_service"]
    assert [name for name in SERVICES if may_bind(name, binding)] == ["gateway"]
    assert not any(may_bind(name, address) for name in SERVICES)


@each_service
@pytest.mark.parametrize("key", ["", "#", "*.*", "*.*.*.*", "reply.#", new_id()])
def test_nobody_listens_to_what_is_not_for_them(name, key):
    assert not any(
        may_bind(name, key, each["name"]) for each in DEFINITIONS["exchanges"]
    )


def test_the_gateway_may_not_do_what_only_services_do():
    calls = {
        f"{name}.{m}"
        for name, methods in PARTS["gateway"].calls.items()
        for m in methods
    }

    assert "auth_service.issue_tokens" in calls
    assert not calls & {
        "auth_service.create_account",
        "auth_service.set_seller",
        "product_service.reserve_stock",
        "product_service.commit_stock",
        "product_service.release_stock",
    }


@each_service
def test_what_is_heard_is_told_by_somebody(name):
    for handler in PARTS[name].handlers:
        assert handler.event in PARTS[handler.source].events
        assert may_send(handler.source, handler.event, f"{handler.source}.events")
        assert may_bind(name, handler.event, f"{handler.source}.events")
