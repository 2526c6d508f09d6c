"""What an account may be."""

import pytest

from common.errors import Conflict
from tests.builders import NOON, SELLER
from user_service.domain.account import Account, Role
from user_service.domain.session import End

CUSTOMER, SUPPORT, ADMIN = {Role.CUSTOMER}, {Role.SUPPORT}, {Role.ADMIN}


def an_account(*roles):
    held = frozenset({Role.CUSTOMER, *roles})
    return Account("u1", "ada@example.com", "hash", NOON, held)


def test_who_signs_up_is_a_customer_and_no_more():
    assert an_account().claims() == {"sub": "u1", "roles": ["customer"]}


def test_an_active_shop_makes_a_seller():
    account = an_account()

    account.sell_as(SELLER, active=True)

    assert account.claims() == {
        "sub": "u1",
        "roles": ["customer", "seller"],
        "seller_id": SELLER,
    }
    assert account.sessions_end is None


def test_a_suspended_shop_takes_the_role_away_again():
    account = an_account()
    account.sell_as(SELLER, active=True)

    account.sell_as(SELLER, active=False)

    assert account.roles == CUSTOMER
    assert "seller_id" not in account.claims()
    assert account.sessions_end is End.ROLE_LOST


def test_a_shop_that_stays_suspended_ends_nothing():
    account = an_account()

    account.sell_as(SELLER, active=False)

    assert account.sessions_end is None


def test_a_role_that_is_gained_ends_nothing():
    account = an_account()

    account.hold(CUSTOMER | SUPPORT, others_administer=True)

    assert account.roles == CUSTOMER | SUPPORT
    assert account.sessions_end is None


def test_a_role_that_is_lost_ends_the_sessions():
    account = an_account(Role.SUPPORT)

    account.hold(CUSTOMER | ADMIN, others_administer=True)

    assert account.sessions_end is End.ROLE_LOST


def test_nobody_sells_without_a_shop():
    with pytest.raises(Conflict) as refusal:
        an_account().hold({Role.SELLER}, others_administer=True)

    assert refusal.value.code == "seller_role_needs_shop"


def test_who_is_no_seller_any_more_has_no_shop_in_their_token():
    account = an_account()
    account.sell_as(SELLER, active=True)

    account.hold(CUSTOMER, others_administer=True)

    assert "seller_id" not in account.claims()


def test_the_last_admin_stays_one():
    account = an_account(Role.ADMIN)

    with pytest.raises(Conflict) as refusal:
        account.hold(CUSTOMER, others_administer=False)

    assert refusal.value.code == "last_admin"
    assert Role.ADMIN in account.roles


def test_the_last_admin_may_be_more():
    account = an_account(Role.ADMIN)

    account.hold(CUSTOMER | SUPPORT | ADMIN, others_administer=False)

    assert account.roles == CUSTOMER | SUPPORT | ADMIN


def test_another_password_ends_the_sessions():
    account, before = an_account(), an_account()

    account.change_password("another hash", End.PASSWORD_RESET, NOON)

    assert account.sessions_end is End.PASSWORD_RESET
    assert not account.same_password_as(before)


def test_a_password_that_is_hashed_anew_is_the_same():
    account, before = an_account(), an_account()

    account.password_hash = "the same, made with other parameters"

    assert account.same_password_as(before)
