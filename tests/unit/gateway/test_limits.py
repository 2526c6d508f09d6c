"""A client gets its quota and no more, and nobody pays for another."""

import pytest

from gateway import limits
from gateway.limits import Limit, limits_from


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limit(clock):
    return Limit("browse", 3, 60, clock)


def test_a_quota_can_be_used_at_once_and_then_waits(limit):
    verdicts = [limit.take("ada") for _ in range(4)]

    assert [v.remaining for v in verdicts] == [2, 1, 0, 0]
    assert [v.wait for v in verdicts] == [None, None, None, 20]


@pytest.mark.parametrize("quota", [1, 7, 600, 3000, 1_000_000])
def test_exactly_the_quota_passes(clock, quota):
    limit = Limit("browse", quota, 60, clock)
    tried = min(quota, 5000)

    verdicts = [limit.take("ada") for _ in range(tried)]

    assert all(v.wait is None for v in verdicts)
    assert verdicts[-1].remaining == quota - tried


def test_requests_come_back_one_by_one(limit, clock):
    for _ in range(3):
        limit.take("ada")
    clock.now += 20

    assert limit.take("ada").wait is None
    assert limit.take("ada").wait == 20


def test_being_refused_costs_nothing(limit, clock):
    for _ in range(100):
        limit.take("ada")
    clock.now += 20

    assert limit.take("ada").wait is None


def test_another_client_has_a_quota_of_its_own(limit):
    for _ in range(4):
        limit.take("ada")

    assert limit.take("grace").remaining == 2


def test_the_number_of_clients_is_bounded(limit, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CLIENTS", 10)

    for number in range(1000):
        limit.take(str(number))

    assert len(limit._whole_again) == 10


def test_who_has_their_whole_quota_is_forgotten(limit, clock):
    limit.take("ada")
    clock.now += 61
    limit.take("grace")

    assert list(limit._whole_again) == ["grace"]


def test_it_is_told_in_structured_fields(limit):
    assert limit.take("ada").headers == {
        "RateLimit-Policy": '"browse";q=3;w=60',
        "RateLimit": '"browse";r=2;t=20',
    }


def test_limits_are_configuration():
    limits = limits_from({"browse": {"quota": "5", "seconds": 60}})

    assert limits["browse"].policy == '"browse";q=5;w=60'


@pytest.mark.parametrize("wrong", [{"quota": 0}, {"seconds": 0}, {"quota": -1}])
def test_a_limit_that_nobody_could_keep_is_no_limit(wrong):
    with pytest.raises(ValueError, match="more than 0"):
        limits_from({"browse": {"quota": 5, "seconds": 60} | wrong})
