"""Clients of the API of today can go on with the one of tomorrow, or hear why not."""

from copy import deepcopy

import pytest

from gateway.resources.docs import CONTRACT
from ops.compatibility.contract import Contracts
from ops.compatibility.references import Document
from ops.compatibility.tree import Here

PLACE = "POST /v1/orders"
DOCUMENT = {
    "paths": {
        "/v1/orders": {
            "post": {
                "operationId": "place_order",
                "security": [{"bearer": ["customer", "admin"]}],
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
                    }
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Draft"}
                        }
                    }
                },
                "responses": {
                    "201": {
                        "description": "Created",
                        "headers": {"Location": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Order"}
                            }
                        },
                    },
                    "409": {"description": "Conflict"},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Draft": {
                "type": "object",
                "properties": {
                    "note": {"type": ["string", "null"], "maxLength": 80},
                    "kind": {"type": "string", "enum": ["gift", "own"]},
                    "parent": {"$ref": "#/components/schemas/Draft"},
                },
                "required": ["kind"],
                "additionalProperties": False,
            },
            "Order": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "status": {"type": "string", "enum": ["pending", "done"]},
                    "gone_at": {"type": "string"},
                    "lines": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"sku": {}}},
                    },
                },
                "required": ["id", "status", "lines"],
                "additionalProperties": False,
            },
        }
    },
}


def breaks(change):
    after = deepcopy(DOCUMENT)
    change(after)
    return list(Contracts(Document(DOCUMENT), Document(after)).breaks())


def operation(document):
    return document["paths"]["/v1/orders"]["post"]


def draft(document):
    return document["components"]["schemas"]["Draft"]


def order(document):
    return document["components"]["schemas"]["Order"]


def put(find, **said):
    """``find(document)`` has what is ``said``, deep inside by names with a __."""

    def change(document):
        for trail, value in said.items():
            *path, last = trail.split("__")
            node = find(document)
            for name in path:
                node = node[name]
            node[last] = value

    return change


def drop(find, *path):
    def change(document):
        node = find(document)
        for name in path[:-1]:
            node = node[name]
        del node[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (drop(lambda d: d, "paths", "/v1/orders"), "is gone, and was not deprecated"),
        (put(operation, operationId="buy"), "operationId is buy"),
        (
            put(operation, security=[{"bearer": ["admin", "support"]}]),
            "bearer with customer, admin no longer suffices",
        ),
        (put(operation, parameters=[]), "parameter query limit is gone"),
        (
            put(
                operation,
                parameters=[
                    *operation(DOCUMENT)["parameters"],
                    {"name": "Key", "in": "header", "required": True, "schema": {}},
                ],
            ),
            "parameter header Key is required now",
        ),
        (put(operation, requestBody={"content": {}}), "no longer be application/json"),
        (drop(operation, "responses", "201"), "never answers 201 any more"),
        (put(operation, responses__202={}), "may answer 202 now"),
        (drop(operation, "responses", "201", "headers"), "header Location is gone"),
        (put(draft, required=["kind", "note"]), "body note has to be there now"),
        (drop(draft, "properties", "note"), "body note is no longer known"),
        (
            put(draft, properties__note={"type": "string", "maxLength": 80}),
            "body note may no longer be a null",
        ),
        (
            put(draft, properties__note__maxLength=40),
            "body note has to keep to maxLength 40 now",
        ),
        (
            put(draft, properties__kind__enum=["gift"]),
            "body kind may no longer be own",
        ),
        (
            put(draft, properties__note__pattern="^a"),
            "body note has to keep to pattern ^a now",
        ),
        (put(order, required=["id", "lines"]), "answer status may be missing now"),
        (
            put(order, properties__id__type=["string", "null"]),
            "answer id may be a null now",
        ),
        (
            put(order, properties__status__enum=["pending", "done", "lost"]),
            "answer status may be lost now",
        ),
        (
            put(order, properties__id={"type": "string"}),
            "answer id no longer keeps to format uuid",
        ),
        (
            put(order, properties__lines__items={"type": "string"}),
            "answer lines[] may be a string now",
        ),
    ],
)
def test_what_breaks_a_client_is_told(change, told):
    [found] = breaks(change)

    assert found.startswith(f"{PLACE}: ")
    assert told in found


@pytest.mark.parametrize(
    "change",
    [
        lambda document: None,
        put(lambda d: d["paths"], **{"/v1/gifts": {"get": {"responses": {}}}}),
        put(operation, security=[{"bearer": ["customer"]}]),
        put(operation, security=[{}]),
        put(operation, responses__418={"description": "A teapot"}),
        put(draft, required=[]),
        put(draft, additionalProperties=True),
        put(draft, properties__new={"type": "string"}),
        put(draft, properties__note__maxLength=800),
        put(draft, properties__kind__enum=["gift", "own", "other"]),
        put(order, properties__new={"type": "string"}),
        put(order, required=["id", "status", "lines", "gone_at"]),
        put(order, properties__status__enum=["done"]),
        drop(order, "properties", "gone_at"),
        put(order, description="Said better"),
    ],
)
def test_what_only_adds_breaks_nobody(change):
    assert breaks(change) == []


def test_what_was_deprecated_may_go():
    before = deepcopy(DOCUMENT)
    operation(before)["deprecated"] = True

    assert not list(Contracts(Document(before), Document({"paths": {}})).breaks())


def test_the_contract_of_the_shop_is_compatible_with_itself():
    contract = Document(Here(CONTRACT.parent).read(CONTRACT.name))

    assert contract.content["paths"]
    assert list(Contracts(contract, contract).breaks()) == []
