"""Who else is there, and well: as Consul tells it, the moment it changes."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

import consul
import eventlet

log = logging.getLogger(__name__)

PASSING, CRITICAL, MISSING = "passing", "critical", "missing"
# For so long Consul keeps a question for which there is no news; and while we wait
# for processes to come back to it.
WAIT_SECONDS, SHORT_WAIT_SECONDS = 5, 1
GRACE_SECONDS = 2.0
PAUSE_SECONDS = 0.5
# Consul may have forgotten everybody while it was away; they tell it again.
HOLD_SECONDS = 5.0


class Directory:
    """``known`` is ``{service: state}``: passing when one instance of it is.

    ``away`` are services that were there once and of which no instance is well.
    While Consul is away, what was known last is all we know, so nobody is.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.known: dict[str, str] = {}
        self.away: frozenset[str] = frozenset()
        self.is_current = False
        self.held_until = 0.0

    def run(self, agent: consul.Consul) -> None:
        index = None
        while True:
            try:
                index = self.ask(agent, index)
            except (Exception, eventlet.Timeout) as trouble:
                index = None
                self.lose(type(trouble).__name__)
                eventlet.sleep(PAUSE_SECONDS)

    def ask(self, agent: consul.Consul, index: str | None) -> str | None:
        """Wait until something is newer than ``index``; the index of that."""
        holding = self.clock() < self.held_until
        wait = SHORT_WAIT_SECONDS if holding else WAIT_SECONDS
        # Consul adds a sixteenth at the most, so that not all come at once.
        with eventlet.Timeout(wait * 17 / 16 + GRACE_SECONDS):
            newer, checks = agent.health.state("any", index=index, wait=f"{wait}s")
        self.take(checks)
        # An index that runs backwards is that of another history.
        return newer if index is None or int(newer) >= int(index) else None

    def take(self, checks: Iterable[Mapping[str, Any]]) -> None:
        """Know what ``checks`` tell; raises nothing."""
        now = self.clock()
        if not self.is_current:
            self.held_until = now + HOLD_SECONDS
        found = dict.fromkeys(self.known, MISSING) | summary(checks)
        if now < self.held_until:
            found |= {name: PASSING for name, s in self.known.items() if s == PASSING}
        self.is_current = True
        self.turn_to(found)

    def turn_to(self, found: dict[str, str]) -> None:
        for name, state in found.items():
            if state != self.known.get(name, state):
                level = logging.INFO if state == PASSING else logging.WARNING
                log.log(level, "%s is %s", name, state)
        self.known = found
        self.away = frozenset(name for name in found if found[name] != PASSING)

    def lose(self, why: str) -> None:
        """Consul does not answer."""
        if self.is_current:
            log.warning("Consul does not answer: %s", why)
        self.is_current = False
        self.away = frozenset()


def summary(checks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """``{service: state}`` of checks as Consul lists them.

    A node that does not answer cannot tell that its instances do not either.
    """
    dead, instances = set(), defaultdict(list)
    for check in checks:
        if not check["ServiceName"] and check["Status"] == CRITICAL:
            dead.add(check["Node"])
        elif check["ServiceName"]:
            who = check["ServiceName"], check["Node"], check["ServiceID"]
            instances[who].append(check["Status"])
    found: dict[str, str] = {}
    for (name, node, _), states in sorted(instances.items()):
        if node not in dead and CRITICAL not in states:
            found[name] = PASSING
        found.setdefault(name, CRITICAL)
    return found


# What this process knows.  Its `Registration` runs it; without one nobody is away.
DIRECTORY = Directory()
