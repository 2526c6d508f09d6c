"""Who is there: what Consul says of an instance, and what the process itself says."""

from collections.abc import Iterable, Mapping
from typing import Any

from ops.console import names
from ops.console.figures import Window
from ops.console.view import Instance

Entry = Mapping[str, Any]
# Consul's words, the worst first.
STATES = ("critical", "warning", "passing")
EXPIRED = "TTL expired"
SILENT = "it tells Consul nothing any more"


def name_of(entry: Entry) -> str:
    return str(entry["Service"]["ID"])


def service_of(entry: Entry) -> str:
    return str(entry["Service"]["Service"])


def meta(entry: Entry) -> dict[str, str]:
    return entry["Service"].get("Meta") or {}


def place_of(entry: Entry) -> str | None:
    """Host and port of its internal port, if it has told one."""
    port = meta(entry).get("metrics_port")
    return f"{entry['Service']['Address']}:{port}" if port else None


def instances(entries: Iterable[Entry], window: Window, now: float) -> list[Instance]:
    """Our processes first, then the servers behind them."""
    cpu = {each.process: each.rate for each in window.growths(names.CPU, newest=True)}
    found = [instance(entry, window, now, cpu.get(name_of(entry))) for entry in entries]
    return sorted(found, key=lambda one: (not one.is_ours, one.service, one.id))


def instance(entry: Entry, window: Window, now: float, cpu: float | None) -> Instance:
    about, own = meta(entry), window.latest.get(name_of(entry), {})
    told = {name: next(iter(samples.values()), None) for name, samples in own.items()}
    started = told.get(names.STARTED)
    worst = min(entry["Checks"], key=rank, default={"Status": "warning"})
    return Instance(
        service=service_of(entry),
        id=name_of(entry),
        state=worst["Status"],
        note=note(worst),
        version=about.get("version", ""),
        region=about.get("region", ""),
        pid=about.get("pid", ""),
        uptime=now - started if started else None,
        cpu=cpu,
        memory=told.get(names.MEMORY),
        lag=told.get(names.LOOP_LAG),
        is_ours="pid" in about,
    )


def rank(check: Entry) -> int:
    state = check["Status"]
    return STATES.index(state) if state in STATES else 0


def note(check: Entry) -> str:
    """Why it is not well; one that passes says nothing new."""
    said = str(check.get("Output") or check.get("Notes") or "").strip()
    if check["Status"] == "passing":
        return ""
    # What it said last may well be that all is well.
    return SILENT if said.startswith(EXPIRED) else said
