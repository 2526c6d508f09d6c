"""What an account may be."""

from tests.builders import NOON, SELLER
from user_service.domain.account import Account, Role


def an_account():
    return Account("u1", "ada@example.com", "hash", NOON)


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


def test_a_suspended_shop_takes_the_role_away_again():
    account = an_account()
    account.sell_as(SELLER, active=True)

    account.sell_as(SELLER, active=False)

    assert account.roles == {Role.CUSTOMER}
    assert "seller_id" not in account.claims()
