"""What comes back from an operation when all is well."""

from http import HTTPStatus
from typing import Any

from common.pages import PageDraft
from gateway.http import Route
from gateway.resources.health import NEVER
from ops.openapi.components import BESIDE
from ops.openapi.examples import CURSOR
from ops.openapi.operations import Operation
from ops.openapi.schemas import component_name, schema_class

# What else may come back, in the same form.
OTHERWISE = {
    "place_order": (202, "A step is still running: read the order at its Location"),
    "readyz": (503, "A part of the shop is away"),
}
# An adjustment is a line in a ledger, and cannot be read by itself.
UNADDRESSED = {"adjust_inventory"}
TAGGED = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NOT_MODIFIED)
NOT_MODIFIED = "You have it already"

NEXT = {
    "type": ["string", "null"],
    "description": "The `cursor` of the next page; null on the last one.",
    "examples": [CURSOR],
}


def answers(operation: Operation) -> dict[str, Any]:
    status = operation.route.status
    usual = {str(status): answer(operation, status, HTTPStatus(status).phrase)}
    if operation.route.method == "GET":
        usual["304"] = {
            "description": NOT_MODIFIED,
            "headers": headers(operation, HTTPStatus.NOT_MODIFIED),
        }
    if operation.name not in OTHERWISE:
        return usual
    other, description = OTHERWISE[operation.name]
    return usual | {str(other): answer(operation, other, description)}


def answer(operation: Operation, status: int, description: str) -> dict[str, Any]:
    route, found = operation.route, headers(operation, status)
    content = {route.media_type: {"schema": given(route)}} if route.gives else None
    parts = {"description": description, "headers": found, "content": content}
    return {name: part for name, part in parts.items() if part}


def headers(operation: Operation, status: int) -> dict[str, str]:
    route = operation.route
    has_location = (
        route.status == HTTPStatus.CREATED and operation.name not in UNADDRESSED
    )
    is_limited = route.limit != NEVER
    told = {
        "Location": has_location,
        "ETag": status in TAGGED and is_tagged(operation, has_location),
        "Idempotent-Replayed": route.keyed or route.keyable,
        "RateLimit": is_limited,
        "RateLimit-Policy": is_limited,
        "Cart-Token": operation.name == "put_in_cart",
        "Set-Cookie": operation.is_for_guests and status != HTTPStatus.NOT_MODIFIED,
        "X-Request-Id": True,
        "Retry-After": status in OTHERWISE.get(operation.name, ()),
    }
    return {name: name for name, is_told in told.items() if is_told}


def is_tagged(operation: Operation, has_location: bool) -> bool:
    """Whether the answer is the thing itself, as one would read it again."""
    route = operation.route
    whole = route.method in ("GET", "PUT", "PATCH") or has_location
    return bool(whole and route.gives and not route.secret)


def given(route: Route) -> Any:
    """The schema class, or the name of a component."""
    name = str(route.gives)
    if name.startswith("["):
        return list_name(route)
    return schema_class(name) if "." in name else name


def listed(route: Route) -> Any:
    return schema_class(str(route.gives).strip("[]"))


def is_paged(route: Route) -> bool:
    return bool(route.query) and issubclass(schema_class(str(route.query)), PageDraft)


def list_name(route: Route) -> str:
    return component_name(listed(route)) + ("Page" if is_paged(route) else "List")


def list_schema(route: Route) -> dict[str, Any]:
    items = {"type": "array", "items": component_name(listed(route))}
    properties = {"items": items} | ({"next": NEXT} if is_paged(route) else {})
    return {
        "type": "object",
        "properties": properties | BESIDE.get(list_name(route), {}),
        "required": list(properties),
    }
