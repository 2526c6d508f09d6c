"""What a process makes of what Consul says of the others."""

import pytest

from common.discovery.directory import HOLD_SECONDS, Directory, summary


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def check(name, status, number=1, node="here"):
    return {
        "Node": node,
        "ServiceName": name,
        "ServiceID": f"{name}-{number}" if name else "",
        "Status": status,
    }


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def directory(clock):
    """Long enough in touch with Consul to know what it says for true."""
    directory = Directory(clock)
    directory.take([check("a", "passing"), check("b", "passing")])
    clock.now += HOLD_SECONDS
    return directory


def test_one_instance_that_is_well_is_enough():
    checks = [
        check("a", "critical", 1),
        check("a", "passing", 2),
        check("b", "critical"),
        check("", "passing"),
    ]

    assert summary(checks) == {"a": "passing", "b": "critical"}


def test_an_instance_is_as_well_as_the_worst_of_its_checks():
    checks = [check("a", "passing"), check("a", "critical"), check("b", "warning")]

    assert summary(checks) == {"a": "critical", "b": "passing"}


def test_instances_on_a_node_that_is_gone_are_not_well():
    checks = [
        check("a", "passing", 1, "gone"),
        check("a", "passing", 2, "here"),
        check("b", "passing", 1, "gone"),
        check("", "critical", node="gone"),
    ]

    assert summary(checks) == {"a": "passing", "b": "critical"}


def test_nobody_is_away_of_whom_nothing_is_known():
    assert not Directory().away


def test_a_service_without_a_healthy_instance_is_away(directory):
    directory.take([check("a", "critical"), check("b", "passing")])
    assert directory.away == {"a"}

    directory.take([check("a", "passing"), check("b", "passing")])
    assert not directory.away


def test_a_service_that_has_left_is_away(directory):
    directory.take([check("b", "passing")])

    assert directory.away == {"a"}
    assert directory.known == {"a": "missing", "b": "passing"}


def test_without_consul_what_was_known_is_known_and_everybody_is_tried(directory):
    directory.take([check("a", "critical"), check("b", "passing")])
    directory.lose("ConnectionError")

    assert directory.known == {"a": "critical", "b": "passing"}
    assert not directory.is_current
    assert not directory.away


@pytest.mark.parametrize("empty", [[], [check("a", "critical")]])
def test_when_consul_is_back_all_have_time_to_tell_it_who_they_are(
    directory, clock, empty
):
    directory.lose("ConnectionError")
    clock.now += 60
    directory.take(empty)
    clock.now += HOLD_SECONDS - 0.1
    directory.take(empty)
    assert directory.known == {"a": "passing", "b": "passing"}

    clock.now += 0.1
    directory.take([check("b", "passing")])
    assert directory.away == {"a"}


class Agent:
    """Consul's part in a blocking query: tells ``answers`` one by one."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        self.health = self

    def state(self, name, index, wait):
        self.asked.append((name, index, wait))
        return self.answers.pop(0)


def test_it_asks_for_what_is_newer_and_holds_its_last_answer_for_a_while(
    directory, clock
):
    agent = Agent(("7", []), ("9", []), ("2", []))
    index = None
    for _ in range(3):
        index = directory.ask(agent, index)

    assert agent.asked == [("any", None, "5s"), ("any", "7", "5s"), ("any", "9", "5s")]
    # That is another Consul's, which has another history.
    assert index is None


def test_it_looks_again_soon_while_it_holds_what_it_knew(directory):
    agent = Agent(("1", []))
    directory.lose("ConnectionError")
    directory.take([])
    directory.ask(agent, "1")

    assert agent.asked == [("any", "1", "1s")]


def test_bad_news_is_a_warning_and_good_news_is_none(directory, caplog):
    caplog.set_level("INFO")
    directory.take([check("a", "critical"), check("b", "passing")])
    directory.take([check("a", "passing"), check("b", "passing")])

    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [("WARNING", "a is critical"), ("INFO", "a is passing")]
