"""Ports and processes: ours where they should be, nobody else's in their way."""

from collections.abc import Iterator

import psutil

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, left_out, ok, problem, warning
from ops.doctor.leftovers import family
from ops.stack import console, ports
from ops.stack.condition import Condition, conditions
from ops.stack.servers import Servers

MANY = 3


def free_ports(case: Case) -> Iterator[Finding]:
    """Those that a start needs, or has."""
    wanted, ours = wanted_ports(case), family(case)
    held = {
        name: refusal
        for name, port in wanted.items()
        if (refusal := ports.refusal_of(host_of(name, case), port))
    }
    listening = holders() if held else {}
    for name, refusal in held.items():
        port = wanted[name]
        if not listening.get(port, set()) & ours:
            why = ports.told(refusal, host_of(name, case), port)
            remedy = f"export {name.upper()}_PORT={port + 1}"
            yield problem(f"port {port} ({name}) {why}", remedy)
    kept = f"{len(held)} of {len(wanted)} are ours" if case.runs else ""
    yield ok(kept or f"{len(wanted)} are free")


def host_of(name: str, case: Case) -> str:
    return case.settings.gateway_host if name == "gateway" else "127.0.0.1"


def wanted_ports(case: Case) -> dict[str, int]:
    """By the name of what listens, of what is not given from outside."""
    settings = case.settings
    served = {name for s in Servers(settings, {}).needed() for name in s.port_names}
    started = {name for name, count in settings.processes.items() if count}
    started |= {console.NAME}
    kept = served | (started & settings.ports.keys())
    return {name: port for name, port in settings.ports.items() if name in kept}


def holders() -> dict[int, set[int]]:
    """Who listens, by port."""
    found: dict[int, set[int]] = {}
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.pid:
            found.setdefault(each.laddr.port, set()).add(each.pid)
    return found


def processes(case: Case) -> Iterator[Finding]:
    if not case.runs:
        yield left_out("nothing runs here")
        return
    found = conditions(case.state, case.variables)
    for each in found:
        yield from of(each, case)
    fine = sum(each.is_fine for each in found)
    yield ok(f"{fine} of {len(found)} run; {case.state.summary()}")


def of(found: Condition, case: Case) -> Iterator[Finding]:
    name, restarts = found.saved["name"], found.saved.get("restarts", 0)
    if not found.is_fine:
        _, halted, command = found.note.rpartition("kill -CONT")
        restart = "make stop; make start" if found.child is None else "make status"
        remedy = f"{halted}{command}" if halted else restart
        why = found.note.partition(";")[0] if halted else found.note
        yield problem(f"{name} {found.state}: {why}".strip(": "), remedy)
    elif restarts:
        times = "once" if restarts == 1 else f"{restarts} times"
        told = f"{name} was started again {times}: {found.saved['last_end']}"
        log = case.shown(case.run_dir / f"log/{name}.log")
        tell = problem if restarts >= MANY else warning
        yield tell(told, f"less {log}")


CHECKS = (Check("ports", free_ports), Check("processes", processes))
