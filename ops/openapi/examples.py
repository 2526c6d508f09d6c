"""One shop, one customer and one order, to show what everything looks like."""

import re
from typing import Any

from common.pages import encode
from ops.openapi.operations import Operation

CUSTOMER = "019b76da-a800-7e21-9d5c-3f0a1c2b4d6e"
SELLER = "019b76da-a801-7c44-8b1f-52d7e6f8091a"
PRODUCT = "019b76da-a802-7f10-a3c6-9b8d7e6f5a4c"
ORDER = "019b76da-a803-7d3b-b7e9-0c1d2e3f4a5b"
PARCEL = "019b76da-a804-7a92-8f6e-d1c2b3a49586"
MOVEMENT = "019b76da-a805-7b58-9c0d-e7f6a5b4c3d2"
REQUEST = "019b76da-a806-7e8d-a1b2-c3d4e5f60718"
REFUND = "019b76da-a808-7d2e-9f30-5b6c7d8e9f0a"
SUPPORT = "019b76da-a809-7e3f-8041-6c7d8e9f0a1b"
ADDRESS_ID = "019b76da-a807-7c1d-8e2f-4a5b6c7d8e9f"
REVIEW = "019b76da-a80a-7f40-9152-7d8e9f0a1b2c"
IDS = {
    "address_id": ADDRESS_ID,
    "user_id": CUSTOMER,
    "product_id": PRODUCT,
    "seller_id": SELLER,
    "order_id": ORDER,
    "fulfilment_id": PARCEL,
    "customer_id": CUSTOMER,
}
NOON = "2026-01-01T12:00:00.000Z"
CURSOR = encode([ORDER])

PRICE = {"amount": 2650, "currency": "GBP"}
TOTAL = {"amount": 5300, "currency": "GBP"}
PASSWORD = "correct horse battery staple"  # noqa: S105
NEW_PASSWORD = "four words are quite enough"  # noqa: S105
REFRESH_TOKEN = "p1Jr0cQm4gF9dXb2sLw7uZ3yTn8hKe5vRa6oIxGqVtM"  # noqa: S105
RESET_TOKEN = "Zk3uVb8sQ1mXr6tYwLd0nHc5eGa7jPo2iSfKxUvTzRM"  # noqa: S105
# What a path holds that is no identity.
SECRETS = {"token": RESET_TOKEN}
ACCESS_TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"  # noqa: S105

ADDRESS = {
    "full_name": "Ada Example",
    "line1": "1 High Street",
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}
SAVED = {**ADDRESS, "id": ADDRESS_ID, "is_default": True}
PREFERENCES = {"language": "en", "currency": "GBP", "marketing_consent": False}
OFFER = {
    "sku": "FM-SALT-001",
    "title": "Lean-To Salt Pig with Beech Scoop",
    "description": "Wide enough for a whole hand, tilted so the steam stays out.",
    "category": "kitchen",
    "price": PRICE,
    "attributes": {"material": "stoneware", "height": "14 cm"},
    "images": ["https://images.example/salt-pig.jpg"],
    "status": "active",
}
SHOP = {
    "name": "Fennmarl Pottery",
    "description": "Three potters and one very large kiln.",
}
PIECES = {
    "product_id": PRODUCT,
    "title": OFFER["title"],
    "quantity": 2,
    "unit_price": PRICE,
    "line_total": TOTAL,
}
LINE = {"seller_id": SELLER, "sku": OFFER["sku"], **PIECES}
LEVEL = {"on_hand": 64, "reserved": 2, "available": 62}
CART = {
    "items": [{**PIECES, "available": 62, "changed": None}],
    "total": TOTAL,
    "version": 3,
}
PART = {
    "id": PARCEL,
    "seller_id": SELLER,
    "status": "pending",
    "items": [LINE],
    "tracking_number": None,
}
SOLD = {
    "id": ORDER,
    "number": "100001",
    "status": "confirmed",
    "items": [LINE],
    "fulfilments": [PART],
    "total": TOTAL,
    "shipping_address": ADDRESS,
    "placed_at": NOON,
    "version": 2,
}
PAYMENT = {"method": "card", "token": "tok_visa"}

