import signal
import socket
import sys
from dataclasses import replace
from time import sleep

import pytest

from ops.doctor import processes
from ops.stack import condition
from ops.stack.child import Child, Command, end
from ops.stack.state import State, this_process
from tests.unit.ops.doctor.conftest import bad, only


@pytest.fixture
def child(tmp_path):
    words = [sys.executable, "-c", "import signal; signal.pause()"]
    child = Child.spawn(Command("gateway.1", words, tmp_path / "it.log", tmp_path))
    yield child
    end([child])


@pytest.fixture
def keeping(case_of):
    """``keeping(saved)``: a case in which a process is kept."""

    def make(saved):
        state = State(phase="ready", supervisor=this_process(), services=[saved])
        return replace(case_of(), state=state)

    return make


def test_a_port_that_somebody_else_has(case_of):
    case = case_of()
    port = case.settings.ports["redis"]
    with socket.create_server(("127.0.0.1", port)):
        _, told, remedy = only(processes.free_ports(case))
    assert told.startswith(f"port {port} (redis) is in use by pid")
    assert remedy == f"export REDIS_PORT={port + 1}"


def test_a_port_that_we_have_ourselves(keeping, child):
    # Whoever keeps the stack is of the family.
    case = keeping(child.saved())
    with socket.create_server(("127.0.0.1", case.settings.ports["redis"])):
        assert bad(processes.free_ports(case)) == []


def test_the_port_of_a_server_that_is_given_is_not_needed(case_of):
    case = case_of(REDIS_URI="redis://elsewhere.example/0")
    assert "redis" not in processes.wanted_ports(case)
    assert "gateway" in processes.wanted_ports(case)


def test_a_process_that_is_held(keeping, child):
    child.process.send_signal(signal.SIGSTOP)
    while not condition.halted_in(child.process):
        sleep(0.01)
    _, told, remedy = only(processes.processes(keeping(child.saved())))
    child.process.send_signal(signal.SIGCONT)
    assert told.startswith("gateway.1 stands still")
    assert remedy == f"kill -CONT {child.process.pid}"


def test_a_process_that_is_gone(keeping, child):
    end([child])
    _, told, remedy = only(processes.processes(keeping(child.saved())))
    assert told.startswith("gateway.1 gone")
    assert remedy == "make stop; make start"


@pytest.mark.parametrize(("times", "standing"), [(1, "warning"), (7, "problem")])
def test_a_process_that_was_started_again(keeping, child, times, standing):
    saved = child.saved() | {"restarts": times, "last_end": "it exited with code 1"}
    found, told, remedy = only(processes.processes(keeping(saved)))
    assert found == standing
    assert told.endswith("it exited with code 1")
    assert remedy.startswith("less ")
