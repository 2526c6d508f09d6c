"""A process full of buyers, each of whom orders again as soon as they are answered."""

import json
import sys
from itertools import count
from time import perf_counter, sleep
from typing import Any

import eventlet

eventlet.monkey_patch()

import click  # noqa: E402

from bench.hot_product_ways import WAYS, Hold  # noqa: E402
from common.errors import Unavailable  # noqa: E402
from common.ids import new_id  # noqa: E402
from product_service.storage.provider import connect  # noqa: E402

# Not counted: connections are made, and code is run for the first time.
WARM_UP_SECONDS = 1.0


class Buyers:
    def __init__(self, hold: Hold, product_ids: list[str], seconds: float) -> None:
        self.hold, self.product_ids = hold, product_ids
        self.begin = perf_counter() + WARM_UP_SECONDS
        self.end = self.begin + seconds
        self.held: list[float] = []
        self.refused = self.failed = 0

    def buy(self) -> None:
        for _ in count():
            asked = perf_counter()
            if asked > self.end:
                return
            self.note(asked)

    def note(self, asked: float) -> None:
        try:
            held = self.hold(new_id(), self.product_ids)
        except Unavailable:
            self.failed += 1
            sleep(0.01)
            return
        now = perf_counter()
        if held and self.begin <= asked and now <= self.end:
            self.held.append(1000 * (now - asked))
        self.refused += not held


def main() -> None:
    """Buy as standard input says, and write what came of it as JSON."""
    asked: dict[str, Any] = json.load(sys.stdin)
    database = connect(asked["uri"]).get_default_database()
    hold = WAYS[asked["way"]](database)
    buyers = Buyers(hold, asked["product_ids"], asked["seconds"])
    pool = eventlet.GreenPool(asked["buyers"])
    for _ in range(asked["buyers"]):
        pool.spawn_n(buyers.buy)
    pool.waitall()
    told = {"held": buyers.held, "refused": buyers.refused, "failed": buyers.failed}
    click.echo(json.dumps(told))


if __name__ == "__main__":
    main()
