"""Counts the calls that a process answers, and how long they waited for it."""

import time
from collections.abc import Iterable
from typing import Any

from prometheus_client import REGISTRY

from common import metrics
from common.metrics.calls import DROPPED, Calls, outcome_of

# When a call left, in microseconds since the epoch.  Its own name keeps it out of
# the context that goes on to the calls that are made for this one.
SENT = "x-shopnow-sent"
UNKNOWN = "unknown"

CALLS = Calls(
    "method",
    "shopnow_rpc_requests",
    "shopnow_rpc_request_duration_seconds",
    "shopnow_rpc_queue_duration_seconds",
)
REGISTRY.register(CALLS)


def sent_now() -> dict[str, int]:
    return {SENT: time.time_ns() // 1000}


class Counting:
    """For the methods that it knows; whatever else is asked for is unknown."""

    def __init__(self, calls: Calls = CALLS) -> None:
        self.calls = calls
        self.names: dict[str, str] = {}
        self.is_on = metrics.is_on()

    def know(self, keys: Iterable[str]) -> None:
        self.names = {key: key.rpartition(".")[2] for key in keys}

    def begun(self, request: Any) -> None:
        sent = request.headers.get(SENT)
        if self.is_on and type(sent) is int:
            self.calls.begin(time.time() - sent / 1_000_000)

    def ended(self, request: Any, exc_info: Any) -> None:
        if self.is_on:
            seconds = time.perf_counter() - request.started
            trouble = exc_info[1] if exc_info else None
            self.calls.end(self.name(request), outcome_of(trouble), seconds)

    def dropped(self, request: Any) -> None:
        if self.is_on:
            self.calls.ended[self.name(request), DROPPED] += 1

    def name(self, request: Any) -> str:
        return self.names.get(request.key, UNKNOWN)
