"""What earlier runs have left: processes, the places of tests, and much to read."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning
from ops.doctor.machine import GIB
from ops.stack.child import find

MOST_LOGGED = GIB
SAME_START_SECONDS = 1.0


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
    Check("leftovers", leftovers),
    Check("logs", recorded),
)
