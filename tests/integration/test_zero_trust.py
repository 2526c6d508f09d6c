"""A service believes the token alone: no caller on the broker, and no argument."""

import inspect
import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from nameko.exceptions import IncorrectSignature
from nameko.standalone.rpc import ClusterRpcClient

from common.errors import Forbidden, Refusal, Unauthenticated
from common.identity import AUTH_TOKEN
from common.ids import new_id
from common.tokens import bad_token, token_required
from common.wire import Rpc
from order_service.service import OrderService
from product_service.service import ProductService
from tests.bad_tokens import bad_tokens
from tests.builders import ADDRESS, a_product_draft, an_order_draft
from tests.cast import Person
from tests.client import PASSWORD, eventually
from tests.e2e import recipes
from tests.forge import forge
from tests.stores import nothing_forgotten, settled
from user_service.auth import AuthService
from user_service.service import UserService

SERVICES = (AuthService, UserService, ProductService, OrderService)
# For a service to ask; the broker's permissions say for which.
BETWEEN_SERVICES = {
    "auth_service.create_account",
    "auth_service.has_account",
    "auth_service.list_ended_sessions",
    "product_service.commit_stock",
    "product_service.quote_products",
    "product_service.release_stock",
    "product_service.reserve_stock",
}
# For anyone, with whatever proof is in the arguments themselves.
OPEN = {
    "auth_service.get_signing_keys",
    "auth_service.issue_tokens",
    "auth_service.request_password_reset",
    "auth_service.reset_password",
    "order_service.take_payment_event",
    "product_service.get_seller",
    "product_service.list_categories",
    "product_service.list_products",
    "product_service.list_reviews",
    "product_service.list_sellers",
    "user_service.register_user",
}
# Who has a token sees more, or their own; who has none is a stranger or a guest.
VISITED = {
    "product_service.get_product",
    "order_service.clear_cart",
    "order_service.get_cart",
    "order_service.put_in_cart",
    "order_service.remove_from_cart",
}
# All others are for a person; with these roles, where it takes one.
ROLES = {
    "product_service.add_review": "customer",
    "auth_service.set_roles": "admin",
    "auth_service.set_seller": "admin",
    "product_service.adjust_inventory": "seller",
    "product_service.archive_product": "seller",
    "product_service.change_product": "seller",
    "product_service.change_seller_status": "admin",
    "product_service.import_products": "seller",
    "product_service.create_product": "seller",
    "product_service.get_inventory": "seller",
    "user_service.get_any_user": "admin",
    "user_service.list_users": "admin",
    **{
        f"order_service.{name}": "seller"
        for name in (
            "change_fulfilment",
            "get_dashboard",
            "get_seller_balance",
            "list_seller_orders",
        )
    },
    "order_service.refund_order": "support",
    **{
        f"order_service.{name}": "customer"
        for name in (
            "cancel_order",
            "get_order",
            "get_order_history",
            "list_orders",
            "merge_cart",
            "place_order",
        )
    },
}
# Support reads what is a customer's.
READ_BY_SUPPORT = {
    f"order_service.{name}"
    for name in ("get_order", "get_order_history", "list_orders")
}
SIGNED_IN = {
    "auth_service.change_password",
    "auth_service.end_session",
    "auth_service.get_account",
    "product_service.get_own_seller",
    "product_service.register_seller",
    *(
        f"user_service.{name}"
        for name in (
            "add_address",
            "change_address",
            "change_user",
            "erase_user",
            "export_user",
            "get_address",
            "get_preferences",
            "get_user",
            "list_addresses",
            "put_preferences",
            "remove_address",
        )
    ),
}
# Whoever does these is not who they were.
MORTAL = {
    "auth_service.change_password",
    "auth_service.end_session",
    "user_service.erase_user",
}
# Who is acted on; who acts is an admin, or is told nothing of another.
ACTED_ON = {
    "auth_service.get_account": {"user_id"},
    "auth_service.set_roles": {"user_id"},
    "auth_service.set_seller": {"user_id", "seller_id"},
    "order_service.get_dashboard": {"seller_id"},
    "order_service.get_seller_balance": {"seller_id"},
    "order_service.list_seller_orders": {"seller_id"},
    "product_service.change_seller_status": {"seller_id"},
    "user_service.get_any_user": {"user_id"},
}
NAMES_OF_A_PERSON = {
    "account_id", "address", "caller", "customer_id", "email", "owner_id", "roles",
    "seller_id", "session_id", "sub", "user_id",
}  # fmt: skip


