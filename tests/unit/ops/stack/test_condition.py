import signal
import sys
from time import sleep

import pytest

from ops.stack import condition
from ops.stack.child import Child, Command, end
from ops.stack.condition import conditions
from ops.stack.state import State

NOBODY = "redis://:secret@127.0.0.1:1/0"


@pytest.fixture
def child(tmp_path):
    words = [sys.executable, "-c", "import signal; signal.pause()"]
    child = Child.spawn(Command("it", words, tmp_path / "it.log", tmp_path))
    yield child
    end([child])


def state_of(child, name, phase="ready"):
    return State(phase=phase, services=[child.saved() | {"name": name}])


def halt(child):
    child.process.send_signal(signal.SIGSTOP)
    while not condition.halted_in(child.process):
        sleep(0.01)


def test_what_lives_and_is_held_stands_still(child):
    halt(child)

    (found,) = conditions(state_of(child, "gateway.1"), {})
    child.process.send_signal(signal.SIGCONT)

    assert found.state == "stands still"
    assert f"kill -CONT {child.process.pid}" in found.note
    assert not found.is_fine


def test_what_has_died_is_gone(child):
    end([child])

    (found,) = conditions(state_of(child, "gateway.1"), {})

    assert (found.state, found.child) == ("gone", None)


def test_a_service_is_as_well_as_consul_says(child, monkeypatch):
    told = {str(child.process.pid): ("critical", "carts does not answer: Timeout")}
    monkeypatch.setattr(condition, "told_by_consul", lambda variables: told)

    (found,) = conditions(state_of(child, "order_service.1"), {})

    assert (found.state, found.note) == ("not well", "carts does not answer: Timeout")


def test_a_server_that_runs_has_to_answer(child, monkeypatch):
    monkeypatch.setattr(condition, "PATIENCE_SECONDS", 0.0)
    state = state_of(child, "redis")
    state.services[0]["port"] = 1

    (found,) = conditions(state, {"REDIS_URI": NOBODY})

    assert found.state == "no answer"
    assert "refused" in found.note
    assert "secret" not in found.note


def test_a_server_of_somebody_elses_is_not_asked(child):
    state = state_of(child, "redis")
    state.services[0]["port"] = 6390

    (found,) = conditions(state, {"REDIS_URI": NOBODY})

    assert found.is_fine


@pytest.mark.parametrize("phase", ["starting", "stopping"])
def test_nothing_has_to_answer_before_it_is_ready(child, phase):
    state = state_of(child, "redis", phase)

    assert conditions(state, {"REDIS_URI": NOBODY})[0].is_fine


def test_parts_are_named_with_their_number_or_without(child):
    state = state_of(child, "gateway.1")
    state.services.append(child.saved() | {"name": "gateway.2"})

    def names(*parts):
        return [each.saved["name"] for each in conditions(state, {}, parts)]

    assert names("gateway") == ["gateway.1", "gateway.2"]
    assert names("gateway.2") == ["gateway.2"]
    assert names("redis") == []
