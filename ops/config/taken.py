"""Whether the processes have taken a setting over: each tells on its internal port."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import urllib3

from ops import http
from ops.config import kv
from ops.errors import Problem

# The promise, for all processes; then we say who is missing.
MOST_SECONDS = 2.0
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Process:
    name: str
    page: str

    def has(self, setting: str, text: str | None) -> bool | None:
        """None if it does not tell; raises ``Problem`` if it has refused."""
        try:
            told = http.call("GET", self.page)
        except (Problem, urllib3.exceptions.HTTPError):
            return None
        if told["settings"].get(setting) != text:
            return False
        if setting in told["refused"]:
            why = told["refused"][setting]
            raise Problem(f"{self.name} does not take {setting} over: {why}")
        return True


def processes() -> Iterator[Process]:
    """Those that Consul knows to be well."""
    consul = kv.client()
    with kv.reached():
        for service in consul.catalog.services()[1]:
            for found in consul.health.service(service, passing=True)[1]:
                entry = found["Service"]
                if port := (entry["Meta"] or {}).get("metrics_port"):
                    page = f"http://{entry['Address']}:{port}/config"
                    yield Process(entry["ID"], page)


def everywhere(setting: str, text: str | None) -> str:
    """Wait for all processes, and say in how many it is.

    Raises ``Problem`` when one of them has refused it.
    """
    waiting = all_of_them = list(processes())
    deadline = time.monotonic() + MOST_SECONDS
    while waiting and time.monotonic() < deadline:
        waiting = [each for each in waiting if not each.has(setting, text)]
        time.sleep(PAUSE_SECONDS if waiting else 0)
    told = f"in {len(all_of_them) - len(waiting)} of {len(all_of_them)} processes"
    missing = ", ".join(each.name for each in waiting)
    return f"{told}; no word of {missing}" if missing else told
