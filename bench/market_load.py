"""The Online Marketplace's driver: so many clients in a closed loop, as standard
input says; what came of it as JSON."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import click

from bench.market import Client, Market
from bench.open_load import summary


def main() -> None:
    asked = json.load(sys.stdin)
    market = Market(asked)
    began = monotonic()
    until = began + asked["seconds"]
    with ThreadPoolExecutor(asked["clients"]) as pool:
        clients = [Client(market, number) for number in range(asked["clients"])]
        done = list(pool.map(lambda each: each.work(until), clients))
    latencies: dict[str, list[float]] = {}
    aborts: Counter[str] = Counter()
    for client in done:
        aborts.update(client.aborts)
        for kind, took in client.done.items():
            latencies.setdefault(kind, []).extend(took)
    told = {
        "seconds": monotonic() - began,
        "kinds": {kind: summary(took, Counter()) for kind, took in latencies.items()},
        "aborts": aborts,
        "nothing to deliver": sum(each.nothing_to_deliver for each in done),
        "anomalies": market.found(),
        "orders": market.orders,
    }
    click.echo(json.dumps(told))


if __name__ == "__main__":
    main()
