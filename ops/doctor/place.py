"""The run directory: whose it is, who may read it, and what earlier runs have left."""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import psutil

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning
from ops.doctor.machine import GIB, nearest
from ops.stack.child import find
from ops.stack.servers.postgres import USER as DATABASES_USER

# Who may read them may do all that the shop may.
SECRETS = ("secrets.json", "env", "demo-accounts.json", "state.json")
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
MOST_LOOKED_AT = 20_000
MOST_LOGGED = GIB
SAME_START_SECONDS = 1.0


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


def leftovers(case: Case) -> Iterator[Finding]:
    """Processes of a run that was killed, and the places of tests that were."""
    services, servers = case.state.left_over()
    left = [*services, *servers]
    strays = list(strayed(case))
    if left and not case.state.keeper():
        yield problem(f"{len(left)} processes outlived their supervisor", "make stop")
    elif case.state.phase in ("starting", "ready") and not left and moved(case):
        yield problem(
            "the clock was set since the start; nothing finds its processes",
            f"kill {' '.join(map(str, moved(case)))}",
        )
    elif strays:
        told = f"{len(strays)} processes of an earlier run are still there"
        yield problem(told, f"kill {' '.join(str(each.pid) for each in strays)}")
    elif tests := list(abandoned(case.run_dir / "test")):
        place = case.shown(tests[0])
        told = f"{len(tests)} stacks of tests that were killed"
        yield warning(told, f"SHOPNOW_RUN_DIR={place} shopnow stack reset")
    elif case.state.phase == "ready" and not left:
        yield warning("the last run ended without being stopped", "make start")
    else:
        yield ok("none")


def moved(case: Case) -> list[int]:
    """Processes whose birth is another now: the clock they were written by was."""
    found = []
    for saved in [*case.state.servers, *case.state.services]:
        with suppress(psutil.Error):
            process = psutil.Process(saved["pid"])
            is_ours = str(case.run_dir) in " ".join(process.cmdline())
            away = abs(process.create_time() - saved["created"])
            if is_ours and away > SAME_START_SECONDS:
                found.append(saved["pid"])
    return found


def strayed(case: Case) -> Iterator[psutil.Process]:
    """Who works in our folders, and is not of this run."""
    known = family(case)
    places = [case.run_dir / name for name in ("rabbitmq", "redis", "mongo", "consul")]
    places.append((case.run_dir / "postgres").resolve())
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid not in known and Path(process.cwd()) in within(places):
                yield process


def within(places: list[Path]) -> set[Path]:
    return {*places, *(place / "data" for place in places)}


def family(case: Case) -> set[int]:
    """All processes of this run."""
    services, servers = case.state.left_over()
    keeper = case.state.keeper()
    heads = [child.process for child in [*services, *servers]]
    heads += [keeper] if keeper else []
    found = {head.pid for head in heads}
    for head in heads:
        with suppress(psutil.Error):
            found |= {each.pid for each in head.children(recursive=True)}
    return found


def abandoned(place: Path) -> Iterator[Path]:
    for each in place.glob("*-*"):
        pid, _, created = each.name.split(".")[0].partition("-")
        if created.isdigit() and pid.isdigit() and not find(int(pid), float(created)):
            yield each


def recorded(case: Case) -> Iterator[Finding]:
    """What is written all the time must not fill the disk."""
    for name in ("log", "traces", "mail"):
        size = sum(
            path.lstat().st_size
            for path in (case.run_dir / name).glob("**/*")
            if path.exists()
        )
        if size > MOST_LOGGED:
            place = case.shown(case.run_dir / name)
            yield warning(
                f"{name} takes {size / GIB:.1f} GB", f"make stop; rm -r {place}"
            )
            return
    yield ok("logs, traces and letters are small")


CHECKS = (
    Check("settings", settings),
    Check("run directory", contents),
    Check("owners", owners),
    Check("secrecy", secrecy),
    Check("leftovers", leftovers),
    Check("logs", recorded),
)
