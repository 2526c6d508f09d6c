"""What may go wrong with an operation: by rule at the door, by table in the shop.

Every refusal is made by the code that gives it, so no code or word is copied here.
"""

from collections.abc import Iterator

from werkzeug.exceptions import NotFound

from common.errors import (
    Invalid,
    circuit_open,
    deadline_exceeded,
    overloaded,
    rate_limited,
    service_unavailable,
)
from common.money import Money
from common.tokens import bad_token, role_required, token_required
from gateway import errors as door
from gateway.auth import ANYONE, SIGNED_IN
from gateway.limits import NEVER
from gateway.request import LARGEST_BODY
from ops.openapi.examples import ADDRESS_ID, CUSTOMER, ORDER, PARCEL, PRODUCT, SELLER
from ops.openapi.operations import Operation
from order_service.domain import errors as orders
from order_service.storage.carts import MOST_PRODUCTS
from product_service.domain import errors as products
from user_service.domain import errors as users
from user_service.domain.address import MOST_ADDRESSES

UNAVAILABLE = (
    service_unavailable(),
    deadline_exceeded(),
    overloaded(),
    circuit_open(),
    door.maintenance(60),
)

OF_THE_SHOP: dict[str, tuple[Exception, ...]] = {
    "register_user": (
        users.email_taken(),
        users.too_many_sign_ins(),
        users.request_in_progress(),
        users.idempotency_key_reused(),
    ),
    **dict.fromkeys(
        (
            "get_user",
            "change_user",
            "export_user",
            "get_any_user",
            "get_preferences",
            "put_preferences",
        ),
        (users.no_such_user(CUSTOMER),),
    ),
    "add_address": (
        users.no_such_user(CUSTOMER),
        users.too_many_addresses(MOST_ADDRESSES),
        users.idempotency_key_reused(),
    ),
    **dict.fromkeys(
        ("get_address", "change_address", "remove_address"),
        (users.no_such_address(ADDRESS_ID),),
    ),
    "issue_tokens": (
        users.invalid_credentials(),
        users.too_many_attempts(1),
        users.invalid_refresh_token(),
        users.refresh_token_reused(),
        users.too_many_attempts(1),
        users.too_many_sign_ins(),
    ),
    "reset_password": (users.invalid_reset_token(), users.too_many_sign_ins()),
    "change_password": (
        users.invalid_credentials(),
        users.no_such_user(CUSTOMER),
        users.too_many_attempts(1),
        users.too_many_sign_ins(),
    ),
    "set_roles": (
        users.no_such_user(CUSTOMER),
        users.seller_role_needs_shop(),
        users.last_admin(),
    ),
    "register_seller": (
        products.already_a_seller(SELLER),
        products.idempotency_key_reused(),
    ),
    "get_seller": (products.no_such_seller(SELLER),),
    "change_seller_status": (
        products.no_such_seller(SELLER),
        products.seller_closed(SELLER),
        products.stale(),
    ),
    "create_product": (
        products.seller_not_active(SELLER),
        products.sku_taken("FM-SALT-001"),
        products.idempotency_key_reused(),
    ),
    "change_product": (
        products.no_such_product(PRODUCT),
        products.product_archived(PRODUCT),
        products.sku_taken("FM-SALT-001"),
        products.stale(),
    ),
    "archive_product": (products.no_such_product(PRODUCT), products.stale()),
    "import_products": (
        products.seller_not_active(SELLER),
        products.idempotency_key_reused(),
    ),
    "get_product": (products.no_such_product(PRODUCT),),
    "list_reviews": (products.no_such_product(PRODUCT),),
    "add_review": (
        products.no_such_product(PRODUCT),
        products.not_a_buyer(),
        products.already_reviewed(),
        products.idempotency_key_reused(),
    ),
    "get_inventory": (products.no_such_product(PRODUCT),),
    "adjust_inventory": (
        products.no_such_product(PRODUCT),
        products.insufficient_stock(),
        products.idempotency_key_reused(),
    ),
    "put_in_cart": (
        orders.no_such_product(PRODUCT),
        orders.cart_full(MOST_PRODUCTS),
    ),
    "take_payment_event": (orders.invalid_signature(), orders.no_payment_events()),
    "place_order": (
        orders.payment_declined("card_declined"),
        products.out_of_stock({PRODUCT: 1}),
        orders.not_for_sale([PRODUCT]),
        orders.price_changed(Money(5300, "GBP")),
        orders.cart_empty(),
        orders.cart_in_checkout(),
        orders.checkout_timed_out(),
        orders.request_in_progress(),
        orders.idempotency_key_reused(),
    ),
    **dict.fromkeys(("get_order", "get_order_history"), (orders.no_such_order(ORDER),)),
    "cancel_order": (
        orders.no_such_order(ORDER),
        orders.too_late_to_cancel(),
        orders.illegal_transition("refunded", "cancelled"),
        orders.order_in_progress(),
        orders.idempotency_key_reused(),
    ),
    "refund_order": (
        orders.no_such_order(ORDER),
        orders.illegal_transition("cancelled", "refunded"),
        orders.refund_too_large(Money(5300, "GBP")),
        orders.return_too_large({PRODUCT: 1}),
        orders.request_in_progress(),
        orders.idempotency_key_reused(),
    ),
    "change_fulfilment": (
        orders.no_such_fulfilment(PARCEL),
        orders.illegal_transition("cancelled", "shipped"),
    ),
    **dict.fromkeys(
        ("list_seller_orders", "get_dashboard", "get_seller_balance"),
        (orders.no_such_seller(SELLER),),
    ),
}


def not_valid() -> Invalid:
    details = {"items.0.quantity": "Not a valid integer."}
    return Invalid("invalid", "The request is not valid", details)


def of_token(operation: Operation) -> Iterator[Exception]:
    allow = operation.route.allow
    if allow.token == SIGNED_IN.token:
        yield token_required()
    if allow.token != ANYONE.token:
        yield bad_token()
    if allow.roles:
        yield role_required(allow.roles)


def of_body(operation: Operation) -> Iterator[Exception]:
    if operation.route.takes:
        yield door.malformed_json()
        yield door.malformed_body()
        yield door.request_timeout()
        yield door.content_too_large(LARGEST_BODY)
        yield door.unsupported_media_type()
    if operation.route.keyed or operation.route.keyable:
        yield door.idempotency_key_required()
    if operation.route.takes or operation.route.query:
        yield not_valid()


def refusals(operation: Operation) -> Iterator[Exception]:
    """Everything this operation may answer instead of what was asked for."""
    yield door.not_acceptable()
    if operation.route.limit != NEVER:
        yield rate_limited(1)
    if operation.route.guards:
        yield door.if_match_required()
        yield door.stale()
    yield from of_token(operation)
    yield from of_body(operation)
    if operation.path_values:
        yield NotFound()
    if operation.route.feature:
        yield door.feature_off()
    if operation.asks_others:
        yield from UNAVAILABLE
    elif operation.route.limit != NEVER:
        yield door.maintenance(60)
    yield from OF_THE_SHOP.get(operation.name, ())
