import signal
import sys
from time import sleep

import pytest

from ops.errors import Problem
from ops.stack.child import Child, Command, end
from ops.stack.logs import last_words


@pytest.fixture
def spawn(tmp_path):
    children = []

    def start(code):
        words = [sys.executable, "-c", code]
        child = Child.spawn(Command("it", words, tmp_path / "it.log", tmp_path))
        children.append(child)
        return child

    yield start
    end(children)


def await_end(child):
    while child.alive:
        sleep(0.01)


def test_its_last_words_are_remembered(spawn):
    child = spawn("print('first'); print('why\\n', flush=True); raise SystemExit(7)")
    await_end(child)
    assert child.obituary().startswith("it exited with code 7: why (")


def test_a_signal_is_called_by_its_name(spawn):
    child = spawn("import os; print('hi', flush=True); os.kill(os.getpid(), 9)")
    await_end(child)
    assert child.obituary().startswith("it was killed by SIGKILL (")


def test_it_is_met_again_by_number_and_birth(spawn):
    child = spawn("import time; time.sleep(60)")
    met = Child.recall(child.saved())
    assert met is not None
    assert met.process.pid == child.process.pid
    assert Child.recall(child.saved() | {"created": child.created - 60}) is None


def test_who_does_not_listen_is_killed(spawn, monkeypatch):
    monkeypatch.setattr("ops.stack.child.GRACE_SECONDS", 0.2)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    child = spawn(f"{deaf}; print('deaf', flush=True); signal.pause()")
    while not last_words(child.log):
        sleep(0.01)
    end([child])
    await_end(child)
    assert child.exit_code == -signal.SIGKILL


def test_a_program_that_is_not_there_is_a_problem(tmp_path):
    command = Command("it", ["/no/such/program"], tmp_path / "it.log", tmp_path)
    with pytest.raises(Problem, match="it cannot be started"):
        Child.spawn(command)
