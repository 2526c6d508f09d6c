"""Puts the document together, and writes it where the gateway serves it from."""

import json
import tomllib
from pathlib import Path
from typing import Any

from apispec import APISpec

from gateway.resources.docs import CONTRACT
from ops.openapi import components, problems
from ops.openapi.answers import answers, list_name, list_schema, listed
from ops.openapi.operations import Operation, all_operations
from ops.openapi.requests import body, parameters, security
from ops.openapi.schemas import Plugin

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
DESCRIPTION = """\
A marketplace: sellers offer products, customers order them.

- **Sign in** with `POST /v1/auth/tokens`, and send the `access_token` as
  `Authorization: Bearer …` for the seconds of `expires_in`. The `refresh_token` gives
  the next pair, once.
- **Money** is whole minor units, `{"amount": 2650, "currency": "GBP"}`; **times** are
  ISO 8601 in UTC; **ids** are UUIDs.
- **Lists** come a page at a time: give `next` back as `cursor` until it is null.
- **Retries**: a request with an `Idempotency-Key` happens once. The same key and body
  get the same answer again, with `Idempotent-Replayed: true`.
- **Problems** are `application/problem+json` (RFC 9457). Decide by `code`; quote the
  `request_id` when you ask for help.
- **Payment tokens** of the sandbox provider: `tok_visa` pays; `tok_declined` and
  `tok_insufficient_funds` do not; `tok_flaky` fails once; `tok_timeout` never answers.
"""


def build() -> dict[str, Any]:
    """The whole contract, in the order in which its routes are written."""
    spec, plugin = blank()
    for operation in all_operations():
        if (operation.route.gives or "").startswith("["):
            add_list(spec, plugin, operation)
        spec.path(
            operation.path,
            operations={operation.route.method.lower(): written(operation)},
        )
    return in_order(spec.to_dict())


def blank() -> tuple[APISpec, Plugin]:
    """The document without its paths."""
    plugin = Plugin()
    spec = APISpec(
        "ShopNow",
        tomllib.loads(PROJECT.read_text())["project"]["version"],
        "3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION},
        servers=[{"url": "/"}],
    )
    for tag in dict.fromkeys((op.tag, op.about) for op in all_operations()):
        spec.tag(dict(zip(("name", "description"), tag, strict=True)))
    add_components(spec)
    return spec, plugin


def add_components(spec: APISpec) -> None:
    add = spec.components
    add.security_scheme("bearer", components.BEARER)
    for name, header in components.HEADERS.items():
        add.header(name, header)
    for name, parameter in components.PARAMETERS.items():
        add.parameter(name, "header", parameter)
    for name, schema in components.SCHEMAS.items():
        add.schema(name, schema)
    for name, response in problems.common().items():
        add.response(name, response)


def add_list(spec: APISpec, plugin: Plugin, operation: Operation) -> None:
    name = list_name(operation.route)
    if name not in spec.components.schemas and plugin.converter:
        plugin.converter.resolve_nested_schema(listed(operation.route))
        spec.components.schema(name, list_schema(operation.route))


def written(operation: Operation) -> dict[str, Any]:
    """An operation as OpenAPI writes it."""
    summary, description = operation.words
    told = problems.responses(operation) | answers(operation)
    parts = {
        "tags": [operation.tag],
        "summary": summary,
        "description": description,
        "operationId": operation.name,
        "security": security(operation.route.allow),
        "parameters": parameters(operation),
        "requestBody": body(operation),
        "responses": dict(sorted(told.items())) | {"default": "AnyOther"},
    }
    return {name: part for name, part in parts.items() if part}


def in_order(found: dict[str, Any]) -> dict[str, Any]:
    """First things first; components by kind and name."""
    names = ("openapi", "info", "servers", "tags", "paths", "components")
    kinds = sorted(found["components"].items())
    parts = {kind: dict(sorted(named.items())) for kind, named in kinds}
    return {name: (found | {"components": parts})[name] for name in names}


def write() -> Path:
    """Write ``gateway/openapi.json``; its path."""
    text = json.dumps(build(), indent=1, ensure_ascii=False)
    CONTRACT.write_text(text + "\n")
    return CONTRACT
