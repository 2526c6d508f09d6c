"""A few readers of the catalogue, at a steady pace: how long each read takes.

What is late in being asked counts as waiting: a reader does not know why.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from time import monotonic, sleep

import click
import urllib3

READERS = 4
# Of all readers together, far from what the gateway could answer.
PER_SECOND = 200
OK = 200


class Reader:
    def __init__(self, url: str, paths: list[str]) -> None:
        self.url, self.paths = url, cycle(paths)
        self.pool = urllib3.PoolManager(maxsize=1, retries=False)
        self.latencies: list[float] = []
        self.errors = 0

    def read(self, moments: Iterator[float]) -> "Reader":
        """Ask for one path after the other, each at its moment."""
        for moment in moments:
            sleep(max(0.0, moment - monotonic()))
            answer = self.pool.request("GET", self.url + next(self.paths))
            self.latencies.append(1000 * (monotonic() - moment))
            self.errors += answer.status != OK
        return self


def moments(number: int, seconds: float, began: float) -> Iterator[float]:
    count = int(PER_SECOND * seconds) // READERS
    for turn in range(count):
        yield began + (turn * READERS + number) / PER_SECOND


def main() -> None:
    """Read as standard input says, and write what was found as JSON."""
    asked = json.load(sys.stdin)
    began = monotonic() + 0.1
    with ThreadPoolExecutor(READERS) as pool:
        readers = [
            pool.submit(
                Reader(asked["url"], asked["paths"][number:]).read,
                moments(number, asked["seconds"], began),
            )
            for number in range(READERS)
        ]
    done = [each.result() for each in readers]
    found = [latency for each in done for latency in each.latencies]
    errors = sum(each.errors for each in done)
    click.echo(json.dumps({"latencies": found, "errors": errors}))


if __name__ == "__main__":
    main()
