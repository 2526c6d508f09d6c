"""A supervisor in the background, and whoever waits until it is ready."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

import click

from ops.stack.logs import Tail
from ops.stack.settings import ROOT
from ops.stack.state import State

POLL_SECONDS = 0.1
INTERRUPTED = 130


def start(run_dir: Path, only: Sequence[str]) -> None:
    """Start one, relay what it says, return when it is ready, exit as it exits."""
    log = run_dir / "log/supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    tail = Tail(log, log.stat().st_size if log.exists() else 0)
    process = spawn(log, run_dir, only)
    try:
        ready = relay(process, run_dir, tail)
    except KeyboardInterrupt:
        process.terminate()
        relay(process, run_dir, tail)
        raise click.exceptions.Exit(INTERRUPTED) from None
    if not ready:
        raise click.exceptions.Exit(process.returncode or 1)


def spawn(log: Path, run_dir: Path, only: Sequence[str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ops", "stack", "run", "--detached", *only],
            cwd=ROOT,
            env=os.environ | {"SHOPNOW_RUN_DIR": str(run_dir)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def relay(process: subprocess.Popen[bytes], run_dir: Path, tail: Tail) -> bool:
    """Whether it has become ready; it may have ended instead."""
    while True:
        state = State.read(run_dir)
        ready = state.phase == "ready" and state.supervisor[0] == process.pid
        ended = process.poll() is not None
        for line in tail.lines():
            click.echo(line)
        if ready or ended:
            return ready and not ended
        sleep(POLL_SECONDS)
