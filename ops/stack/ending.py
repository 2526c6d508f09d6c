"""Ends a stack from outside: by its supervisor, or in its place."""

import shutil
from pathlib import Path
from time import monotonic, sleep

import psutil

from ops.errors import Problem
from ops.stack.child import alive
from ops.stack.progress import step, tell
from ops.stack.roster import end_in_order
from ops.stack.servers.postgres import wipe as wipe_postgres
from ops.stack.state import State

STOP_SECONDS = 60.0
POLL_SECONDS = 0.1


def stop(run_dir: Path) -> bool:
    """Whether there was anything to stop."""
    state = State.read(run_dir)
    if keeper := state.keeper():
        with step("Stopped"):
            dismiss(keeper)
        return True
    services, servers = state.left_over()
    end_in_order(services, servers)
    return bool(services or servers)


def dismiss(keeper: psutil.Process) -> None:
    keeper.terminate()
    deadline = monotonic() + STOP_SECONDS
    while alive(keeper):
        if monotonic() > deadline:
            raise Problem(f"pid {keeper.pid} has not stopped within a minute")
        sleep(POLL_SECONDS)


def wipe(run_dir: Path) -> None:
    """Stop what runs there and leave nothing, the tests' own stacks included."""
    for place in [*run_dir.glob("test/*"), run_dir]:
        stop(place)
        wipe_postgres(place / "postgres")
    if run_dir.exists():
        shutil.rmtree(run_dir)
        tell(f"Removed {run_dir}")
