"""The gateway: one service, one resource per noun."""

from typing import Any

from common.events import broadcast_handler
from common.identity import TokenReader
from common.internal import InternalPort
from common.live import LiveSettings
from common.logs.tracer import Tracer
from gateway.live import LiveDoor
from gateway.memory import Memory
from gateway.resources.addresses import AddressResource
from gateway.resources.balances import BalanceResource
from gateway.resources.cart import CartResource
from gateway.resources.docs import DocsResource
from gateway.resources.fulfilments import FulfilmentResource
from gateway.resources.health import HealthResource
from gateway.resources.orders import OrderResource
from gateway.resources.passwords import PasswordResource
from gateway.resources.payments import PaymentResource
from gateway.resources.preferences import PreferencesResource
from gateway.resources.products import ProductResource
from gateway.resources.roles import RoleResource
from gateway.resources.sellers import SellerResource
from gateway.resources.tokens import TokenResource
from gateway.resources.users import UserResource


class GatewayService(
    UserResource,
    AddressResource,
    PreferencesResource,
    TokenResource,
    PasswordResource,
    RoleResource,
    SellerResource,
    ProductResource,
    CartResource,
    OrderResource,
    FulfilmentResource,
    PaymentResource,
    BalanceResource,
    HealthResource,
    DocsResource,
):
    name = "gateway"

    tokens = TokenReader()
    memory = Memory()
    live = LiveSettings()
    live_door = LiveDoor()
    internal = InternalPort()
    tracer = Tracer()

    @broadcast_handler("product_service", "catalogue.stale")
    def on_catalogue_stale(self, event: dict[str, Any]) -> None:
        self.memory.forget(event["data"]["product_ids"])

    @broadcast_handler("auth_service", "sessions.ended")
    def on_sessions_ended(self, event: dict[str, Any]) -> None:
        self.tokens.end(event["data"]["session_ids"])
