"""Looks at the whole shop, and says each time what there is to see."""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol, TypeVar

from ops.console import traffic, waiting
from ops.console.asking import Away
from ops.console.figures import Reading, Window
from ops.console.findings import with_findings
from ops.console.instances import instances, name_of, place_of, service_of
from ops.console.view import Moment, View

WINDOW_SECONDS = 60.0
# A quarter of an hour, for who looks every five seconds.
MOST_MOMENTS = 180

Found = TypeVar("Found")
Entry = dict[str, Any]


class Source(Protocol):
    def instances(self) -> list[Entry]: ...
    def settings(self) -> dict[str, str]: ...
    def queues(self) -> list[Entry]: ...
    def readings(self, places: Mapping[str, str]) -> dict[str, Reading]: ...
    def errors(self, places: Mapping[str, str]) -> dict[str, list[Entry]]: ...


class Gatherer:
    def __init__(
        self,
        source: Source,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.source = source
        self.clock = clock
        self.now = now
        self.window = Window(WINDOW_SECONDS)
        self.past: deque[Moment] = deque(maxlen=MOST_MOMENTS)
        self.entries: list[Entry] = []

    def look(self) -> View:
        blind: dict[str, str] = {}
        ask = self.source
        # While Consul is away, those are asked whom it knew last.
        self.entries = tried(blind, "Consul", ask.instances, self.entries)
        places = self.places()
        # All at once: each may keep us waiting until it is given up.
        with ThreadPoolExecutor(4) as pool:
            readings = pool.submit(ask.readings, places)
            errors = pool.submit(ask.errors, places)
            settings = pool.submit(tried, blind, "Consul's KV", ask.settings, {})
            queues = pool.submit(tried, blind, "RabbitMQ", ask.queues, [])
        self.window.add(self.clock(), readings.result())
        self.remember()
        silent = places.keys() - readings.result().keys()
        blind |= dict.fromkeys(sorted(silent), "no answer on its internal port")
        return self.view(queues.result(), settings.result(), errors.result(), blind)

    def places(self) -> dict[str, str]:
        found = {name_of(each): place_of(each) for each in self.entries}
        return {name: place for name, place in found.items() if place}

    def remember(self) -> None:
        if self.window.seconds:
            latest = traffic.total(self.window, newest=True)
            moment = Moment(latest.rate, latest.failed, latest.p99) if latest else None
            self.past.append(moment or Moment())

    def view(
        self,
        told: list[Entry],
        settings: dict[str, str],
        errors: dict[str, list[Entry]],
        blind: dict[str, str],
    ) -> View:
        services = {name_of(each): service_of(each) for each in self.entries}
        queues, now = waiting.queues(told), self.now()
        view = View(
            at=now,
            seconds=self.window.seconds,
            instances=instances(self.entries, self.window, now.timestamp()),
            routes=traffic.routes(self.window),
            calls=traffic.calls(self.window, services),
            total=traffic.total(self.window),
            past=list(self.past),
            queues=queues,
            breakers=waiting.breakers(self.window, services),
            outbox=waiting.outbox(self.window, services),
            sagas=waiting.sagas(self.window, services),
            dead_letters=waiting.dead_letters(queues),
            errors=waiting.failures(errors),
            settings=settings,
            blind=blind,
        )
        return with_findings(view)


def tried(
    blind: dict[str, str], who: str, ask: Callable[[], Found], otherwise: Found
) -> Found:
    """What ``ask`` finds; or ``otherwise``, and ``who`` is noted with the reason."""
    try:
        return ask()
    except Away as trouble:
        blind[who] = str(trouble)
        return otherwise
