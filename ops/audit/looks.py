"""Looks at the shop while it runs: only what is wrong each time is wrong."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from ops.audit.faults import Check, Violation
from ops.audit.stores import View

LOOKS = 3
PAUSE_SECONDS = 1.0

Look = Callable[[], AbstractContextManager[View]]


def look(
    checks: Iterable[Check],
    view: Look,
    tell: Callable[[str], None] = lambda title: None,
    pause: Callable[[float], None] = time.sleep,
) -> list[Violation]:
    """What is wrong in each of ``LOOKS``; who finds nothing is not asked again.

    What one store has heard of and the other has not yet is no violation: it is
    gone at the next look.
    """
    suspects = {check: found(check, view, tell) for check in checks}
    for _ in range(LOOKS - 1):
        suspects = {check: seen for check, seen in suspects.items() if seen}
        if not suspects:
            break
        pause(PAUSE_SECONDS)
        suspects = {
            check: still(seen, found(check, view, tell))
            for check, seen in suspects.items()
        }
    return [violation for seen in suspects.values() for violation in seen]


def found(check: Check, view: Look, tell: Callable[[str], None]) -> list[Violation]:
    tell(check.title)
    with view() as stores:
        return list(check.find(stores))


def still(before: Sequence[Violation], now: Sequence[Violation]) -> list[Violation]:
    known = {violation.identity for violation in before}
    return [violation for violation in now if violation.identity in known]
