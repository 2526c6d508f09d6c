"""The run directory: what it is told, whose it is, and who may read it."""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem
from ops.doctor.machine import nearest
from ops.stack.servers.postgres import USER as DATABASES_USER

# Who may read them may do all that the shop may.
SECRETS = ("secrets.json", "env", "demo-accounts.json", "state.json")
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_LOOKED_AT = 20_000


def settings(case: Case) -> Iterator[Finding]:
    if case.misset:
        name = case.misset.split()[0]
        yield problem(
            case.misset, f"unset {name}" if name.isupper() else "ops/local.toml"
        )
    else:
        given = ", ".join(case.settings.given) or "nothing"
        yield ok(f"the environment gives {given} of its own")


def contents(case: Case) -> Iterator[Finding]:
    """Whether the files that tell of the shop can be read as such."""
    advice = {
        "state.json": "shopnow doctor shows who holds our ports; then rm {file}",
        "env": "make stop; make start",
        "secrets.json": "restore {file} from a copy, or lose all data: make reset",
    }
    for name, why in case.unreadable.items():
        file = case.shown(case.run_dir / name)
        yield problem(f"{name} cannot be read: {why}", advice[name].format(file=file))
    if not case.unreadable:
        yield ok(f"{case.run_dir}")


def owners(case: Case) -> Iterator[Finding]:
    """What is somebody else's stops the next start: a run as root leaves such files."""
    me, place = os.geteuid(), nearest(case.run_dir)
    if not os.access(place, os.W_OK | os.X_OK):
        yield problem(f"{place} cannot be written to", f"sudo chown {whoami()} {place}")
        return
    ours = {me} | ({uid_of(DATABASES_USER)} if me == 0 else set())
    foreign = [p for p, uid in owned(case.run_dir) if uid not in ours]
    if foreign:
        told = f"{len(foreign)} files are not {whoami()}'s: {foreign[0].name} …"
        place = case.run_dir
        yield problem(told, f"sudo chown -R {whoami()} {case.shown(place)}")
    else:
        yield ok(f"all of it is {whoami()}'s")


def owned(place: Path) -> Iterator[tuple[Path, int]]:
    """The files, but not those of the tests' own stacks."""
    if not place.is_dir():
        return
    for path in islice(walk(place), MOST_LOOKED_AT):
        # The servers make and remove files all the time.
        with suppress(FileNotFoundError):
            yield path, path.lstat().st_uid


def walk(place: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(place):
        if Path(folder) == place and "test" in folders:
            folders.remove("test")
        yield from (Path(folder, name) for name in [*folders, *names])


def uid_of(user: str) -> int:
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return os.geteuid()


def whoami() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def secrecy(case: Case) -> Iterator[Finding]:
    files = [case.run_dir / name for name in SECRETS]
    open_ones = [f for f in files if f.exists() and f.stat().st_mode & FOR_OTHERS]
    if open_ones:
        names = " ".join(case.shown(file) for file in open_ones)
        told = f"others may read {', '.join(file.name for file in open_ones)}"
        yield problem(told, f"chmod 600 {names}")
    else:
        yield ok("passwords are their owner's alone")


CHECKS = (
    Check("settings", settings),
    Check("run directory", contents),
    Check("owners", owners),
    Check("secrecy", secrecy),
)
