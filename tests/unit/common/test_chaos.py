"""A fault does what it says to whom it says, and nothing else."""

import pytest

from common import chaos
from common.errors import Unavailable, deadline_exceeded


class Away(Exception):
    pass


@pytest.fixture(autouse=True)
def calm():
    yield
    chaos.ACTIVE.clear()


@pytest.fixture
def slept(monkeypatch):
    found = []
    monkeypatch.setattr(chaos.time, "sleep", found.append)
    return found


def test_without_faults_nothing_happens():
    assert chaos.fault("payment", Away) == 0.0
    assert not chaos.is_stopped("outbox")
    thing = object()
    assert chaos.behind("mongo", thing, Away) is thing


def test_who_is_unreachable_fails_as_its_port_does():
    chaos.change("mail", "unreachable")

    with pytest.raises(Away):
        chaos.fault("mail", Away)
    chaos.fault("payment", Away)
    chaos.change("mail", None)
    chaos.fault("mail", Away)


def test_a_delay_is_told_to_whom_it_takes_time(slept):
    chaos.change("payment", "delay:200ms")

    assert chaos.fault("payment", Away, most=1.5) == 0.2
    assert slept == [0.2]


def test_nobody_waits_longer_than_they_would(slept):
    chaos.change("product_service", "delay:2s")

    with pytest.raises(Unavailable) as caught:
        chaos.fault("product_service", Away, 1.5, deadline_exceeded)

    assert caught.value.code == "deadline_exceeded"
    assert slept == [1.5]


def test_errors_come_as_often_as_they_should(monkeypatch):
    chances = iter([0.05, 0.15])
    monkeypatch.setattr(chaos, "random", lambda: next(chances))
    chaos.change("redis", "error:10")

    with pytest.raises(Away):
        chaos.fault("redis", Away)
    chaos.fault("redis", Away)


def test_a_target_may_have_several_faults(slept):
    chaos.change("redis", "delay:50ms, error:100")

    with pytest.raises(Away):
        chaos.fault("redis", Away)
    assert slept == [0.05]


def test_what_leaks_is_bounded_and_given_back(monkeypatch):
    monkeypatch.setattr(chaos, "MOST_LEAKED", 3 * 1024)
    chaos.change("gateway", "leak:1KB")
    leaking = chaos.ACTIVE["gateway"]

    for _ in range(5):
        chaos.fault("gateway")

    assert sum(map(len, leaking.leaked)) == 3 * 1024
    chaos.change("gateway", None)
    assert not chaos.ACTIVE


def test_a_thing_behind_a_fault_fails_when_it_is_used():
    chaos.change("mongo", "unreachable")

    door = chaos.behind("mongo", {"a": 1}, Away)

    with pytest.raises(Away):
        door.keys()
    chaos.change("mongo", None)
    assert list(door.keys()) == ["a"]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("nobody", "delay:2s"),
        ("payment", ""),
        ("payment", "delay"),
        ("payment", "delay:0s"),
        ("payment", "delay:2"),
        ("payment", "delay:2m"),
        ("payment", "error:0"),
        ("payment", "error:101"),
        ("payment", "error:5.5"),
        ("payment", "unreachable:yes"),
        ("payment", "leak:1MB"),
        ("gateway", "leak:17MB"),
        ("gateway", "leak:0KB"),
        ("outbox", "delay:1s"),
        ("payment", 5),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_old_fault_stays(target, text):
    chaos.change("payment", "delay:100ms")

    with pytest.raises(ValueError, match=r".{10}"):
        chaos.change(target, text)

    assert chaos.ACTIVE["payment"].delay == 0.1
