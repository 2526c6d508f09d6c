"""What is installed: the system, Python, its packages, and the servers' programs."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning
from ops.errors import Problem
from ops.stack import debian
from ops.stack.servers import Servers
from ops.stack.settings import ROOT

OLDEST_PYTHON = (3, 11)
LOCK = ROOT / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)(?: ; (.*?))? ?\\?$", re.MULTILINE)


def system(case: Case) -> Iterator[Finding]:
    kind = f"{platform.system()} on {platform.machine()}"
    if kind != "Linux on x86_64":
        advice = "start servers elsewhere and name them: README.md, Ports"
        yield problem(f"{kind}; the local stack needs Linux on x86_64", advice)
    else:
        yield ok(kind)


def python(case: Case) -> Iterator[Finding]:
    told = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info < OLDEST_PYTHON:
        yield problem(f"{told}; 3.11 or later is needed", "apt-get install python3")
    elif sys.prefix == sys.base_prefix:
        yield warning(f"{told}, which is no virtual environment", "ops/bootstrap")
    else:
        yield ok(told)


def packages(case: Case) -> Iterator[Finding]:
    """Those that the lock pins for every platform, against what is installed."""
    pinned = {
        name: wanted for name, wanted, only in PINNED.findall(read_lock()) if not only
    }
    missing = [name for name in pinned if installed(name) is None]
    other = [name for name in pinned if installed(name) not in (None, pinned[name])]
    if missing:
        yield problem(
            f"{few(missing)} missing", "rm -f .venv/bootstrapped; make bootstrap"
        )
    if other:
        told = f"{few(other)} not as pinned in requirements.lock"
        yield warning(told, "rm -f .venv/bootstrapped; make bootstrap")
    if not missing and not other:
        yield ok(f"{len(pinned)} are those of requirements.lock")


def read_lock() -> str:
    return LOCK.read_text() if LOCK.exists() else ""


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    rest = f" and {len(names) - 3} more" if len(names) > len(names[:3]) else ""
    return f"{shown}{rest} {'is' if len(names) == 1 else 'are'}"


def programs(case: Case) -> Iterator[Finding]:
    """The servers that would be started, and the rights to install them."""
    needed = Servers(case.settings, {}).needed()
    missing = []
    for server in needed:
        try:
            missing += server.missing_packages()
        except Problem as trouble:
            yield problem(trouble.message, "ops/bootstrap")
    words = " ".join(sorted(set(missing)))
    if missing and debian.privilege() is None:
        yield problem(f"{words} not installed", f"su -c 'apt-get install {words}'")
    elif missing:
        yield warning(f"{words} not installed yet", "shopnow stack install")
    else:
        yield ok(f"there are {', '.join(server.name for server in needed) or 'none'}")


CHECKS = (
    Check("system", system),
    Check("python", python),
    Check("packages", packages),
    Check("programs", programs),
)
