"""The parts of the document that no marshmallow schema describes."""

from typing import Any

from gateway.guests import COOKIE, HEADER
from gateway.problems import CHALLENGE
from gateway.request import REQUEST_ID, VISIBLE
from gateway.resources.health import NEEDED, SERVERS
from ops.openapi import examples
from product_service.storage.facets import MOST_COUNTED, MOST_VALUES

TEXT = {"type": "string"}
UUID = {"type": "string", "format": "uuid"}
REASONS = {"type": "object", "additionalProperties": TEXT}


def whole(**properties: Any) -> dict[str, Any]:
    """An object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def about(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": schema}


PROBLEM = whole(
    type={"type": "string", "format": "uri", "description": "A URN of the `code`."},
    title=TEXT,
    status={"type": "integer", "minimum": 400, "maximum": 599},
    detail={**TEXT, "description": "What happened, in words for people."},
    code={
        "type": "string",
        "pattern": "^[a-z0-9]+(_[a-z0-9]+)*$",
        "description": "What happened, for programs: it never changes.",
    },
    instance={"type": "string", "format": "uri-reference"},
    request_id={**TEXT, "description": "Tell us this one when you ask for help."},
)
PROBLEM["description"] = "An RFC 9457 problem document."
PROBLEM["properties"] |= {
    "errors": {**REASONS, "description": "With 422: what is wrong, by field."},
    "details": {**REASONS, "description": "More about it, by name or identity."},
}

STATES = {"type": "string", "enum": ["passing", "critical", "missing", "unknown"]}
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "kid": "2026-01-01",
    "use": "sig",
    "alg": "ES256",
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": PROBLEM,
    "Health": whole(status={"type": "string", "const": "alive"}),
    "Readiness": whole(
        status={"type": "string", "enum": ["ready", "not_ready"]},
        dependencies={
            "type": "object",
            "additionalProperties": STATES,
            "examples": [dict.fromkeys(NEEDED, "passing")],
        },
        warnings={
            "type": "array",
            "items": TEXT,
            "description": "What does not work, though the shop may be open.",
            "examples": [[SERVERS["redis"]]],
        },
    ),
    "JwkSet": whole(keys={"type": "array", "items": whole(**dict.fromkeys(KEY, TEXT))})
    | {"description": "A JWK set (RFC 7517).", "examples": [{"keys": [KEY]}]},
    "Contract": {"type": "object", "description": "An OpenAPI 3.1 document."},
}

COUNT = {"type": "integer", "minimum": 0}
BANDS = {"from": COUNT, "to": {"type": ["integer", "null"]}, "count": COUNT}
SCHEMAS["Facets"] = {
    **whole(
        categories={"type": "array", "items": whole(value=TEXT, count=COUNT)},
        sellers={"type": "array", "items": whole(value=UUID, count=COUNT)},
        prices={"type": "array", "items": whole(**BANDS)},
        in_stock=COUNT,
    ),
    "description": (
        f"Of the newest {MOST_COUNTED:,} products that are found, how many are of "
        f"which kind: the {MOST_VALUES} most frequent categories, with those above "
        "them, and sellers; prices from one amount to below another; and how many "
        "can be had now."
    ),
    "examples": [
        {
            "categories": [{"value": "kitchen", "count": 31}],
            "sellers": [{"value": examples.SELLER, "count": 31}],
            "prices": [{"from": 2500, "to": 5000, "count": 31}],
            "in_stock": 28,
        }
    ],
}
# What a list tells beside its items, for those who ask.
BESIDE = {"ProductPage": {"facets": "Facets"}}

HEADERS = {
    "ETag": about(
        "Names this version of it: send it back as `If-None-Match` or `If-Match`.",
        type="string",
        examples=['"3-5d41402abc4b2a76"'],
    ),
    "RateLimit": about(
        "How many requests are left, and in how many seconds all are again.",
        type="string",
        examples=['"browse";r=2999;t=1'],
    ),
    "RateLimit-Policy": about(
        "How many requests may be made in how many seconds.",
        type="string",
        examples=['"browse";q=3000;w=60'],
    ),
    "X-Request-Id": about(
        "Your name for this request, or ours where you gave none.", type="string"
    ),
    "Allow": about("The methods that this path knows.", type="string"),
    "Location": about("Where it is.", type="string", format="uri-reference"),
    "Idempotent-Replayed": about(
        "`true` when this answer was given before, under the same key.",
        type="string",
        const="true",
    ),
    "Cart-Token": about("A guest finds this cart again by it.", type="string"),
    "Set-Cookie": about(
        f"`{COOKIE}`: a guest's cart, or, once a customer has it, no more of it.",
        type="string",
    ),
    "Retry-After": about("Seconds to wait.", type="string", pattern="^[0-9]+$"),
    "WWW-Authenticate": about(f"`{CHALLENGE}`", type="string"),
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    **about(
        "A name you make up for this change, the same for every retry of it.",
        type="string",
        pattern=f"^{VISIBLE.pattern}$",
        examples=[examples.REQUEST],
    ),
}

PARAMETERS = {
    "RequestId": {
        "name": "X-Request-Id",
        **about(
            "Your own name for this request; it comes back, and is in our logs. "
            f"Any but `{REQUEST_ID.pattern}` gives way to one of ours.",
            type="string",
        ),
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        **about("The `ETag` of what you have; 304 if it is still so.", type="string"),
    },
    "IfMatch": {
        "name": "If-Match",
        "required": True,
        **about("The `ETag` of what you have read and mean to change.", type="string"),
    },
    "CartToken": {
        "name": HEADER,
        **about(
            f"Of a guest's cart, as `PUT /v1/cart/items/…` gave it; the `{COOKIE}` "
            "cookie does as well. One that is not good is none.",
            type="string",
        ),
    },
    "IdempotencyKey": IDEMPOTENCY_KEY | {"required": True},
    "OptionalIdempotencyKey": IDEMPOTENCY_KEY,
}

# What the query's schemas leave unsaid.
QUERY = {
    "limit": "How many to list at the most.",
    "cursor": "The `next` of the page before.",
    "status": "Only those with this status.",
    "customer_id": "Of this customer; for support, who have to name one.",
    "days": "How many days of UTC, today included.",
    "q": "Words to look for, in titles, descriptions, skus and names of categories.",
    "category": "The `slug` of a category; what lies in those below it is found too.",
    "seller_id": "Only what this seller offers.",
    "min_price": "In minor units.",
    "max_price": "In minor units.",
    "in_stock": "Only what can be had now, or only what cannot.",
    "sort": "`relevance` when there are words to look for, else `newest`.",
    "facets": "Tell how many are of which kind, too.",
}

BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The `access_token` of `POST /v1/auth/tokens`.",
}
