"""What a product may have cost at some moment, as its seller knows."""

import threading
from collections import defaultdict
from math import inf


class Prices:
    """Each price, with when it may have begun to hold and have ceased to."""

    def __init__(self) -> None:
        self.known: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
        self.lock = threading.Lock()

    def change(
        self, product: str, prices: tuple[int, int], began: float, now: float
    ) -> None:
        """From the first of ``prices`` to the second, at some time in between."""
        was, becomes = prices
        with self.lock:
            past = self.known[product]
            since = past.pop()[1] if past else -inf
            past += [(was, since, now), (becomes, began, inf)]

    def held(self, product: str, price: int, began: float, now: float) -> bool:
        """Whether it may have been the price of any moment in between."""
        with self.lock:
            past = list(self.known.get(product, ()))
        # Of a product whose price never changed in this run, all we know is that.
        return not past or any(
            known == price and since <= now and until >= began
            for known, since, until in past
        )
