"""Readers for a shop without customers: a canary that nobody asks proves nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle
from threading import Event

from common.ids import new_id
from ops.delivery.smoke import NOT_FOUND, OK, Visitor
from ops.errors import Problem

# So many that an answer which takes its time hardly makes them fewer.
HANDS = 20
# A second, of one address: the shop itself lets 3,000 a minute in.
MOST = 45


@contextmanager
def readers(url: str, rate: int) -> Iterator[None]:
    """At most ``rate`` reads a second, until this is over."""
    gone = Event()
    with ThreadPoolExecutor(HANDS) as pool:
        for _ in range(HANDS):
            pool.submit(read_on, Visitor(url), gone, HANDS / rate)
        try:
            yield
        finally:
            gone.set()


def read_on(visitor: Visitor, gone: Event, seconds: float) -> None:
    """What comes of it is for the canary's analysis to judge."""
    # Who asks for what nobody has asked for gets past the gateway's cache.
    known = cycle([True, False])
    while not gone.wait(seconds):
        path = "/v1/products" if next(known) else f"/v1/products/{new_id()}"
        # What is no JSON does not come from the shop, but from somebody before it.
        with suppress(Problem, ValueError):
            visitor.ask("GET", path, OK, NOT_FOUND)
