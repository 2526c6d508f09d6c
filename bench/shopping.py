"""The shop's mix: who asks for what how often, as requests ready to be sent."""

import json
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from urllib.parse import quote

# Percent of all requests.
SHARES = {
    "product": 62,
    "list or search": 25,
    "cart read": 3,
    "cart write": 6,
    "order read": 2,
    "checkout": 2,
}
ZIPF = 1.0
# The load generator puts another key in each time.
KEY = "~a key of its own~"
LINES = 2
MOST_PIECES = 3


@dataclass(frozen=True)
class Customer:
    """Somebody with a cart of these products and an order of before."""

    token: str
    order_id: str
    wishes: Sequence[str]


class Zipf:
    """Draws from ``things``: of the n-th, 1/n^s as often as of the first."""

    def __init__(self, things: Sequence[str], s: float = ZIPF) -> None:
        self.things = things
        self.sums = list(accumulate(1 / rank**s for rank in range(1, len(things) + 1)))

    def draw(self, random: Random) -> str:
        return self.things[bisect(self.sums, random.random() * self.sums[-1])]


class Shopping:
    """``pages`` are the paths of lists and searches, the most wanted first."""

    def __init__(
        self,
        host: str,
        products: Sequence[str],
        pages: Sequence[str],
        customers: Sequence[Customer],
        seed: int = 1,
    ) -> None:
        self.host, self.customers = host, customers
        self.products, self.pages = Zipf(products), Zipf(pages)
        # The same seed asks for the same, in every run.
        self.random = Random(seed)  # noqa: S311

    def requests(self, count: int) -> Iterator[tuple[str, str]]:
        """``(kind, what to send)``, in the shares of the mix."""
        kinds = self.random.choices(list(SHARES), list(SHARES.values()), k=count)
        return ((kind, self.request(kind)) for kind in kinds)

    def request(self, kind: str) -> str:
        who = self.random.choice(self.customers)
        match kind:
            case "product":
                return self.asked(f"GET /v1/products/{self.product()}")
            case "list or search":
                return self.asked(f"GET {self.pages.draw(self.random)}")
            case "cart read":
                return self.asked("GET /v1/cart", who.token)
            case "cart write":
                put = f"PUT /v1/cart/items/{self.random.choice(who.wishes)}"
                return self.asked(put, who.token, {"quantity": self.pieces()})
            case "order read":
                return self.asked(f"GET /v1/orders/{who.order_id}", who.token)
            case _:
                return self.asked("POST /v1/orders", who.token, self.order(), KEY)

    def product(self) -> str:
        return self.products.draw(self.random)

    def pieces(self) -> int:
        return self.random.randint(1, MOST_PIECES)

    def order(self) -> dict[str, object]:
        wanted: dict[str, int] = {}
        while len(wanted) < LINES:
            wanted[self.product()] = 1
        return order_of(wanted)

    def asked(
        self, request: str, token: str = "", body: object = None, key: str = ""
    ) -> str:
        return message(self.host, request, token, body, key)


def order_of(wanted: dict[str, int]) -> dict[str, object]:
    items = [{"product_id": id_, "quantity": count} for id_, count in wanted.items()]
    return {
        "items": items,
        "shipping_address": {
            "full_name": "Ada Example",
            "line1": "1 High Street",
            "city": "Leeds",
            "postal_code": "LS1 1AA",
            "country": "GB",
        },
        "payment": {"method": "card", "token": "tok_visa"},
    }


def message(host: str, request: str, token: str, body: object, key: str) -> str:
    """``request`` is a method and a path."""
    content = "" if body is None else json.dumps(body)
    lines = [
        f"{quote(request, safe=' /?&=%-+')} HTTP/1.1",
        f"Host: {host}",
        *([f"Authorization: Bearer {token}"] if token else []),
        *([f"Idempotency-Key: {key}"] if key else []),
        *(["Content-Type: application/json"] if content else []),
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join([*lines, "", content])


def write(requests: Iterable[tuple[str, str]], file: Path) -> Path:
    with file.open("w") as lines:
        lines.writelines(f"{json.dumps(each)}\n" for each in requests)
    return file
