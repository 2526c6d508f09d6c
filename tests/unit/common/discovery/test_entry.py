"""A process tells Consul of itself until Consul knows it."""

import pytest
from consul import ConsulException
from nameko import config

from common.discovery.condition import Condition
from common.discovery.entry import Entry, Forgotten


class Agent:
    """Consul's, which may forget; ``answers`` are py-consul's to a heartbeat."""

    def __init__(self):
        self.service = self.check = self
        self.registered, self.answers, self.about = 0, [], {}

    def register(self, name, **about):
        self.registered += 1
        self.about = about

    def ttl_pass(self, name, notes):
        answer = self.answers.pop() if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def entry():
    with config.patch({"CONSUL_URI": "http://127.0.0.1:8500"}):
        entry = Entry("shelf")
        entry.agent = Agent()
        yield entry


@pytest.fixture
def well():
    condition = Condition()
    condition.note({})
    return condition


def test_who_is_known_is_not_registered_again(entry, well):
    for _ in range(3):
        entry.tell(well)

    assert (entry.agent.registered, entry.told) == (1, True)


@pytest.mark.parametrize("host", ["", "0.0.0.0"])  # noqa: S104
def test_who_listens_everywhere_is_found_where_consul_meets_it(entry, well, host):
    entry.host = host

    entry.tell(well)

    assert entry.agent.about["address"] == "127.0.0.1"


def test_who_listens_somewhere_is_found_there(entry, well):
    entry.host, entry.metrics_port = "127.0.0.9", 9100

    entry.tell(well)

    assert entry.agent.about["address"] == "127.0.0.9"
    assert entry.agent.about["meta"]["metrics_port"] == "9100"


# A newer Consul answers 404, which py-consul takes for a plain no; an older one 500.
@pytest.mark.parametrize("answer", [False, ConsulException("500")])
def test_who_was_forgotten_registers_again(entry, well, answer):
    entry.tell(well)
    entry.agent.answers = [answer]
    with pytest.raises((Forgotten, ConsulException)):
        entry.tell(well)

    entry.tell(well)

    assert (entry.agent.registered, entry.told) == (2, True)
