"""A steady load on a shop, and what became of each request."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import urllib3

PAUSE = 0.03
CALM_SECONDS = 1.5
REFUSALS = (409, 429, 500, 503)


@dataclass(frozen=True)
class Outcome:
    """``status`` is 0 when there was no answer; ``said`` is the reason then."""

    kind: str
    began: float
    seconds: float
    status: int
    said: Any

    @property
    def code(self) -> str:
        """Of a refusal; what went wrong when there was no answer."""
        if not self.status:
            return str(self.said)
        return self.said.code if self.status in REFUSALS else ""

    @property
    def ended(self) -> float:
        return self.began + self.seconds


class Load:
    """Visits of several kinds, each by one visitor after the other.

    ``visits`` gives for each kind a function that asks once.
    """

    def __init__(self, visits: Mapping[str, Callable[[], Any]], each: int = 1) -> None:
        self.outcomes: list[Outcome] = []
        self.ended = threading.Event()
        self.visitors = [
            threading.Thread(target=self.visit, args=kind_and_visit)
            for kind_and_visit in visits.items()
            for _ in range(each)
        ]

    def __enter__(self) -> "Load":
        for visitor in self.visitors:
            visitor.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ended.set()
        for visitor in self.visitors:
            visitor.join()

    def visit(self, kind: str, ask: Callable[[], Any]) -> None:
        while not self.ended.wait(PAUSE):
            self.outcomes.append(outcome(kind, ask))

    def since(self, moment: float, kind: str = "") -> list[Outcome]:
        """Of the requests that were under way at ``moment`` or came later."""
        return [each for each in self.of(kind) if each.ended > moment]

    def is_calm(self) -> bool:
        """Whether nobody has been refused for a while."""
        start = time.monotonic() - CALM_SECONDS
        recent = self.since(start)
        began = min((each.began for each in self.outcomes), default=start)
        return bool(recent) and began < start and not any(e.code for e in recent)

    def of(self, kind: str) -> list[Outcome]:
        return [each for each in list(self.outcomes) if kind in ("", each.kind)]


def outcome(kind: str, ask: Callable[[], Any]) -> Outcome:
    began = time.monotonic()
    try:
        answer = ask()
    except urllib3.exceptions.HTTPError as trouble:
        return Outcome(kind, began, time.monotonic() - began, 0, repr(trouble))
    return Outcome(kind, began, time.monotonic() - began, answer.status, answer)


def told(outcomes: Iterable[Outcome]) -> Counter[tuple[Any, ...]]:
    """How often each kind ended how, a refusal by its code."""
    return Counter((each.kind, each.status, each.code) for each in outcomes)


def p99(outcomes: list[Outcome]) -> float:
    return quantiles(seconds_of(outcomes), n=100)[98]


def seconds_of(outcomes: list[Outcome]) -> list[float]:
    """Two at the least, as quantiles want; a slow machine may have seen but one."""
    seconds = [each.seconds for each in outcomes]
    return seconds * 2 if len(seconds) == 1 else seconds
