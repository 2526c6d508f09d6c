"""What of all that needs a look, in the order in which to look at it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ops.console.view import Breaker, Finding, Instance, Lag, Queue, Route, View
from ops.console.waiting import DEAD_LETTERS
from ops.console.words import duration, percent

# An event is told within seconds; an order that had to wait is over half a minute
# after what kept it (decision 4).
LATE_SECONDS, STUCK_SECONDS = 10.0, 60.0
LONG_QUEUE = 100
# The promise; below so many requests, one slow one is the slowest hundredth.
SLOW_SECONDS, ENOUGH_REQUESTS = 0.3, 100
SOME_FAIL, MANY_FAIL = 0.001, 0.01
LATE_LOOP_SECONDS = 0.25


def with_findings(view: View) -> View:
    found = sorted(findings(view), key=lambda each: each.level != "problem")
    return replace(view, findings=found)


def findings(view: View) -> Iterator[Finding]:
    known = {each.id: each for each in view.instances}
    for who, why in view.blind.items():
        if who not in known:
            yield problem(f"{who}: {why}", "", "shopnow doctor")
    passing = {each.service for each in view.instances if each.state == "passing"}
    for one in view.instances:
        yield from of_instance(one, one.service in passing, view.blind.get(one.id))
    for route in view.routes:
        if not route.is_of_machines:
            yield from of_route(route)
    for breaker in view.breakers:
        yield from of_breaker(breaker)
    if view.dead_letters:
        said = f"{view.dead_letters} dead letter{'s'[: view.dead_letters - 1]}"
        yield warning(said, "queues", "shopnow dead-letters list")
    for queue in view.queues:
        yield from of_queue(queue)
    yield from of_lags(view.outbox, "events of {} wait to be published since {}")
    yield from of_lags(view.sagas, "an order waits to {} since {}")
    yield from of_settings(view.settings)


def of_instance(
    one: Instance, has_others: bool, silence: str | None
) -> Iterator[Finding]:
    name = f"{one.service} {one.pid}".strip()
    if one.state != "passing":
        said = f"{name} is {one.state}" + (f": {one.note}" if one.note else "")
        said += "" if has_others else "; there is no other"
        tell = warning if has_others else problem
        yield tell(said, "instances", f"shopnow logs {one.service}")
    elif silence:
        yield problem(f"{name}: {silence}", "instances", f"shopnow logs {one.service}")
    elif one.lag is not None and one.lag > LATE_LOOP_SECONDS:
        said = f"{name} came to its own work {duration(one.lag)} late"
        yield warning(said, "instances", "shopnow top")


def of_route(route: Route) -> Iterator[Finding]:
    if route.share_failed > SOME_FAIL:
        said = f"{route.name} fails: {percent(route.share_failed)} of its requests"
        tell = problem if route.share_failed > MANY_FAIL else warning
        yield tell(said, "routes", "shopnow logs --errors")
    is_slow = route.p99 is not None and route.p99 > SLOW_SECONDS
    if is_slow and route.count >= ENOUGH_REQUESTS:
        yield warning(f"{route.name} is slow: p99 {duration(route.p99)}", "routes")


def of_breaker(one: Breaker) -> Iterator[Finding]:
    # One that nobody asks stays open, and is closed by the next who does.
    if one.state != "closed" and one.refused:
        said = f"the circuit from {one.caller} to {one.target} is {one.state}"
        tell = problem if one.state == "open" else warning
        yield tell(said, "breakers", f"shopnow logs {one.target}")


def of_queue(one: Queue) -> Iterator[Finding]:
    if one.name == DEAD_LETTERS:
        return
    if one.ready and not one.consumers:
        said = f"nobody takes from {one.name}: {one.ready} wait"
        yield problem(said, "queues", "shopnow stack status")
    elif one.ready > LONG_QUEUE:
        yield warning(f"{one.ready} wait in {one.name}", "queues")


def of_lags(lags: Iterable[Lag], text: str) -> Iterator[Finding]:
    for lag in lags:
        if lag.seconds > LATE_SECONDS:
            said = text.format(lag.what, duration(lag.seconds))
            tell = problem if lag.seconds > STUCK_SECONDS else warning
            yield tell(said, "waiting", "shopnow audit")


def of_settings(settings: dict[str, str]) -> Iterator[Finding]:
    for key, value in settings.items():
        folder, _, name = key.partition("/")
        if folder == "chaos":
            said = f"a fault is set on purpose: {name}={value}"
            yield warning(said, "settings", f"shopnow chaos clear {name}")
        elif folder == "maintenance":
            undo = "shopnow config unset maintenance"
            yield warning(f"maintenance is set: {value}", "settings", undo)


def problem(text: str, section: str = "", command: str = "") -> Finding:
    return Finding("problem", text, section, command)


def warning(text: str, section: str = "", command: str = "") -> Finding:
    return Finding("warning", text, section, command)
