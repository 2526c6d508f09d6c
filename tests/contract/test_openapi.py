"""The contract says what the gateway does, and everything in it holds together."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from common.schemas import parse, show
from gateway.auth import ANYONE, SIGNED_IN
from gateway.http import HttpEntrypoint, Route
from gateway.problems import STATUS, STATUS_OF_CODE
from gateway.resources.docs import CONTRACT
from gateway.service import GatewayService
from ops.openapi import build
from order_service.domain.cart import Wish, price_cart
from order_service.schemas import CartView, OrderView
from product_service.schemas import ProductView, SellerView
from tests.builders import TEA, a_product, a_seller, an_order, pounds

METHODS = {"get", "post", "put", "patch", "delete"}
DOCUMENT = json.loads(CONTRACT.read_text())
PROBLEM = "application/problem+json"
NONE: dict[str, Any] = {"examples": {}}
WISH = Wish(TEA, "Tea", 2, pounds(450))


def routes() -> dict[str, Route]:
    """By name of the method, as Nameko finds them."""
    return {
        name: entrypoint.route
        for name, method in getmembers(GatewayService)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, HttpEntrypoint)
        and not entrypoint.route.url.startswith("/docs")
    }


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation | {"at": (method.upper(), path)}
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def walk(node: Any, *trail: Any) -> Iterator[tuple[tuple, Any]]:
    yield trail, node
    inside = node.items() if isinstance(node, dict) else ()
    inside = enumerate(node) if isinstance(node, list) else inside
    for name, inner in inside:
        yield from walk(inner, *trail, name)


def resolve(node: dict[str, Any]) -> Any:
    """What a reference stands for; everything else stands for itself."""
    if "$ref" not in node:
        return node
    found = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def check(value: Any, schema: dict[str, Any]) -> None:
    whole = schema | {"components": DOCUMENT["components"]}
    formats = Draft202012Validator.FORMAT_CHECKER
    Draft202012Validator(whole, format_checker=formats).validate(value)


def responses(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        status: resolve(response) for status, response in operation["responses"].items()
    }


def problems(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The problems that are shown, by the status they are told under."""
    for status, response in responses(operation).items():
        content = response.get("content", {}).get(PROBLEM, {"examples": {}})
        if status != "default":
            yield from ((status, one["value"]) for one in content["examples"].values())


def shown_problems(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of any other kind too, whose statuses go without saying."""
    for response in responses(operation).values():
        for example in (
            response.get("content", {}).get(PROBLEM, NONE)["examples"].values()
        ):
            yield example["value"]


def examples() -> list[Any]:
    """Every example, with the schema that it is an example of."""
    return [
        pytest.param(value, schema, id="/".join(map(str, trail)))
        for trail, node in walk(DOCUMENT)
        if isinstance(node, dict)
        for value, schema in shown(node)
    ]


def shown(node: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    given = node.get("examples", [])
    if isinstance(given, list):
        yield from ((value, node) for value in given)
    elif isinstance(node.get("schema"), dict):
        yield from ((one["value"], node["schema"]) for one in given.values())
    if "example" in node:
        yield node["example"], node["schema"]


EACH = pytest.mark.parametrize("name", sorted(routes()))


def test_what_is_committed_is_what_the_code_says():
    assert build() == DOCUMENT, "run `shopnow openapi`"


def test_it_is_openapi_3_1():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_route_is_in_it_and_nothing_else():
    promised = {name: operation["at"] for name, operation in operations().items()}
    kept = {
        name: (route.method, re.sub("<(id:)?", "{", route.url).replace(">", "}"))
        for name, route in routes().items()
    }

    assert promised == kept


def test_every_reference_leads_somewhere():
    references = [node for _, node in walk(DOCUMENT) if isinstance(node, dict)]

    assert all(resolve(node) for node in references if "$ref" in node)


def test_no_component_is_left_over():
    used = {node for trail, node in walk(DOCUMENT) if trail and trail[-1] == "$ref"}
    kept = {
        f"#/components/{kind}/{name}"
        for kind, parts in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in parts
    }

    assert kept == used


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_every_schema_is_a_json_schema(name):
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


@pytest.mark.parametrize(("value", "schema"), examples())
def test_every_example_fits_its_schema(value, schema):
    check(value, schema)


@EACH
def test_what_the_examples_send_is_accepted(name):
    route, body = routes()[name], operations()[name].get("requestBody")
    service, _, schema = (route.takes or "").partition(".")

    assert bool(route.takes) == bool(body)
    for content in body["content"].values() if body else ():
        draft = getattr(import_module(f"{service}.schemas"), schema)
        assert content["examples"]
        for example in content["examples"].values():
            parse(draft, example["value"])


@EACH
def test_a_body_with_an_unknown_key_is_refused(name):
    body = operations()[name].get("requestBody", {"content": {}})

    for content in body["content"].values():
        assert resolve(content["schema"])["additionalProperties"] is False


@EACH
def test_who_may_use_a_route_is_said(name):
    allow, operation = routes()[name].allow, operations()[name]
    ways = operation.get("security", [{}])

    assert {role for way in ways for role in way.get("bearer", [])} == allow.roles
    assert ({"bearer"} in map(set, ways)) == (allow.token != ANYONE.token)
    assert ({} in ways) == (allow.token != SIGNED_IN.token)


@EACH
def test_a_token_may_be_bad_and_a_role_may_lack(name):
    allow, operation = routes()[name].allow, operations()[name]

    assert ("403" in operation["responses"]) == bool(allow.roles)
    assert "401" in operation["responses"] or allow.token == ANYONE.token


@EACH
def test_a_key_is_asked_for_where_it_is_read(name):
    route, parameters = routes()[name], operations()[name].get("parameters", [])
    keys = "#/components/parameters/{}IdempotencyKey".format

    assert ({"$ref": keys("")} in parameters) == route.keyed
    assert ({"$ref": keys("Optional")} in parameters) == route.keyable


@EACH
def test_a_problem_is_told_under_its_own_status(name):
    for status, problem in problems(operations()[name]):
        assert str(problem["status"]) == status


@EACH
def test_everything_else_is_a_problem_too(name):
    assert PROBLEM in responses(operations()[name])["default"]["content"]


def test_every_code_with_a_status_of_its_own_is_shown():
    told = {
        problem["code"]: problem["status"]
        for operation in operations().values()
        for problem in shown_problems(operation)
    }

    assert STATUS_OF_CODE.items() <= told.items()
    assert set(STATUS.values()) <= set(told.values())


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Cart", show(CartView, price_cart([WISH], {}, 1))),
        ("Order", show(OrderView, an_order())),
        ("Product", show(ProductView, a_product())),
        ("Seller", show(SellerView, a_seller())),
    ],
)
def test_what_is_answered_fits_its_schema(name, answer):
    check(answer, {"$ref": f"#/components/schemas/{name}"})
