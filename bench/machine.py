"""Where and with what it was measured."""

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.wrk import CONNECTIONS
from ops.stack import programs
from ops.stack.settings import ROOT

LIBRARIES = ("nameko", "eventlet", "kombu")
GIB = 1024**3


def seen(versions: Mapping[str, str]) -> dict[str, str]:
    """The machine and, beside the servers' ``versions``, those of the rest."""
    memory = psutil.virtual_memory().total / GIB
    return {
        "Processor": f"{processor(Path('/proc/cpuinfo').read_text())}, "
        f"{os.cpu_count()} cores",
        "Memory": f"{memory:.1f} GiB",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Load": f"wrk, 1 thread, {CONNECTIONS} connections, on the same machine",
        "ShopNow": commit(),
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
        **versions,
        "Measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def processor(cpuinfo: str) -> str:
    found = re.search(r"^model name\s*: (.+)$", cpuinfo, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def commit() -> str:
    git = ["git", "-C", str(ROOT)]
    head = programs.run([*git, "rev-parse", "--short", "HEAD"]).strip()
    changed = programs.run(
        [*git, "status", "--porcelain", "--", ".", ":!bench/results"]
    )
    return f"{head} with changes" if changed else head
