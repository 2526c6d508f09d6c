"""Faults that an operator sets on purpose, to see what the shop does about them.

They come as ``shopnow/chaos/TARGET`` of Consul's KV and concern local and staging
environments alone (common/live/keys.py).  A port asks ``fault(TARGET)`` before it
does its work, which is one look into an empty dict as long as nothing is set.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import random
from typing import Any

from common.errors import service_unavailable

DELAY, ERROR, UNREACHABLE, STOP, LEAK = "delay", "error", "unreachable", "stop", "leak"
CALLED = (DELAY, ERROR, UNREACHABLE)
# What can be done to whom; docs/chaos.md says what the shop does then.
TARGETS: dict[str, tuple[str, ...]] = {
    "auth_service": CALLED,
    "cache": (STOP,),
    "events": (DELAY, ERROR, STOP),
    "gateway": (DELAY, ERROR, LEAK),
    "mail": CALLED,
    "mongo": CALLED,
    "order_service": CALLED,
    "outbox": (STOP,),
    "payment": CALLED,
    "postgres": CALLED,
    "product_service": CALLED,
    "redis": CALLED,
    "user_service": CALLED,
}

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
MOST_SECONDS = 60.0
SIZE = re.compile(r"(\d+)(KB|MB)", re.IGNORECASE)
BYTES = {"KB": 1024, "MB": 1024 * 1024}
LARGEST_LEAK = 16 * BYTES["MB"]
# A process that has leaked so much leaks no more: the machine is to survive this.
MOST_LEAKED = 256 * BYTES["MB"]


class FaultOnPurpose(Exception):
    """Where nothing better says what went wrong."""


@dataclass
class Fault:
    """``delay`` is in seconds, ``error`` a share of one, ``leak`` in bytes a call."""

    delay: float = 0.0
    error: float = 0.0
    unreachable: bool = False
    stop: bool = False
    leak: int = 0
    leaked: list[bytes] = field(default_factory=list)

    def strike(
        self, away: Callable[[], BaseException], most: float, late: Any, chance: float
    ) -> float:
        if self.leak and len(self.leaked) * self.leak < MOST_LEAKED:
            # Written to, or the kernel would only promise it.
            self.leaked.append(b"\1" * self.leak)
        if self.delay:
            time.sleep(min(self.delay, most))
            if self.delay >= most:
                raise (late or away)()
        if self.unreachable or chance < self.error:
            raise away()
        return self.delay


# By their targets, those that are set.
ACTIVE: dict[str, Fault] = {}


def fault(
    target: str,
    away: Callable[[], BaseException] = service_unavailable,
    most: float = inf,
    late: Callable[[], BaseException] | None = None,
) -> float:
    """Have the fault of ``target`` strike, if one is set; the seconds that it took.

    Raises what ``away`` makes, as the port itself would; and what ``late`` makes, or
    ``away``, when a delay takes the ``most`` seconds that the port would wait.
    """
    found = ACTIVE.get(target)
    if found is None:
        return 0.0
    return found.strike(away, most, late, random())  # noqa: S311  # nosec B311


def is_stopped(target: str) -> bool:
    found = ACTIVE.get(target)
    return found is not None and found.stop


class Struck:
    """``thing``, behind a fault that strikes whenever something of it is used."""

    def __init__(self, thing: Any, strike: Callable[[], Any]) -> None:
        self._thing, self._strike = thing, strike

    def __getattr__(self, name: str) -> Any:
        self._strike()
        return getattr(self._thing, name)


def behind(target: str, thing: Any, away: Callable[[], BaseException]) -> Any:
    """``thing`` itself, unless a fault of ``target`` is set."""
    if target not in ACTIVE:
        return thing
    return Struck(thing, lambda: fault(target, away))


def change(target: str, value: Any) -> None:
    """Set what ``value`` says, such as ``delay:2s,error:10``; None clears it.

    Raises ``ValueError``.
    """
    if value is None:
        ACTIVE.pop(target, None)
    else:
        ACTIVE[target] = fault_in(target, value)


def fault_in(target: str, text: Any) -> Fault:
    """Raises ``ValueError`` for what cannot be done to ``target``."""
    kinds = TARGETS.get(target)
    if kinds is None:
        raise ValueError(f"there is no {target}; there are {', '.join(TARGETS)}")
    found = Fault()
    for part in str(text).split(","):
        kind, _, amount = part.strip().partition(":")
        if kind not in kinds:
            raise ValueError(f"{target} takes {', '.join(kinds)}, not {part!r}")
        setattr(found, kind, MEANING[kind](part, amount))
    return found


def seconds_in(part: str, amount: str) -> float:
    read = DURATION.fullmatch(amount)
    seconds = float(read[1]) * UNITS[read[2]] if read else 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise ValueError(f"{part!r} is not delay:200ms or delay:2s, up to 60s")
    return seconds


def share_in(part: str, amount: str) -> float:
    share = int(amount) / 100 if amount.isdecimal() else 0.0
    if not 0 < share <= 1:
        raise ValueError(f"{part!r} is not error:PERCENT from 1 to 100")
    return share


def size_in(part: str, amount: str) -> int:
    read = SIZE.fullmatch(amount)
    size = int(read[1]) * BYTES[read[2].upper()] if read else 0
    if not 0 < size <= LARGEST_LEAK:
        raise ValueError(f"{part!r} is not leak:100KB or leak:1MB, up to 16MB")
    return size


def nothing_in(part: str, amount: str) -> bool:
    if amount:
        raise ValueError(f"{part!r} takes no amount")
    return True


MEANING: dict[str, Callable[[str, str], Any]] = {
    DELAY: seconds_in,
    ERROR: share_in,
    UNREACHABLE: nothing_in,
    STOP: nothing_in,
    LEAK: size_in,
}
