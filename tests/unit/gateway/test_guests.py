"""A guest's cart goes along to the sign-in, and keeps nobody from it."""

import json
from types import SimpleNamespace

import pytest
from nameko import config

from common.deadlines import DEADLINE, remaining, within
from common.errors import Forbidden, Unavailable
from common.identity import AUTH_TOKEN
from gateway.guests import cookie, guest_of
from gateway.request import Request
from gateway.resources.tokens import MERGE_SECONDS, TokenResource

PAIR = {"access_token": "the new one", "refresh_token": "r"}


class Orders:
    """order_service, as it is asked in somebody's name."""

    def __init__(self, trouble=None, context=()):
        self.trouble, self._context, self.merged = trouble, dict(context), []

    def _told(self, more):
        self.told = more
        return self

    def merge_cart(self, guest):
        if self.trouble:
            raise self.trouble
        self.merged.append(guest)


def asking(grant="password", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"grant_type": grant}).encode()
    names |= {"content-type": "application/json"}
    return Request("POST", b"/v1/auth/tokens", names, body)


def sign_in(orders, request):
    auth = SimpleNamespace(issue_tokens=lambda draft: PAIR)
    resource = TokenResource()
    resource.auth = resource.sign_ins = auth
    resource.orders, resource.tokens = orders, None
    return resource.issue_tokens(request)


def test_the_cart_is_taken_over_in_the_name_of_who_has_signed_in():
    orders = Orders()

    answer = sign_in(orders, asking(cookie="shopnow_cart=t1"))

    assert (answer.body, orders.merged) == (PAIR, ["t1"])
    assert orders.told[AUTH_TOKEN] == "the new one"
    assert answer.headers["Set-Cookie"].startswith("shopnow_cart=; Max-Age=0;")


@pytest.mark.parametrize(
    "trouble",
    [
        Unavailable("service_unavailable", "Away"),
        Forbidden("role_required", "No customer"),
        ValueError("a bug"),
    ],
)
def test_where_it_cannot_be_the_sign_in_succeeds_and_the_guest_keeps_it(trouble):
    answer = sign_in(Orders(trouble), asking(cookie="shopnow_cart=t1"))

    assert (answer.body, answer.headers) == (PAIR, {})


@pytest.mark.parametrize(("left", "most"), [(60, MERGE_SECONDS), (0.1, 0.1)])
def test_it_does_not_keep_the_sign_in_waiting(left, most):
    orders = Orders(context={DEADLINE: within(left)})

    sign_in(orders, asking(cart_token="t1"))

    assert remaining(orders.told, 60) <= most


def test_nobody_is_asked_where_there_is_no_cart():
    orders = Orders(AssertionError())

    assert sign_in(orders, asking()).headers == {}


def test_who_carries_on_was_no_guest():
    orders = Orders(AssertionError())

    assert sign_in(orders, asking("refresh_token", cart_token="t1")) == PAIR


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({"cookie": "shopnow_cart=t1"}, "t1"),
        ({"cookie": "a=b;shopnow_cart=t1; c=d"}, "t1"),
        ({"cookie": "not_shopnow_cart=t1"}, None),
        ({"cookie": "shopnow_cart="}, None),
        ({"cookie": "shopnow_cart=" + "a" * 256}, None),
        ({"cart_token": "t2", "cookie": "shopnow_cart=t1"}, "t2"),
        ({"cart_token": "a b", "cookie": "shopnow_cart=t1"}, "t1"),
    ],
)
def test_the_header_counts_before_the_cookie(headers, token):
    assert guest_of(asking(**headers)) == token


@pytest.mark.parametrize(("seconds", "is_secure"), [(0, False), (31_536_000, True)])
def test_where_browsers_come_by_tls_alone_so_does_the_cookie(seconds, is_secure):
    with config.patch({"HSTS_SECONDS": seconds}):
        assert cookie("t1", 60).endswith("; Secure") == is_secure
