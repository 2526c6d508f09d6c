"""Nobody can set what is not theirs to set by naming it in a body."""

import pytest

from common.ids import new_id
from tests.access import RULES
from tests.e2e.recipes import recipe_of
from tests.e2e.using import well
from tests.stores import settled

# What the shop knows of things, and decides by itself.
FIELDS = {
    "role": "admin",
    "roles": ["admin"],
    "is_admin": True,
    "admin": True,
    "id": new_id(),
    "user_id": new_id(),
    "customer_id": new_id(),
    "account_id": new_id(),
    "seller_id": new_id(),
    "email_verified": True,
    "password_hash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
    "status": "active",
    "price": {"amount": 1, "currency": "GBP"},
    "unit_price": {"amount": 1, "currency": "GBP"},
    "total": {"amount": 1, "currency": "GBP"},
    "stock": 1_000_000,
    "available": 1_000_000,
    "version": 99,
    "created_at": "2020-01-01T00:00:00Z",
    "session_id": new_id(),
    "key": "x",
    "fingerprint": "x",
    "__proto__": {"admin": True},
    "__type__": "datetime",
    "constructor": {"prototype": {}},
}
WRITES = [rule for rule in RULES if recipe_of(rule.route).body]


def test_what_nobody_asked_for_is_refused_and_not_stored(stack, cast):
    uses = [well(cast, rule) for rule in WRITES]
    asked = [(use, use.body, use.path) for use in uses]
    cast.stay_signed_in()
    before = settled(stack)

    for use, body, path in asked:
        for name in FIELDS.keys() - body.keys():
            got = use.ask(body | {name: FIELDS[name]}, path)
            said = (use.rule.route, name, got.raw)
            assert (got.status, got.code) == (422, "invalid"), said
            assert name in got.body["errors"], said

    assert settled(stack) == before


def test_nothing_is_hidden_in_the_parts_of_an_order(stack, cast):
    """Where a price, or a part of an address, could be smuggled in."""
    (rule,) = (rule for rule in RULES if rule.route == "POST /v1/orders")
    use = well(cast, rule)
    body = use.body
    cast.stay_signed_in()
    before = settled(stack)

    for part in ("shipping_address", "payment"):
        for name in FIELDS.keys() - body[part].keys():
            got = use.ask(body | {part: body[part] | {name: FIELDS[name]}})
            assert got.status == 422, (part, name, got.raw)
    for name, value in FIELDS.items():
        got = use.ask(body | {"items": [body["items"][0] | {name: value}]})
        assert got.status == 422, (name, got.raw)

    assert settled(stack) == before


@pytest.mark.parametrize(
    "quantity",
    [0, -1, 0.5, 1.5, 10_001, 2**63, "1", "1e3", True, None, [1], {"$gt": 0}],
)
def test_a_quantity_is_a_number_of_pieces(cast, quantity):
    (rule,) = (rule for rule in RULES if rule.route == "POST /v1/orders")
    use = well(cast, rule)

    item = use.body["items"][0] | {"quantity": quantity}
    got = use.ask(use.body | {"items": [item]})

    assert (got.status, got.code) == (422, "invalid")
