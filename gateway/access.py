"""Who may do what: every route of the gateway, in the order of the contract.

A route that is not here does not start.  Whose a thing is, is for the service
that owns it to see: what is not for the caller is not there, 404.
"""

from enum import StrEnum

from gateway.auth import ANYONE, MAYBE_SIGNED_IN, SIGNED_IN, Allow, guests_and, only


class Whose(StrEnum):
    """Of the things behind a route, those that the caller may see or change."""

    ANYONES = "anyone's"
    PUBLISHED = "published, or the shop's own"
    OWN = "own"
    SHOPS = "the shop's own"
    OWN_OR_SUPPORTS = "own, or anyone's for support"
    BOUGHT = "anyone's, once bought"


ANYONES, PUBLISHED, OWN, SHOPS, OWN_OR_SUPPORTS, BOUGHT = Whose
CUSTOMER, SELLER, ADMIN = only("customer"), only("seller"), only("admin")
SHOPPER = guests_and("customer")
SUPPORT, READER = only("support"), only("customer", "support")

# fmt: off
TABLE: dict[str, tuple[Allow, Whose]] = {
    "GET /healthz":                          (ANYONE,          ANYONES),
    "GET /readyz":                           (ANYONE,          ANYONES),
    "GET /openapi.json":                     (ANYONE,          ANYONES),
    "GET /docs":                             (ANYONE,          ANYONES),
    "GET /docs/{name}":                      (ANYONE,          ANYONES),
    "GET /.well-known/jwks.json":            (ANYONE,          ANYONES),

    "POST /v1/users":                        (ANYONE,          ANYONES),
    "POST /v1/auth/tokens":                  (ANYONE,          ANYONES),
    "DELETE /v1/auth/tokens/current":        (SIGNED_IN,       OWN),
    "POST /v1/auth/password-resets":         (ANYONE,          ANYONES),
    "PUT /v1/auth/password-resets/{token}":  (ANYONE,          ANYONES),
    "GET /v1/users/me":                      (SIGNED_IN,       OWN),
    "PUT /v1/users/me/password":             (SIGNED_IN,       OWN),
    "PATCH /v1/users/me":                    (SIGNED_IN,       OWN),
    "DELETE /v1/users/me":                   (SIGNED_IN,       OWN),
    "GET /v1/users/me/export":               (SIGNED_IN,       OWN),
    "GET /v1/users/me/preferences":          (SIGNED_IN,       OWN),
    "PUT /v1/users/me/preferences":          (SIGNED_IN,       OWN),
    "GET /v1/users/me/addresses":            (SIGNED_IN,       OWN),
    "POST /v1/users/me/addresses":           (SIGNED_IN,       OWN),
    "GET /v1/users/me/addresses/{address_id}":
                                             (SIGNED_IN,       OWN),
    "PATCH /v1/users/me/addresses/{address_id}":
                                             (SIGNED_IN,       OWN),
    "DELETE /v1/users/me/addresses/{address_id}":
                                             (SIGNED_IN,       OWN),
    "GET /v1/users":                         (ADMIN,           ANYONES),
    "GET /v1/users/{user_id}":               (ADMIN,           ANYONES),
    "PUT /v1/users/{user_id}/roles":         (ADMIN,           ANYONES),

    "POST /v1/sellers":                      (SIGNED_IN,       OWN),
    "PATCH /v1/sellers/{seller_id}":         (ADMIN,           ANYONES),
    "GET /v1/sellers":                       (ANYONE,          ANYONES),
    "GET /v1/sellers/{seller_id}":           (ANYONE,          ANYONES),

    "GET /v1/products":                      (ANYONE,          ANYONES),
    "GET /v1/products/{product_id}":         (MAYBE_SIGNED_IN, PUBLISHED),
    "GET /v1/categories":                    (ANYONE,          ANYONES),
    "POST /v1/products":                     (SELLER,          SHOPS),
    "PATCH /v1/products/{product_id}":       (SELLER,          SHOPS),
    "DELETE /v1/products/{product_id}":      (SELLER,          SHOPS),
    "POST /v1/products/batch":               (SELLER,          SHOPS),
    "GET /v1/products/{product_id}/inventory":
                                             (SELLER,          SHOPS),
    "POST /v1/products/{product_id}/inventory/adjustments":
                                             (SELLER,          SHOPS),

    "GET /v1/products/{product_id}/reviews":
                                             (ANYONE,          ANYONES),
    "POST /v1/products/{product_id}/reviews":
                                             (CUSTOMER,        BOUGHT),

    "GET /v1/cart":                          (SHOPPER,         OWN),
    "DELETE /v1/cart":                       (SHOPPER,         OWN),
    "PUT /v1/cart/items/{product_id}":       (SHOPPER,         OWN),
    "DELETE /v1/cart/items/{product_id}":    (SHOPPER,         OWN),
    "POST /v1/payment-events":               (ANYONE,          ANYONES),
    "POST /v1/orders":                       (CUSTOMER,        OWN),
    "GET /v1/orders":                        (READER,          OWN_OR_SUPPORTS),
    "GET /v1/orders/{order_id}":             (READER,          OWN_OR_SUPPORTS),
    "GET /v1/orders/{order_id}/history":     (READER,          OWN_OR_SUPPORTS),
    "POST /v1/orders/{order_id}/cancellation":
                                             (CUSTOMER,        OWN),
    "POST /v1/orders/{order_id}/refunds":    (SUPPORT,         ANYONES),
    "PATCH /v1/fulfilments/{fulfilment_id}": (SELLER,          SHOPS),
    "GET /v1/sellers/{seller_id}/orders":    (SELLER,          SHOPS),
    "GET /v1/sellers/{seller_id}/dashboard": (SELLER,          SHOPS),
    "GET /v1/sellers/{seller_id}/balance":   (SELLER,          SHOPS),
}
# fmt: on


def who_may(method: str, path: str) -> Allow:
    """Raises ``LookupError`` for a route that the table does not know."""
    route = f"{method} {path}"
    if route not in TABLE:
        raise LookupError(f"gateway/access.py does not say who may {route}")
    return TABLE[route][0]
