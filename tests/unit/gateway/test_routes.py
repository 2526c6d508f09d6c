"""Every route says for whom it is, and hands on what it was given."""

import json
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Forbidden, Invalid, Unauthenticated
from common.identity import Verifier
from common.tokens import Caller
from gateway.http import Answer
from gateway.request import Request
from gateway.service import GatewayService
from order_service.service import OrderService
from product_service.service import ProductService
from tests.builders import CUSTOMER, SELLER, TEA, an_order_draft
from user_service.service import UserService


class Gate:
    """The gateway under test, its neighbours, and who is asking."""

    def __init__(self, *roles, seller_id=None):
        self.tokens = create_autospec(Verifier, instance=True)
        self.tokens.read.return_value = Caller(
            CUSTOMER, "s1", frozenset(roles), seller_id
        )
        self.orders = create_autospec(OrderService, instance=True)
        self.products = create_autospec(ProductService, instance=True)
        self.users = create_autospec(UserService, instance=True)
        self.service = worker_factory(
            GatewayService,
            tokens=self.tokens,
            orders=self.orders,
            products=self.products,
            users=self.users,
        )


def a_request(body=None, **headers):
    sent = {"authorization": "Bearer t", "content-type": "application/json"} | headers
    return Request("POST", b"/v1/orders", sent, json.dumps(body).encode())


class TestPlaceOrder:
    def placed(self, status="confirmed", replayed=False):
        return {"order": {"id": "o1", "status": status}, "replayed": replayed}

    def place(self, gate, **answer):
        gate.orders.place_order.return_value = self.placed(**answer)
        headers = {"idempotency-key": "k1"}
        return gate.service.place_order(a_request(an_order_draft(), **headers))

    def test_the_key_goes_along(self):
        gate = Gate("customer")

        answer = self.place(gate)

        assert answer.status == 201
        assert answer.headers == {"Location": "/v1/orders/o1"}
        sent = gate.orders.place_order.call_args.kwargs
        assert sent["key"] == "k1"

    def test_an_order_still_running_is_accepted_not_created(self):
        assert self.place(Gate("customer"), status="pending").status == 202

    def test_an_answer_given_before_says_so(self):
        answer = self.place(Gate("customer"), replayed=True)

        assert answer.headers["Idempotent-Replayed"] == "true"

    def test_a_stranger_is_refused(self):
        gate = Gate("customer")

        with pytest.raises(Unauthenticated):
            gate.service.place_order(a_request({}, authorization=""))

        gate.orders.place_order.assert_not_called()

    def test_another_scheme_than_bearer_is_refused(self):
        with pytest.raises(Unauthenticated):
            Gate("customer").service.place_order(
                a_request({}, authorization="Basic eDp5")
            )


class TestProducts:
    def test_a_customer_cannot_offer_products(self):
        gate = Gate("customer")

        with pytest.raises(Forbidden):
            gate.service.create_product(a_request({}))

        gate.products.create_product.assert_not_called()

    def test_a_seller_hears_where_the_product_is(self):
        gate = Gate("seller", seller_id=SELLER)
        gate.products.create_product.return_value = {
            "product": {"id": TEA},
            "replayed": False,
        }

        answer = gate.service.create_product(a_request({}))

        assert answer.headers == {"Location": f"/v1/products/{TEA}"}

    def test_what_a_seller_reads_is_not_for_shared_caches(self):
        gate = Gate("seller", seller_id=SELLER)
        gate.products.get_product.return_value = {"id": TEA}

        answer = gate.service.get_product(a_request(), product_id=TEA)

        assert isinstance(answer, Answer)
        assert answer.headers["Cache-Control"] == "private, no-store"

    def test_anyone_reads_products_without_a_token(self):
        gate = Gate()

        gate.service.get_product(a_request(authorization=""), product_id=TEA)

        gate.products.get_product.assert_called_once_with(product_id=TEA)
        gate.tokens.read.assert_not_called()


class TestSellers:
    @pytest.mark.parametrize("role", ["customer", "seller", "support"])
    def test_only_an_admin_makes_a_shop_active(self, role):
        with pytest.raises(Forbidden):
            Gate(role).service.change_seller_status(a_request({}), seller_id=SELLER)


CREATIONS = [
    ("register_user", "users", "user"),
    ("register_seller", "products", "seller"),
    ("create_product", "products", "product"),
]


class TestOptionalKeys:
    """A route that creates something takes a key, and does without."""

    def asked(self, creation, replayed=False, **headers):
        """The answer, and what the service was asked."""
        name, neighbour, noun = creation
        gate = Gate("seller", seller_id=SELLER)
        method = getattr(getattr(gate, neighbour), name)
        method.return_value = {noun: {"id": TEA}, "replayed": replayed}
        answer = getattr(gate.service, name)(a_request({}, **headers))
        return answer, method.call_args.kwargs

    @pytest.mark.parametrize("creation", CREATIONS)
    def test_a_key_goes_along_with_its_fingerprint(self, creation):
        _, sent = self.asked(creation, **{"idempotency-key": "k1"})

        assert sent["key"] == "k1"
        assert sent["fingerprint"]

    @pytest.mark.parametrize("creation", CREATIONS)
    def test_without_a_key_nothing_is_remembered(self, creation):
        _, sent = self.asked(creation)

        assert not {"key", "fingerprint"} & set(sent)

    @pytest.mark.parametrize("creation", CREATIONS)
    def test_an_answer_given_before_says_so_and_where(self, creation):
        first, _ = self.asked(creation)
        again, _ = self.asked(creation, replayed=True)

        assert again.headers == first.headers | {"Idempotent-Replayed": "true"}
        assert again.headers["Location"]

    @pytest.mark.parametrize("creation", CREATIONS)
    def test_a_key_that_is_none_is_refused(self, creation):
        with pytest.raises(Invalid) as refusal:
            self.asked(creation, **{"idempotency-key": "a b"})

        assert refusal.value.code == "idempotency_key_required"
