"""What to send with an operation: token, path, query, headers and body."""

from typing import Any

from gateway.auth import ANYONE, MAYBE_SIGNED_IN, Allow
from gateway.http import Route
from gateway.request import JSON_TYPES
from ops.openapi import examples
from ops.openapi.components import TEXT, UUID
from ops.openapi.operations import Operation
from ops.openapi.schemas import schema_class


def security(allow: Allow) -> list[dict[str, list[str]]]:
    """In 3.1 a bearer token may name the role it has to have."""
    if allow.token == ANYONE.token:
        return []
    tokens = [{"bearer": [role]} for role in sorted(allow.roles)] or [{"bearer": []}]
    return [{}, *tokens] if allow.token == MAYBE_SIGNED_IN.token else tokens


def parameters(operation: Operation) -> list[Any]:
    """At the operation, not at its path: Swagger UI loses references there."""
    route = operation.route
    path = [path_parameter(name) for name in operation.path_values]
    told = {
        "IfMatch": route.guards,
        "IfNoneMatch": route.method == "GET",
        "CartToken": operation.is_for_guests,
    }
    named = [name for name, is_told in told.items() if is_told]
    return [
        *path,
        *query_parameters(route),
        *key_parameters(route),
        *named,
        "RequestId",
    ]


def key_parameters(route: Route) -> list[str]:
    if route.keyed:
        return ["IdempotencyKey"]
    return ["OptionalIdempotencyKey"] if route.keyable else []


def query_parameters(route: Route) -> list[Any]:
    return [{"in": "query", "schema": schema_class(route.query)}] if route.query else []


def path_parameter(name: str) -> dict[str, Any]:
    schema = TEXT if name in examples.SECRETS else UUID
    example = examples.of_path_value(name)
    return {"name": name, "in": "path", "schema": schema, "example": example}


def body(operation: Operation) -> dict[str, Any] | None:
    route = operation.route
    if not route.takes:
        return None
    content = {
        "schema": schema_class(route.takes),
        "examples": examples.of_body(operation),
    }
    types = JSON_TYPES if route.method == "PATCH" else JSON_TYPES[:1]
    return {"required": True, "content": {name: dict(content) for name in types}}
