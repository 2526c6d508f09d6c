"""How each process of the local stack does: it may live and do nothing."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import psutil
import urllib3

from ops import http
from ops.errors import Problem
from ops.stack import probes
from ops.stack.child import Child
from ops.stack.servers import Consul, Mongo, Postgres, RabbitMQ, Redis
from ops.stack.state import State

RUNNING = "running"
SERVERS = {each.name: each.uris for each in (Consul, Mongo, Postgres, RabbitMQ, Redis)}
# A server that has just been started again gets as long until it has to answer.
PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.2
HALTED = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


@dataclass(frozen=True)
class Condition:
    """``state`` in a word or two; ``note`` is what there is to say about it."""

    saved: Mapping[str, Any]
    child: Child | None
    state: str
    note: str = ""

    @property
    def is_fine(self) -> bool:
        return self.state == RUNNING


def conditions(
    state: State, variables: Mapping[str, str], parts: Sequence[str] = ()
) -> list[Condition]:
    """Of the processes of ``parts``, or of all."""
    written = [each for each in written_in(state) if is_part(each["name"], parts)]
    checks = told_by_consul(variables) if state.phase == "ready" else {}
    with ThreadPoolExecutor(max(len(written), 1)) as pool:
        return list(
            pool.map(lambda saved: of(saved, state, variables, checks), written)
        )


def written_in(state: State) -> list[dict[str, Any]]:
    return [*state.servers, *state.services]


def is_part(name: str, parts: Sequence[str]) -> bool:
    return not parts or name in parts or name.partition(".")[0] in parts


def of(
    saved: Mapping[str, Any],
    state: State,
    variables: Mapping[str, str],
    checks: Mapping[str, tuple[str, str]],
) -> Condition:
    child = Child.recall(saved)
    if child is None:
        return Condition(saved, child, "gone", f"see {saved['log']}")
    if halted := halted_in(child.process):
        why = f"something has stopped it; kill -CONT {' '.join(map(str, halted))}"
        return Condition(saved, child, "stands still", why)
    if state.phase != "ready":
        return Condition(saved, child, RUNNING)
    if saved["name"] in SERVERS:
        note = silence(saved, variables)
        return Condition(saved, child, "no answer" if note else RUNNING, note)
    told, note = checks.get(str(saved["pid"]), ("passing", ""))
    if told != "passing":
        return Condition(saved, child, "not well", note)
    return Condition(saved, child, RUNNING)


def halted_in(process: psutil.Process) -> list[int]:
    """The numbers of those, of a process and what it started, that are held."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                if each.status() in HALTED:
                    found.append(each.pid)
    return found


def silence(saved: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Why a server does not answer, after it got its time; or nothing."""
    deadline = monotonic() + PATIENCE_SECONDS
    for name in SERVERS[saved["name"]]:
        uri = variables.get(name, "")
        # One that was given is somebody else's.
        if saved["port"] not in ports_of(uri):
            continue
        while why := probes.trouble(name, uri):
            if monotonic() > deadline:
                return why
            sleep(PAUSE_SECONDS)
        break
    return ""


def ports_of(uri: str) -> list[int | None]:
    with suppress(ValueError):
        return [urlsplit(uri).port]
    return []


def told_by_consul(variables: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """``{pid: (state, note)}`` of the services; nothing, if Consul tells nothing."""
    with suppress(KeyError, Problem, urllib3.exceptions.HTTPError):
        uri = f"{variables['CONSUL_URI']}/v1/health/state/any"
        found = http.call("GET", uri, token=variables.get("CONSUL_TOKEN", ""))
        return {
            each["ServiceID"].rpartition("-")[2]: (each["Status"], each["Output"])
            for each in found
            if each["ServiceID"]
        }
    return {}
