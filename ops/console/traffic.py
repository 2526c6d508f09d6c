"""What is asked of the shop: rates, failures and times, off the processes' figures."""

from collections import defaultdict
from collections.abc import Callable
from math import inf

from ops.console import names
from ops.console.figures import Growth, Window, quantile
from ops.console.view import OF_MACHINES, UNKNOWN, Route

FIRST_FAILURE = 500
OUR_FAULT = ("failed", "unavailable")

Name = Callable[[Growth], str]


class Tally:
    """Requests that belong together."""

    def __init__(self) -> None:
        self.rate = self.count = self.failed = 0.0
        self.buckets: defaultdict[float, float] = defaultdict(float)

    def add(self, growth: Growth) -> None:
        self.rate += growth.rate
        self.count += growth.amount
        self.failed += growth.amount if is_failure(growth) else 0.0

    def sort_in(self, growth: Growth) -> None:
        self.buckets[float(growth.labels.get("le", inf))] += growth.amount

    def route(self, name: str) -> Route:
        return Route(
            name=name,
            rate=self.rate,
            failed=self.failed,
            count=self.count,
            p50=quantile(self.buckets, 0.5),
            p99=quantile(self.buckets, 0.99),
        )


def routes(window: Window) -> list[Route]:
    """Of the gateways, those first that are asked for most."""
    found = tallied(window, names.REQUESTS, names.REQUEST_SECONDS, of_route)
    return sorted(found, key=lambda route: route.is_of_machines)


def total(window: Window, newest: bool = False) -> Route | None:
    """All that customers asked for, if they did; of the last moments if ``newest``."""

    def of_customers(growth: Growth) -> str:
        return "machines" if growth.labels.get("route") in OF_MACHINES else "all"

    wanted = names.REQUESTS, names.REQUEST_SECONDS
    found = tallied(window, *wanted, of_customers, newest)
    return next((route for route in found if route.name == "all"), None)


def calls(window: Window, services: dict[str, str]) -> list[Route]:
    """Between services, as the callee counts them."""

    def of_call(growth: Growth) -> str:
        service = services.get(growth.process, "?")
        return f"{service}.{growth.labels.get('method', '?')}"

    return tallied(window, names.CALLS, names.CALL_SECONDS, of_call)


def tallied(
    window: Window, counter: str, histogram: str, name: Name, newest: bool = False
) -> list[Route]:
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for each in window.growths(counter, newest):
        tallies[name(each)].add(each)
    for each in window.growths(histogram, newest):
        tallies[name(each)].sort_in(each)
    found = [tally.route(key) for key, tally in tallies.items() if tally.count]
    return sorted(found, key=lambda route: (-route.rate, route.name))


def of_route(growth: Growth) -> str:
    route = growth.labels.get("route", "?")
    return route if route == UNKNOWN else f"{growth.labels.get('method', '')} {route}"


def is_failure(growth: Growth) -> bool:
    """Whether it is our own fault: a refusal that a client has earned is none."""
    status = growth.labels.get("status", "")
    if status.isdigit():
        return int(status) >= FIRST_FAILURE
    return growth.labels.get("outcome", "") in OUR_FAULT
