"""CPU time of exactly the processes that belong to the run, by group."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

TICKS = os.sysconf("SC_CLK_TCK")
# By the name under which a process was started; all others are idle company.
GROUPS = {
    "gateway": "gateway",
    "stock_gateway": "gateway",
    "product_service": "service",
    "stock_products": "service",
    "echo_service": "service",
    "echo_client": "client",
    "rabbitmq": "rabbitmq",
    "mongo": "mongod",
}
OTHER = "other"
ORDER = ("gateway", "client", "service", "rabbitmq", "mongod", OTHER)


def group_of(process: str) -> str:
    return GROUPS.get(process.partition(".")[0], OTHER)


def spent(processes: Mapping[int, str]) -> dict[str, float]:
    """CPU-seconds so far of these ``{pid: name}`` and of all their children."""
    total = dict.fromkeys(ORDER, 0.0)
    for pid, name in processes.items():
        total[group_of(name)] += sum(map(seconds_of, tree(pid)))
    return total


def tree(pid: int) -> Iterator[int]:
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(pid).children(recursive=True)
        yield pid
        yield from (child.pid for child in children)


def seconds_of(pid: int) -> float:
    with suppress(OSError):
        return seconds_in(Path(f"/proc/{pid}/stat").read_text())
    return 0.0


def seconds_in(stat: str) -> float:
    """Own time, and that of children which have ended and were waited for."""
    # The name in parentheses may itself have spaces and parentheses.
    fields = stat[stat.rindex(")") + 1 :].split()
    return sum(map(int, fields[11:15])) / TICKS


@dataclass(frozen=True)
class Reading:
    """CPU-seconds so far: of each group, and of the whole machine."""

    groups: Mapping[str, float]
    machine: float

    def since(self, before: "Reading") -> dict[str, Any]:
        """What was used in between, as a `Measurement` takes it."""
        used = {name: self.groups[name] - before.groups[name] for name in self.groups}
        elsewhere = self.machine - before.machine - sum(used.values())
        return {"cpu": used, "elsewhere": max(elsewhere, 0.0)}


def read(processes: Mapping[int, str]) -> Reading:
    return Reading(spent(processes), of_machine())


def of_machine() -> float:
    """All but the idle time, and but that of the load generator, our own child."""
    times, me = psutil.cpu_times(), psutil.Process().cpu_times()
    busy = times.user + times.nice + times.system + times.irq + times.softirq
    return busy - sum(me[:4])
