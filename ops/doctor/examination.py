"""Goes through all checks at once, those of a server after it has answered."""

import queue
from collections.abc import Iterable, Iterator
from threading import Thread
from time import monotonic

from ops.doctor import (
    broker,
    carts,
    clock,
    databases,
    installation,
    keys,
    leftovers,
    live,
    machine,
    place,
    processes,
    registry,
    servers,
)
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, Result, Standing, left_out, problem
from ops.stack.probes import reason

GROUPS: dict[str, tuple[Check, ...]] = {
    "machine": (*installation.CHECKS, *machine.CHECKS),
    "run directory": (*place.CHECKS, *leftovers.CHECKS),
    "processes": processes.CHECKS,
    "servers": servers.CHECKS,
    "clock": clock.CHECKS,
    "data": (*databases.CHECKS, *keys.CHECKS, *carts.CHECKS),
    "broker": broker.CHECKS,
    "consul": (*registry.CHECKS, *live.CHECKS),
}
# A server may stand still in the middle of an answer.
PATIENCE_SECONDS = 12.0


def examine(
    case: Case, groups: dict[str, tuple[Check, ...]] | None = None
) -> list[Result]:
    """Of every check its findings, in the order of ``GROUPS``."""
    wanted = GROUPS if groups is None else groups
    checks = [check for each in wanted.values() for check in each]
    found = at_once(case, [check for check in checks if not check.needs])
    later = [check for check in checks if check.needs]
    able = [check for check in later if not lacking(check, case, found)]
    found |= at_once(case, able)
    return [
        Result(group, check.name, tuple(found.get(check) or unable(check, case, found)))
        for group, each in wanted.items()
        for check in each
    ]


def lacking(check: Check, case: Case, found: dict[Check, list[Finding]]) -> list[str]:
    """What it needs and does not have: a variable, or a server that answers."""
    return [
        name
        for name in check.needs
        if not case.variables.get(name)
        or any(
            each.standing is Standing.PROBLEM
            for each in found.get(servers.BY_VARIABLE[name], [])
        )
    ]


def unable(
    check: Check, case: Case, found: dict[Check, list[Finding]]
) -> Iterable[Finding]:
    names = ", ".join(servers.NAMES[name] for name in lacking(check, case, found))
    away = f"{names} does not answer" if case.runs else "nothing runs here"
    return [left_out(away)]


def at_once(case: Case, checks: Iterable[Check]) -> dict[Check, list[Finding]]:
    answers: queue.Queue[tuple[Check, list[Finding]]] = queue.Queue()
    waiting = {check: None for check in checks}
    for check in waiting:
        # Daemons, since nobody waits for one whose server stands still.
        Thread(
            target=lambda check=check: answers.put((check, looked(check, case))),
            daemon=True,
        ).start()
    found: dict[Check, list[Finding]] = {}
    for check, findings in until(answers, monotonic() + PATIENCE_SECONDS, len(waiting)):
        found[check] = findings
    silent = waiting.keys() - found.keys()
    late = problem(f"no answer within {PATIENCE_SECONDS:g} s", "make status")
    return found | {check: [late] for check in silent}


def until(
    answers: "queue.Queue[tuple[Check, list[Finding]]]", deadline: float, most: int
) -> Iterator[tuple[Check, list[Finding]]]:
    for _ in range(most):
        try:
            yield answers.get(timeout=max(0.0, deadline - monotonic()))
        except queue.Empty:
            return


def looked(check: Check, case: Case) -> list[Finding]:
    try:
        return list(check.look(case))
    except Exception as trouble:
        # A patient must not bring the doctor down.
        told = f"could not be looked at: {type(trouble).__name__}: {reason(trouble)}"
        return [problem(told[:300], "make status")]
