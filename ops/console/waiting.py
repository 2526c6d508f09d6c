"""What waits or is refused: queues, circuits, events that are not told, open orders."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ops.console import names
from ops.console.figures import Window
from ops.console.view import Breaker, Failure, Lag, Queue, State

DEAD_LETTERS = "dead-letters"
STATES: tuple[State, ...] = ("closed", "half-open", "open")
MOST_ERRORS = 50
# Of one caller and nobody else: there are as many as processes.
OF_REPLIES = "rpc.reply-"
# Nameko's names: from where, which event, for whom, and which process of those.
OF_EVENT = re.compile(r"evt-.+--(?P<handler>.+?)(-[0-9a-f]{32})?")

NOTHING = Queue("", 0, 0, 0, 0.0)

Services = Mapping[str, str]


def queues(told: Iterable[Mapping[str, Any]]) -> list[Queue]:
    """Those first in which most is waiting; answers on their way are left out."""
    found: dict[str, Queue] = {}
    for each in told:
        if not each["name"].startswith(OF_REPLIES):
            name = short(each["name"])
            found[name] = queue(name, each, found.get(name, NOTHING))
    return sorted(found.values(), key=lambda one: (-one.ready, -one.rate, one.name))


def short(name: str) -> str:
    event = OF_EVENT.fullmatch(name)
    return event["handler"] if event else name


def queue(name: str, told: Mapping[str, Any], others: Queue) -> Queue:
    delivered = told.get("message_stats", {}).get("deliver_get_details", {})
    return Queue(
        name=name,
        ready=others.ready + told.get("messages_ready", 0),
        unacked=others.unacked + told.get("messages_unacknowledged", 0),
        consumers=others.consumers + told.get("consumers", 0),
        rate=others.rate + delivered.get("rate", 0.0),
    )


def dead_letters(found: Iterable[Queue]) -> int | None:
    """How many; None where the broker does not tell."""
    lying = (each.ready + each.unacked for each in found if each.name == DEAD_LETTERS)
    return next(lying, None)


def breakers(window: Window, services: Services) -> list[Breaker]:
    """From whom to whom, the worst first; those of one service's processes together."""
    worst = largest(window, names.BREAKER, services, "target")
    under_way = summed(window, names.IN_FLIGHT, services)
    refused: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name in (names.REJECTED, names.SHED, names.AWAY):
        for each in window.growths(name):
            key = services.get(each.process, "?"), each.labels.get("target", "?")
            refused[key] += each.rate
    found = [
        Breaker(*key, STATES[int(state)], under_way.get(key, 0), refused[key])
        for key, state in worst.items()
    ]
    return sorted(found, key=lambda b: (-STATES.index(b.state), b.caller, b.target))


def outbox(window: Window, services: Services) -> list[Lag]:
    return lags(window, names.OUTBOX_AGE, names.OUTBOX_COUNT, services, "")


def sagas(window: Window, services: Services) -> list[Lag]:
    return lags(window, names.SAGA_AGE, names.SAGA_COUNT, services, "step")


def lags(
    window: Window, age: str, count: str, services: Services, label: str
) -> list[Lag]:
    """The longest first; all processes of a service tell the same."""
    counts = largest(window, count, services, label)
    found = [
        Lag(key[1] or key[0], seconds, counts.get(key))
        for key, seconds in largest(window, age, services, label).items()
    ]
    return sorted(found, key=lambda lag: (-lag.seconds, lag.what))


def largest(
    window: Window, name: str, services: Services, label: str
) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for process, labels, value in window.values(name):
        key = services.get(process, "?"), labels.get(label, "")
        found[key] = max(value, found.get(key, value))
    return found


def summed(
    window: Window, name: str, services: Services
) -> dict[tuple[str, str], float]:
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for process, labels, value in window.values(name):
        found[services.get(process, "?"), labels.get("target", "?")] += value
    return found


def failures(told: Mapping[str, list[dict[str, Any]]]) -> list[Failure]:
    """The last of all processes, the newest first."""
    lines = [line for each in told.values() for line in each]
    lines.sort(key=lambda line: str(line.get("time", "")), reverse=True)
    return [failure(line) for line in lines[:MOST_ERRORS]]


def failure(line: Mapping[str, Any]) -> Failure:
    told = {name: str(line.get(name) or "") for name in Failure.__dataclass_fields__}
    return Failure(**told)