def methods() -> dict[str, inspect.Signature]:
    return {
        f"{service.name}.{name}": inspect.signature(method)
        for service in SERVICES
        for name, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, Rpc)
    }


METHODS = methods()
PERSONAL = sorted(METHODS.keys() - BETWEEN_SERVICES - OPEN - VISITED)
# To an admin all is theirs, and what support changes is anybody's.
OF_ALL = ("admin", "support")
OWNED = [each for each in (*PERSONAL, *VISITED) if ROLES.get(each) not in OF_ALL]


def test_every_method_says_for_whom_it_is():
    listed = [*BETWEEN_SERVICES, *OPEN, *VISITED, *ROLES, *SIGNED_IN]

    assert sorted(listed) == sorted(METHODS)


@pytest.mark.parametrize("method", PERSONAL)
def test_no_argument_says_who_is_asking(method):
    named = set(METHODS[method].parameters) & NAMES_OF_A_PERSON

    assert named == ACTED_ON.get(method, set())


DRAFTS = {
    "auth_service.change_password": {
        "current_password": PASSWORD,
        "password": "x" * 12,
    },
    "auth_service.set_roles": {"roles": ["admin"]},
    "user_service.add_address": ADDRESS,
    "user_service.change_address": {"city": "York"},
    "user_service.change_user": {"full_name": "Mallory"},
    "user_service.put_preferences": recipes.PREFERENCES,
    "order_service.cancel_order": {"reason": "Mallory was here"},
    "order_service.change_fulfilment": {"status": "shipped"},
    "order_service.refund_order": recipes.REFUND,
    "order_service.place_order": an_order_draft(),
    "order_service.put_in_cart": {"quantity": 7},
    "product_service.add_review": recipes.REVIEW,
    "product_service.adjust_inventory": {"delta": 5, "reason": "delivery"},
    "product_service.change_product": {"title": "Mallory's"},
    "product_service.change_seller_status": {"status": "suspended"},
    "product_service.import_products": {"items": [a_product_draft()]},
    "product_service.create_product": a_product_draft(),
    "product_service.register_seller": {"name": "Mallory's"},
}


@dataclass
class Victim:
    """A customer and a seller, and the ids of what is theirs."""

    customer: Person
    seller: Person
    ids: dict[str, str]

    def arguments(self, method: str) -> dict[str, Any]:
        """Of a call that would do something, were it heard."""
        usual = {"active": True, "draft": DRAFTS.get(method, {}), "query": {}}
        usual |= {"fingerprint": "f", "key": new_id(), "version": 1}
        usual |= {"guest": "no token"} | self.ids
        parameters = list(METHODS[method].parameters.values())[1:]
        needed = [each.name for each in parameters if each.default is each.empty]
        return {name: usual[name] for name in needed}

    @property
    def marks(self) -> list[str]:
        """What nobody else may be told."""
        people = (self.customer, self.seller)
        return [mark for each in people for mark in (each.id, each.email, *each.things)]


@pytest.fixture(scope="module")
def victim(stack, cast):
    customer, seller = cast.another("customer"), cast.another("seller")
    customer.client.put(f"/v1/cart/items/{recipes.for_sale(cast)}", {"quantity": 1})
    shop = cast.stranger.get("/v1/sellers").body["items"][0]["id"]
    ids = {
        "user_id": customer.id,
        "order_id": recipes.order(cast, customer),
        "product_id": recipes.draft(cast, seller),
        "address_id": recipes.address(cast, customer),
        "seller_id": shop,
    }
    await_sale(cast, customer, ids["order_id"])
    order = customer.client.get(f"/v1/orders/{ids['order_id']}").body
    ids["fulfilment_id"] = order["fulfilments"][0]["id"]
    settled(stack)
    return Victim(customer, seller, ids)


def await_sale(cast, customer, order_id):
    """Wait until the order has reached the shelf, where it changes the stores."""
    item = customer.client.get(f"/v1/orders/{order_id}").body["items"][0]["product_id"]
    shelf = f"/v1/products/{item}/inventory"
    seller = cast.shopkeeper.client
    eventually(lambda: seller.get(shelf).body["reserved"], 0)