# By what a client may want to say with them.
DRAFTS: dict[str, dict[str, Any]] = {
    "UserDraft": {
        "A customer": {
            "email": "ada@shop.example",
            "password": PASSWORD,
            "full_name": "Ada Example",
        }
    },
    "UserPatch": {"Another name": {"full_name": "Ada King"}},
    "AddressDraft": {"At home": {**ADDRESS, "phone": "+44 113 496 0000"}},
    "AddressPatch": {
        "Make it the default": {"is_default": True},
        "Take the phone away": {"phone": None},
    },
    "PreferencesDraft": {"In German": PREFERENCES | {"language": "de"}},
    "TokenDraft": {
        "By password": {
            "grant_type": "password",
            "email": "ada@shop.example",
            "password": PASSWORD,
        },
        "By refresh token": {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH_TOKEN,
        },
    },
    "PasswordResetDraft": {"A customer": {"email": "ada@shop.example"}},
    "NewPasswordDraft": {"Another one": {"password": NEW_PASSWORD}},
    "PasswordChangeDraft": {
        "Another one": {"current_password": PASSWORD, "password": NEW_PASSWORD}
    },
    "RolesDraft": {"A colleague": {"roles": ["customer", "support"]}},
    "SellerDraft": {"A shop": SHOP},
    "SellerStatusDraft": {
        "Let it sell": {"status": "active"},
        "Suspend it": {"status": "suspended"},
    },
    "ProductDraft": {"A product": OFFER},
    "ProductPatch": {
        "Another price": {"price": {"amount": 2450}},
        "Put it up for sale": {"status": "active"},
        "Without one attribute": {"attributes": {"height": None}},
    },
    "BatchDraft": {
        "A new one, and a price": {
            "items": [OFFER, {"sku": "FM-JUG-002", "price": {"amount": 1950}}]
        }
    },
    "AdjustmentDraft": {
        "A delivery": {"delta": 64, "reason": "First firing of the year"},
        "A breakage": {"delta": -2, "reason": "Dropped while packing"},
    },
    "ReviewDraft": {
        "Content": {
            "rating": 5,
            "title": "Dry salt at last",
            "text": "A year beside the kettle, and not one lump.",
        }
    },
    "QuantityDraft": {"Two pieces": {"quantity": 2}},
    "OrderDraft": {
        "These items": {
            "items": [{"product_id": PRODUCT, "quantity": 2}],
            "shipping_address": ADDRESS,
            "payment": PAYMENT,
            "expected_total": TOTAL,
        },
        "The cart": {"shipping_address": ADDRESS, "payment": PAYMENT},
        "To an address of yours": {
            "shipping_address_id": ADDRESS_ID,
            "payment": PAYMENT,
        },
    },
    "CancellationDraft": {"Changed my mind": {"reason": "Found my old one again"}},
    "RefundDraft": {
        "A part of it": {
            "amount": {"amount": 500, "currency": "GBP"},
            "reason": "A chip in the glaze",
        },
        "One came back": {
            "amount": PRICE,
            "reason": "Broken on the way",
            "returned_items": [{"product_id": PRODUCT, "quantity": 1}],
        },
    },
    "FulfilmentPatch": {
        "On its way": {"status": "shipped", "tracking_number": "JD0002"},
        "Arrived": {"status": "delivered"},
    },
}

USER = {
    "id": CUSTOMER,
    "email": "ada@shop.example",
    "full_name": "Ada Example",
    "created_at": NOON,
}
ROLES = {"roles": ["customer"], "seller_id": None}

VIEWS: dict[str, dict[str, Any]] = {
    "User": USER,
    "UserDetail": USER | ROLES,
    "SavedAddress": SAVED,
    "Preferences": PREFERENCES,
    "Export": {
        "user": USER,
        "account": {"id": CUSTOMER, **ROLES, "created_at": NOON},
        "preferences": PREFERENCES,
        "addresses": [SAVED],
        "orders": [],
        "cart": CART,
        "shop": None,
    },
    "Account": {
        "id": CUSTOMER,
        "roles": ["customer", "support"],
        "seller_id": None,
        "created_at": NOON,
    },
    "Token": {
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": REFRESH_TOKEN,
    },
    "Seller": {
        "id": SELLER,
        **SHOP,
        "status": "active",
        "version": 2,
        "created_at": NOON,
    },
    "Category": {"slug": "tableware", "name": "Tableware", "parent": "kitchen"},
    "Product": {
        "id": PRODUCT,
        "seller_id": SELLER,
        **OFFER,
        "available": 62,
        "version": 3,
        "created_at": NOON,
        "updated_at": NOON,
    },
    "Batch": {
        "items": [
            {"sku": "FM-SALT-001", "status": 201, "product_id": PRODUCT, "version": 1},
            {
                "sku": "FM-JUG-002",
                "status": 422,
                "code": "invalid",
                "detail": "The request is not valid",
                "errors": {"title": "Missing data for required field."},
            },
        ]
    },
    "Review": {
        "id": REVIEW,
        "product_id": PRODUCT,
        "rating": 5,
        "title": "Dry salt at last",
        "text": "A year beside the kettle, and not one lump.",
        "created_at": NOON,
    },
    "Level": LEVEL,
    "Adjusted": {**LEVEL, "movement_id": MOVEMENT},
    "Cart": CART,
    "Order": {**SOLD, "payment": {"status": "captured"}},
    "SellerOrder": SOLD,
    "OwnFulfilment": PART
    | {
        "status": "shipped",
        "tracking_number": "JD0002",
        "order_id": ORDER,
        "order_status": "shipped",
    },
    "Refund": {
        "id": REFUND,
        "order_id": ORDER,
        "amount": PRICE,
        "reason": "Broken on the way",
        "status": "done",
        "returned_items": [{"product_id": PRODUCT, "quantity": 1}],
        "created_at": NOON,
    },
    "Entry": {
        "at": NOON,
        "actor": {"role": "support", "id": SUPPORT},
        "event": "refund.requested",
        "details": {"refund_id": REFUND, "amount": PRICE},
    },
    "Dashboard": {
        "open_orders": 1,
        "units": 2,
        "revenue": TOTAL,
        "by_day": [{"date": "2026-01-01", "orders": 1, "units": 2, "revenue": TOTAL}],
    },
    "Balance": {
        "currency": "GBP",
        "payable": {"amount": -450, "currency": "GBP"},
        "paid_out": {"amount": 4770, "currency": "GBP"},
        "sales": TOTAL,
        "commission": {"amount": 480, "currency": "GBP"},
        "refunds": {"amount": 500, "currency": "GBP"},
    },
}


def of_body(operation: Operation) -> dict[str, Any]:
    """What to send, as OpenAPI writes examples: by name."""
    draft = (operation.route.takes or "").rpartition(".")[2]
    return {name: {"value": value} for name, value in DRAFTS[draft].items()}


def of_path_value(name: str) -> str:
    return SECRETS.get(name) or IDS.get(name, REQUEST)


def filled(path: str) -> str:
    """The path as it is asked for, with identities in it."""
    return re.sub(r"{(\w+)}", lambda found: of_path_value(found[1]), path)
