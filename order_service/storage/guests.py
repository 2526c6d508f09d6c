"""The carts of guests: who has the token has the cart.

A token is the cart's name, sealed, so that nobody comes by another's by guessing.
"""

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.ids import new_id
from common.sealing import Seal, Unopened

PLACE = "guest_cart"


class Guests(DependencyProvider):
    def setup(self) -> None:
        self.seal = Seal(config["FIELD_KEYS"])

    def get_dependency(self, worker_ctx: WorkerContext) -> "Guests":
        return self

    def new_cart(self) -> str:
        """A name that no customer has."""
        return f"guest:{new_id()}"

    def token(self, cart: str) -> str:
        """Under the first key, so that who goes on shopping outlasts the others."""
        return self.seal.close(cart, PLACE)

    def cart_of(self, token: str | None) -> str | None:
        """None for a token that is none, or too old: its guest begins anew."""
        try:
            return self.seal.open(token, PLACE) if token else None
        except Unopened:
            return None
