import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from ops.doctor import leftovers as checks
from ops.stack.child import Child, Command, end
from ops.stack.state import State, this_process
from tests.unit.ops.doctor.conftest import bad, only

IDLE = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture
def child(tmp_path, place):
    words = [*IDLE, str(place)]
    child = Child.spawn(Command("redis", words, tmp_path / "redis.log", tmp_path))
    yield child
    end([child])


def test_an_empty_run_directory_has_nothing_left(case_of):
    case = case_of()
    for check in checks.CHECKS:
        assert bad(check.look(case)) == []


def test_processes_that_outlived_their_supervisor(case_of, child):
    state = State(phase="ready", servers=[child.saved()])
    case = replace(case_of(), state=state)
    _, told, remedy = only(checks.leftovers(case))
    assert told == "1 processes outlived their supervisor"
    assert remedy == "make stop"


def test_processes_that_a_changed_clock_hides(case_of, child):
    hidden = child.saved() | {"created": child.created - 3600}
    case = replace(case_of(), state=State(phase="ready", servers=[hidden]))
    _, told, remedy = only(checks.leftovers(case))
    assert "the clock was set since the start" in told
    assert remedy == f"kill {child.process.pid}"


def test_a_server_that_nobody_knows_of(case_of, place):
    (place / "redis").mkdir()
    with subprocess.Popen(IDLE, cwd=place / "redis") as stray:
        _, told, remedy = only(checks.leftovers(case_of()))
        stray.kill()
    assert told == "1 processes of an earlier run are still there"
    assert remedy == f"kill {stray.pid}"


def test_a_run_that_ended_without_being_stopped(case_of):
    case = replace(case_of(), state=State(phase="ready"))
    assert only(checks.leftovers(case))[::2] == ("warning", "make start")


def test_the_places_of_tests_that_were_killed(case_of, place):
    pid, created = this_process()
    (place / f"test/{pid}-{created:.0f}").mkdir(parents=True)
    (place / f"test/{pid}-{created - 999:.0f}.b").mkdir()
    _, told, remedy = only(checks.leftovers(case_of()))
    assert told == "1 stacks of tests that were killed"
    assert remedy.endswith(f"{created - 999:.0f}.b shopnow stack reset")


def test_logs_that_fill_the_disk(case_of, place, monkeypatch):
    (place / "traces").mkdir()
    (place / "traces/gateway.1.jsonl").write_text("x" * 100)
    monkeypatch.setattr(checks, "MOST_LOGGED", 99)
    standing, told, remedy = only(checks.recorded(case_of()))
    assert (standing, told) == ("warning", "traces takes 0.0 GB")
    assert remedy == f"make stop; rm -r {place}/traces"


def test_our_own_processes_are_no_strays(case_of, child):
    state = State(supervisor=this_process(), servers=[child.saved()])
    assert {child.process.pid, psutil.Process().pid} <= checks.family(
        replace(case_of(), state=state)
    )