@pytest.fixture
def ask(broker):
    """``ask(method, arguments, context)`` on the broker, as one who may ask all."""

    with ClusterRpcClient(timeout=5) as client:

        def call(method, arguments, context):
            client.context_data = context
            service, name = method.split(".")
            return getattr(getattr(client, service), name)(**arguments)

        yield call


@pytest.fixture(scope="module")
def smith(stack, cast):
    return forge(stack, cast["customer A"].client.fresh_token)


@pytest.fixture(scope="class")
def untouched(stack, cast, victim):
    """Whatever the tests do, the stores hold afterwards what they held before."""
    cast.stay_signed_in()
    with nothing_forgotten(stack):
        before = settled(stack)
        yield
        assert settled(stack) == before


def forgeries(smith, victim):
    """What somebody on the broker could say instead of a good token."""
    names = ("user_id", "caller", "customer_id", "seller_id", "sub")
    claimed = dict.fromkeys(names, victim.customer.id) | {"roles": ["admin"]}
    stranger = ec.generate_private_key(ec.SECP256R1())
    old = int(time.time()) - 60
    nothing = [{}, {AUTH_TOKEN: None}, claimed]
    bad = ["", "x.y.z", smith.like(key=stranger), smith.like(exp=old)]
    yield from ((context, token_required()) for context in nothing)
    yield from ((claimed | {AUTH_TOKEN: token}, bad_token()) for token in bad)


@pytest.mark.usefixtures("untouched")
class TestRefused:
    """In all of them nothing may change."""

    @pytest.mark.parametrize("method", [*PERSONAL, *VISITED])
    def test_without_a_good_token_nothing_is_done(self, ask, smith, victim, method):
        for context, expected in forgeries(smith, victim):
            if method in VISITED and expected.code == "token_required":
                continue
            with pytest.raises(Unauthenticated) as refusal:
                ask(method, victim.arguments(method), context)

            assert refusal.value.args == expected.args

    @pytest.mark.parametrize("method", PERSONAL)
    def test_nobody_can_be_named_beside_the_token(self, ask, smith, victim, method):
        for name in NAMES_OF_A_PERSON - METHODS[method].parameters.keys():
            forged = victim.arguments(method) | {name: victim.customer.id}

            with pytest.raises(IncorrectSignature):
                ask(method, forged, {AUTH_TOKEN: smith.genuine})

    @pytest.mark.parametrize("method", sorted(ROLES))
    def test_who_has_not_the_role_does_nothing(self, ask, smith, victim, method):
        others = {"customer", "seller", "support", "admin"} - {ROLES[method]}
        others -= {"support"} if method in READ_BY_SUPPORT else set()
        for roles in ([], ["root"], sorted(others)):
            with pytest.raises(Forbidden) as refusal:
                ask(
                    method,
                    victim.arguments(method),
                    {AUTH_TOKEN: smith.like(roles=roles)},
                )

            assert refusal.value.code == "role_required"


@pytest.mark.parametrize("method", OWNED)
def test_another_sees_and_changes_nothing(ask, cast, victim, method):
    role = ROLES.get(method, "customer")
    before = theirs(victim)

    try:
        other = cast.another(role) if method in MORTAL else cast[f"{role} B"]
        context = {AUTH_TOKEN: other.client.fresh_token}
        told = json.dumps(ask(method, victim.arguments(method), context))
    except Refusal as refusal:
        told = json.dumps(refusal.args[2:])

    assert not [mark for mark in victim.marks if mark in told]
    assert theirs(victim) == before


def theirs(victim):
    """What the customer and the seller find of their own."""
    inventory = f"/v1/products/{victim.ids['product_id']}/inventory"
    mine = ("/v1/users/me/export", "/v1/cart", "/v1/orders")
    seen = [victim.customer.client.get(path).raw for path in mine]
    return [*seen, victim.seller.client.get(inventory).raw]


@pytest.mark.parametrize(
    "method",
    ["auth_service.set_seller", "order_service.get_cart", "user_service.get_user"],
)
def test_every_bad_token_is_refused_alike(ask, smith, victim, method):
    for what, token in bad_tokens(smith).items():
        with pytest.raises(Unauthenticated) as refusal:
            ask(method, victim.arguments(method), {AUTH_TOKEN: token})

        assert refusal.value.args == bad_token().args, what
