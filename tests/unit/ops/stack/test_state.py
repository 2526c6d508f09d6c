import pytest

from ops.stack.state import State, this_process


@pytest.fixture
def state():
    pid, created = this_process()
    saved = {"pid": pid, "created": created, "log": "x", "log_start": 0}
    saved |= {"port": None, "stop_signal": 15}
    return State(
        phase="ready",
        supervisor=(pid, created),
        servers=[saved | {"name": "redis"}],
        services=[saved | {"name": "gateway.1"}],
    )


def test_what_is_kept_and_ready_is_open(state):
    assert state.is_open()
    assert state.is_open(["redis", "gateway"])


def test_it_is_not_open_for_a_part_that_it_does_not_run(state):
    assert not state.is_open(["redis", "consul"])


@pytest.mark.parametrize("phase", ["starting", "stopping", "failed"])
def test_it_is_open_in_between_only(state, phase):
    state.phase = phase
    assert not state.is_open()


def test_nobody_keeps_what_a_killed_supervisor_has_left(state):
    pid, created = state.supervisor
    state.supervisor = (pid, created - 60)
    assert not state.is_open()
