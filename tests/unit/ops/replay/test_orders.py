import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.replay import orders
from ops.replay.accounts import Account
from ops.replay.countries import code_of
from ops.replay.invoices import Invoice, Product
from ops.replay.keys import header_safe, order_key, stock_key
from ops.replay.messages import Request
from ops.replay.refusals import Refused

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TEA, CUP = Product("12345", 150), Product("44321B", 250)
IDS = {CUP: "p2", TEA: "p1"}
BUYER = Account("a@replay.example", "secret", "Customer A")
PENDING = {"id": "o1", "status": "pending"}


def an_invoice(**changes):
    return Invoice(**{"number": "1", "lines": {TEA: 2, CUP: 3_000}, **changes})


def bytes_of(invoice, ids):
    return Request("POST", "/v1/orders", orders.body_of(invoice, ids, BUYER)).data()


class TestBody:
    def test_it_names_the_products_as_the_invoice_does(self):
        body = orders.body_of(an_invoice(country="EIRE"), IDS, BUYER)

        assert body["items"] == [
            {"product_id": "p1", "quantity": 2},
            {"product_id": "p2", "quantity": 3_000},
        ]
        assert body["shipping_address"]["full_name"] == "Customer A"
        assert body["shipping_address"]["country"] == "IE"
        assert body["payment"] == {"method": "card", "token": "tok_visa"}

    def test_the_same_invoice_is_the_same_bytes(self):
        reordered = dict(reversed(IDS.items()))

        assert bytes_of(an_invoice(), IDS) == bytes_of(an_invoice(), reordered)

    def test_prices_and_totals_are_left_to_the_shop(self):
        assert b"250" not in bytes_of(an_invoice(), IDS)

    @pytest.mark.parametrize(
        ("name", "code"),
        [("United Kingdom", "GB"), ("USA", "US"), ("", "GB"), ("Unspecified", "GB")],
    )
    def test_a_country_without_code_is_home(self, name, code):
        assert code_of(name) == code


class TestKeys:
    @pytest.mark.parametrize("number", ["100001", "A-1/2", "#7"])
    def test_an_order_is_known_by_its_invoice(self, number):
        assert order_key(Invoice(number)) == number

    @patiently
    @given(st.text(max_size=20))
    def test_any_number_fits_a_header(self, number):
        assert re.fullmatch(r"[!-~]*", header_safe(number))

    @patiently
    @given(st.text(max_size=5), st.text(max_size=5))
    def test_different_numbers_stay_different(self, one, other):
        assert (header_safe(one) == header_safe(other)) == (one == other)

    def test_stock_is_known_by_what_it_is_for(self):
        key = stock_key(TEA, "p1", {"1": 4, "2": 2})

        assert key.startswith("stock-12345-150-")
        assert key == stock_key(TEA, "p1", {"2": 2, "1": 4})
        others = [
            stock_key(TEA, "p1", {"1": 2, "2": 4}),
            stock_key(TEA, "p1", {"1": 6}),
            stock_key(TEA, "p9", {"1": 4, "2": 2}),
            stock_key(CUP, "p1", {"1": 4, "2": 2}),
        ]
        assert len({key, *others}) == 5


class TestSale:
    ORDER = {  # noqa: RUF012 read only
        "id": "o1",
        "status": "confirmed",
        "items": [
            {"product_id": "p1", "quantity": 2},
            {"product_id": "p2", "quantity": 3},
        ],
        "total": {"amount": 999, "currency": "GBP"},
    }

    def test_it_counts_what_the_gateway_says(self):
        sale = orders.sale_of(self.ORDER, replayed=True)

        assert (sale.lines, sale.units, sale.pence) == (2, 5, 999)
        assert (sale.products, sale.replayed) == ({"p1", "p2"}, True)

    @pytest.mark.parametrize("order", [{}, {**ORDER, "total": None}, {"items": [{}]}])
    def test_an_answer_without_it_is_refused(self, order):
        with pytest.raises(Refused, match="unreadable_answer"):
            orders.sale_of(order, replayed=False)
