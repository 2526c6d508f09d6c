"""A hundred people who sign in at once, and come again as they are told to."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from time import monotonic, sleep
from typing import Any

import click
import urllib3

PEOPLE = 100
OK = 200


def sign_ins(url: str, grant: Any, until: float) -> Iterator[tuple[int, float]]:
    """Status and milliseconds of each, until it is time to go."""
    pool = urllib3.PoolManager(maxsize=1, retries=False)
    while monotonic() < until:
        asked = monotonic()
        answer = pool.request("POST", f"{url}/v1/auth/tokens", json=grant)
        yield answer.status, 1000 * (monotonic() - asked)
        if answer.status != OK:
            sleep(float(answer.headers.get("Retry-After", 0)))


def main() -> None:
    """Sign in as standard input says, and write what came of it as JSON."""
    asked = json.load(sys.stdin)
    until = monotonic() + asked["seconds"]
    grants = islice(cycle(asked["grants"]), PEOPLE)
    with ThreadPoolExecutor(PEOPLE) as pool:
        each = pool.map(lambda one: list(sign_ins(asked["url"], one, until)), grants)
        answers = [answer for one in each for answer in one]
    told = {
        "statuses": Counter(status for status, _ in answers),
        "latencies": [milliseconds for status, milliseconds in answers if status == OK],
    }
    click.echo(json.dumps(told))


if __name__ == "__main__":
    main()
