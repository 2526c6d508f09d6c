"""CPU time of exactly the processes that belong to the run, by group."""

import os
from collections.abc import Callable, Iterator, Mapping
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


def service_of(process: str) -> str:
    """Every kind of process by itself."""
    return process.partition(".")[0]


def spent(
    processes: Mapping[int, str], group: Callable[[str], str] = group_of
) -> dict[str, float]:
    """CPU-seconds so far of these ``{pid: name}`` and of all their children."""
    total = dict.fromkeys(ORDER if group is group_of else (), 0.0)
    for pid, name in processes.items():
        seconds = sum(map(seconds_of, tree(pid)))
        total[group(name)] = total.get(group(name), 0.0) + seconds
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
        used = {
            name: now - before.groups.get(name, 0.0)
            for name, now in self.groups.items()
        }
        elsewhere = self.machine - before.machine - sum(used.values())
        return {"cpu": used, "elsewhere": max(elsewhere, 0.0)}


def read(
    processes: Mapping[int, str], group: Callable[[str], str] = group_of
) -> Reading:
    return Reading(spent(processes, group), of_machine())


def of_machine() -> float:
    """All but the idle time, and but that of the load generator, our own child."""
    times, me = psutil.cpu_times(), psutil.Process().cpu_times()
    busy = times.user + times.nice + times.system + times.irq + times.softirq
    return busy - sum(me[:4])
