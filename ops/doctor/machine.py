"""The machine: whether there is room, and the way to ourselves is free."""

import os
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
from requests.utils import should_bypass_proxies

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning

GIB = 2**30
LEAST_DISK, SOME_DISK = 1 * GIB, 4 * GIB
# Ours come to about 1.5 GB; a cache that can go counts as available.
LEAST_MEMORY, SOME_MEMORY = GIB // 2, 2 * GIB
LEAST_FILES, SOME_FILES = 1024, 4096
MOST_USED = 0.8


def disk(case: Case) -> Iterator[Finding]:
    place = nearest(case.run_dir)
    free = shutil.disk_usage(place).free
    told = f"{free / GIB:.1f} GB free in {place}"
    advice = f"make room, or: export SHOPNOW_RUN_DIR=/elsewhere; du -sh {place}/*"
    if free < LEAST_DISK or os.statvfs(place).f_favail in range(1, 1000):
        yield problem(f"{told}; the servers stop writing", advice)
    elif free < SOME_DISK:
        yield warning(told, advice)
    else:
        yield ok(told)


def nearest(place: Path) -> Path:
    """The folder itself, or the one it would be made in."""
    return place if place.is_dir() else nearest(place.parent)


def memory(case: Case) -> Iterator[Finding]:
    free = psutil.virtual_memory().available
    told = f"{free / GIB:.1f} GB available"
    least, some = (
        (LEAST_MEMORY // 2, LEAST_MEMORY)
        if case.runs
        else (
            LEAST_MEMORY,
            SOME_MEMORY,
        )
    )
    advice = "end other programs: ps -eo rss,pid,comm --sort=-rss | head"
    if free < least:
        yield problem(f"{told}; the kernel may end any process", advice)
    elif free < some:
        yield warning(f"{told}; the shop takes 1.5 GB", advice)
    else:
        yield ok(told)


def files(case: Case) -> Iterator[Finding]:
    """How many files a process may open, and who is near it."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = f"a process may open {limit}"
    if limit < LEAST_FILES:
        yield problem(told, f"ulimit -n {SOME_FILES}; make stop; make start")
    elif limit < SOME_FILES:
        yield warning(told, f"ulimit -n {SOME_FILES}; make stop; make start")
    else:
        yield ok(told)
    for name, used, most in descriptors(case):
        if used > most * MOST_USED:
            yield problem(
                f"{name} has {used} of {most} open",
                "shopnow stack status; then restart it",
            )


def descriptors(case: Case) -> Iterator[tuple[str, int, int]]:
    services, servers = case.state.left_over()
    for child in [*services, *servers]:
        try:
            used = child.process.num_fds()
            most, _ = child.process.rlimit(psutil.RLIMIT_NOFILE)
        except psutil.Error:
            continue  # It is somebody else's, or has just gone.
        yield child.name, used, most


def network(case: Case) -> Iterator[Finding]:
    """Our servers are named by 127.0.0.1 and, in Erlang, by localhost."""
    try:
        address = socket.gethostbyname("localhost")
    except OSError:
        address = "nothing"
    if address != "127.0.0.1":
        line = "127.0.0.1 localhost"
        told = f"localhost is {address}, and RabbitMQ looks for itself there"
        yield problem(told, f"echo '{line}' | sudo tee -a /etc/hosts")
    proxy = next((n for n in ("http_proxy", "HTTP_PROXY") if case.environ.get(n)), "")
    spared = case.environ.get("no_proxy") or case.environ.get("NO_PROXY") or ""
    if proxy and not should_bypass_proxies("http://127.0.0.1:8500/", spared):
        told = f"{proxy} stands between us and our own Consul"
        yield problem(told, "export NO_PROXY=127.0.0.1,localhost")
    elif address == "127.0.0.1":
        yield ok("localhost is 127.0.0.1, and no proxy stands before it")


CHECKS = (
    Check("disk", disk),
    Check("memory", memory),
    Check("open files", files),
    Check("network", network),
)
