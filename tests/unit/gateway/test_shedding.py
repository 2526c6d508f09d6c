"""Who is refused at the door."""

from dataclasses import dataclass

import pytest

from common.errors import NotFound, Unavailable, deadline_exceeded, overloaded
from gateway.shedding import HELD_SECONDS, Shedding


@dataclass(frozen=True)
class Route:
    url: str = "/v1/things"
    value: str = "normal"
    method: str = "GET"


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def refused(shedding, route, refusal):
    with pytest.raises(type(refusal)), shedding.admitted(route):
        raise refusal


def is_admitted(shedding, route):
    try:
        with shedding.admitted(route):
            return True
    except Unavailable:
        return False


def test_a_route_that_was_refused_is_refused_again_for_a_moment():
    clock = Clock()
    shedding = Shedding(10, clock)
    refused(shedding, Route(), overloaded())

    assert not is_admitted(shedding, Route())
    assert is_admitted(shedding, Route("/v1/others"))
    assert is_admitted(shedding, Route(method="POST"))
    clock.now += HELD_SECONDS
    assert is_admitted(shedding, Route())


def test_a_refusal_that_is_held_holds_nothing_else():
    shedding, raised = Shedding(10, Clock()), []
    first = overloaded()
    refused(shedding, Route(), first)

    for _ in range(2):
        with pytest.raises(Unavailable) as refusal, shedding.admitted(Route()):
            pass
        raised.append(refusal.value)

    assert [one.args for one in raised] == [first.args] * 2
    assert len({id(one) for one in (first, *raised)}) == 3


@pytest.mark.parametrize("trouble", [deadline_exceeded(), NotFound("gone", "Gone")])
def test_any_other_refusal_is_for_the_one_who_asked(trouble):
    shedding = Shedding(10, Clock())
    refused(shedding, Route(), trouble)

    assert is_admitted(shedding, Route())


def test_the_least_valuable_find_no_room_first():
    shedding = Shedding(10, Clock())
    inside = [shedding.admitted(Route(value="high")) for _ in range(8)]
    for one in inside[:5]:
        one.__enter__()
    assert not is_admitted(shedding, Route(value="low"))
    assert is_admitted(shedding, Route(value="normal"))
    for one in inside[5:]:
        one.__enter__()
    assert not is_admitted(shedding, Route(value="normal"))
    assert is_admitted(shedding, Route(value="high"))

    for one in inside:
        one.__exit__(None, None, None)

    assert is_admitted(shedding, Route(value="low"))
