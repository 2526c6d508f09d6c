"""A short visit to a shop that was just put up: the doors are open, and it sells."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import click
import urllib3

from common.ids import new_id
from ops.errors import Problem
from ops.stack.progress import tell

SECONDS = 60.0
POLL_SECONDS = 0.5
OK, CREATED, ACCEPTED, NO_CONTENT, NOT_FOUND = 200, 201, 202, 204, 404
ADDRESS = {
    "full_name": "Smoke Test",
    "line1": "1 High Street",
    "city": "Leeds",
    "postal_code": "LS1 1AA",
    "country": "GB",
}


class Visitor:
    """Asks one thing after the other, and expects an answer of a kind."""

    def __init__(self, url: str) -> None:
        self.url, self.token = url.rstrip("/"), ""
        self.pool = urllib3.PoolManager(timeout=10.0, retries=False)

    def ask(
        self, method: str, path: str, *expected: int, body: Any = None, **headers: str
    ) -> Any:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            answer = self.pool.request(
                method, self.url + path, json=body, headers=headers
            )
        except urllib3.exceptions.HTTPError as trouble:
            raise Problem(
                f"{method} {path}: no answer ({type(trouble).__name__})"
            ) from None
        if answer.status not in (expected or (OK,)):
            said = answer.data[:200].decode(errors="replace")
            raise Problem(f"{method} {path} answered {answer.status}: {said}")
        return answer.json() if answer.data.strip() else None


def visit(visitor: Visitor, buys: bool = False) -> int:
    """How many things were looked at; raises at the first that is not right."""
    visitor.ask("GET", "/healthz")
    wait_for(lambda: visitor.ask("GET", "/readyz"))
    products = visitor.ask("GET", "/v1/products?in_stock=true&limit=1")["items"]
    if not products:
        raise Problem("GET /v1/products: there is nothing for sale")
    one = products[0]["id"]
    if visitor.ask("GET", f"/v1/products/{one}")["id"] != one:
        raise Problem(f"GET /v1/products/{one}: it is another product")
    visitor.ask("GET", f"/v1/products/{new_id()}", NOT_FOUND)
    visitor.ask("GET", "/.well-known/jwks.json")
    if not buys:
        return 6
    return 6 + buy(visitor, one)


def buy(visitor: Visitor, product_id: str) -> int:
    """Be a customer who buys one thing and is forgotten again."""
    person = {"email": f"smoke-{new_id()}@example.com", "password": new_id()}
    visitor.ask("POST", "/v1/users", CREATED, body=person | {"full_name": "Smoke Test"})
    grant = {"grant_type": "password"} | person
    visitor.token = visitor.ask("POST", "/v1/auth/tokens", body=grant)["access_token"]
    visitor.ask("PUT", f"/v1/cart/items/{product_id}", body={"quantity": 1})
    order = visitor.ask(
        "POST",
        "/v1/orders",
        CREATED,
        ACCEPTED,
        body={
            "shipping_address": ADDRESS,
            "payment": {"method": "card", "token": "tok_visa"},
        },
        **{"Idempotency-Key": new_id()},
    )
    path = f"/v1/orders/{order['id']}"

    def confirmed() -> None:
        status = visitor.ask("GET", path)["status"]
        if status != "confirmed":
            raise Problem(f"GET {path}: the order is {status}")

    wait_for(confirmed)
    visitor.ask("DELETE", "/v1/users/me", NO_CONTENT)
    return 6


def wait_for(
    look: Callable[[], object],
    pause: Callable[[float], None] = sleep,
    clock: Callable[[], float] = monotonic,
) -> None:
    until = clock() + SECONDS
    while True:
        try:
            look()
        except Problem:
            if clock() > until:
                raise
            pause(POLL_SECONDS)
        else:
            return


@click.command()
@click.argument("url")
@click.option(
    "--buy", "buys", is_flag=True, help="Buy something too, where no real money moves."
)
def smoke(url: str, buys: bool) -> None:
    """See that the shop at URL is open, shows its products and, with --buy, sells."""
    tell(f"{visit(Visitor(url), buys)} things are as they should be at {url}")
