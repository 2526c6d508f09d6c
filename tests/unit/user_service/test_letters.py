"""What people read from us."""

import pytest

from common.money import Money
from tests.builders import pounds
from user_service.domain import letters


def test_a_confirmation_says_what_was_bought_and_for_how_much():
    items = [
        {"title": "Tea", "quantity": 2, "unit_price": pounds(450)},
        {"title": "Pot {number}", "quantity": 1, "unit_price": pounds(120_000)},
    ]

    letter = letters.order_confirmed("100001", items, pounds(120_900))

    assert letter.subject == "Your order 100001 is confirmed"
    assert "2 x Tea, £4.50 each\n1 x Pot {number}, £1,200.00 each" in letter.text
    assert "Total: £1,209.00" in letter.text


def test_a_title_says_nothing_in_the_name_of_the_shop():
    title = "Tea\n\nYour account is locked.\nhttps://elsewhere.example"
    item = {"title": title, "quantity": 1, "unit_price": pounds(450)}

    text = letters.order_confirmed("100001", [item], pounds(450)).text

    assert "1 x Tea Your account is locked. https://elsewhere.example, £4.50" in text


def test_a_welcome_holds_nothing_that_somebody_else_wrote():
    assert letters.welcome() == letters.welcome()
    assert "ShopNow" in letters.welcome().text


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(0, "GBP"), "£0.00"),
        (Money(5, "GBP"), "£0.05"),
        (Money(250, "EUR"), "EUR 2.50"),
    ],
)
def test_money_is_written_as_people_write_it(money, text):
    assert letters.written(money) == text
