"""Roles on a real database: what one loses is gone at once, and an admin stays."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.ids import new_id
from tests.builders import SELLER
from user_service.domain.account import Role


def give(office, user_id, *roles):
    with office.acting("admin") as auth:
        return auth.set_roles(user_id, {"roles": list(roles)})


def roles_of(office, user):
    with office.store.transaction() as accounts:
        return accounts.find(user["id"]).roles


def test_an_admin_gives_roles(office, user):
    given = give(office, user["id"], "support", "customer")

    assert given["roles"] == ["customer", "support"]
    assert (given["id"], given["seller_id"]) == (user["id"], None)
    with office.acting(id=user["id"]) as auth:
        assert auth.get_account(user["id"]) == given


def test_a_role_that_is_gained_ends_no_session(office, user):
    pair = office.signed_in(user)

    give(office, user["id"], "customer", "support")

    refreshed = office.refreshed(pair["refresh_token"])
    assert office.caller(refreshed).roles == {"customer", "support"}


def test_who_loses_a_role_is_signed_out(office, user):
    give(office, user["id"], "customer", "support")
    pair = office.signed_in(user)

    give(office, user["id"], "customer")

    session_id = office.caller(pair).session_id
    assert session_id in office.ended()
    assert office.told("sessions.ended") == [
        {"user_id": user["id"], "session_ids": [session_id], "reason": "role_lost"}
    ]


def test_a_suspended_shop_signs_its_seller_out(office, user):
    with office.acting("admin") as auth:
        auth.set_seller(user["id"], SELLER, active=True)
        pair = office.signed_in(user)
        auth.set_seller(user["id"], SELLER, active=False)
        auth.set_seller(user["id"], SELLER, active=False)

    assert office.ended() == [office.caller(pair).session_id]


def test_only_a_shop_makes_a_seller(office, user):
    with pytest.raises(Conflict) as refusal:
        give(office, user["id"], "customer", "seller")
    assert refusal.value.code == "seller_role_needs_shop"

    with office.acting("admin") as auth:
        auth.set_seller(user["id"], SELLER, active=True)

    assert give(office, user["id"], "seller")["seller_id"] == SELLER


@pytest.mark.parametrize(
    "draft",
    [
        {},
        {"roles": []},
        {"roles": ["root"]},
        {"roles": ["admin"] * 5},
        {"roles": "admin"},
        {"roles": ["customer"], "seller_id": SELLER},
    ],
)
def test_what_is_no_list_of_roles_is_refused(office, user, draft):
    with office.acting("admin") as auth, pytest.raises(Invalid):
        auth.set_roles(user["id"], draft)


@pytest.mark.parametrize("role", ["customer", "seller", "support"])
def test_only_an_admin_gives_roles(office, user, role):
    with office.acting(role, id=user["id"]) as auth, pytest.raises(Forbidden):
        auth.set_roles(user["id"], {"roles": ["admin"]})

    assert roles_of(office, user) == {Role.CUSTOMER}


def test_an_account_is_for_its_owner_and_for_admins(office, user):
    with office.acting("customer") as auth, pytest.raises(Forbidden):
        auth.get_account(user["id"])
    with office.acting("admin") as auth:
        assert auth.get_account(user["id"])["id"] == user["id"]
        with pytest.raises(NotFound):
            auth.get_account(new_id())


def test_the_last_admin_stays_one(office, user):
    give(office, user["id"], "admin")

    with pytest.raises(Conflict) as refusal:
        give(office, user["id"], "customer")

    assert refusal.value.code == "last_admin"
    assert roles_of(office, user) == {Role.ADMIN}


@pytest.mark.parametrize("_", range(5))
def test_admins_who_take_each_other_the_role_leave_one(office, _):
    admins = [office.signed_up() for _ in range(5)]
    for admin in admins:
        give(office, admin["id"], "admin")

    def demote(admin):
        try:
            office.service.set_roles(admin["id"], {"roles": ["customer"]})
        except Conflict:
            return admin["id"]

    with office.acting("admin"), ThreadPoolExecutor(5) as pool:
        refused = set(pool.map(demote, admins)) - {None}

    left = {a["id"] for a in admins if Role.ADMIN in roles_of(office, a)}
    assert len(left) == 1
    assert refused == left
