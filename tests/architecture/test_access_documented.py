"""The code and the document say the same of who may do what."""

from inspect import getmembers

import pytest
from nameko.web.handlers import HttpRequestHandler

from gateway.access import TABLE, Whose, who_may
from gateway.auth import ANYONE, MAYBE_SIGNED_IN, SIGNED_IN
from gateway.http import HttpEntrypoint, http
from gateway.service import GatewayService
from tests.access import RULES

WORDS = {
    ANYONE: "anyone",
    MAYBE_SIGNED_IN: "anyone, signed in or not",
    SIGNED_IN: "signed in",
}


def entrypoints():
    return [
        entrypoint
        for _, method in getmembers(GatewayService)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, HttpRequestHandler)
    ]


def said(allow):
    guests = ["guest"] if allow.token == MAYBE_SIGNED_IN.token else []
    return WORDS.get(allow) or " or ".join([*sorted(allow.roles), *guests])


def test_the_document_is_the_table():
    documented = {rule.route: (rule.who, rule.whose) for rule in RULES}

    assert documented == {
        route: (said(allow), whose.value) for route, (allow, whose) in TABLE.items()
    }
    assert [rule.route for rule in RULES] == list(TABLE)


def test_every_row_has_a_route_and_every_route_a_row():
    routes = [entrypoint.route for entrypoint in entrypoints()]

    assert {f"{route.method} {route.path}" for route in routes} == set(TABLE)


def test_every_route_admits_whom_the_table_says():
    for entrypoint in entrypoints():
        assert isinstance(entrypoint, HttpEntrypoint)
        route = entrypoint.route
        assert route.allow == who_may(route.method, route.path)


def test_a_route_that_the_table_does_not_know_does_not_start():
    with pytest.raises(LookupError, match=r"does not say who may PATCH /v1/\{name\}"):
        http("PATCH", "/v1/<name>")


def test_what_is_behind_an_open_route_is_everybodys():
    for route, (allow, whose) in TABLE.items():
        is_open = allow in (ANYONE, MAYBE_SIGNED_IN)
        assert not is_open or whose in (Whose.ANYONES, Whose.PUBLISHED), route
