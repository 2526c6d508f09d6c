"""Counted by one process alone, a client gets its quota and no more."""

import pytest

from common.limiting import Quota
from gateway import counting
from gateway.counting import LocalCounts


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def take(clock):
    counts, quota = LocalCounts(clock), Quota("browse", 3, 60)
    return lambda who="ada", most=1: counts.take(quota, who, most)


def test_a_quota_can_be_used_at_once_and_then_waits(take):
    counted = [take() for _ in range(4)]

    assert [c.granted for c in counted] == [1, 1, 1, 0]
    assert [c.remaining for c in counted] == [2, 1, 0, 0]
    assert counted[-1].wait == 20


def test_what_is_left_is_granted_and_no_more(take):
    assert [take(most=2).granted for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("amount", [1, 7, 600, 3000, 1_000_000])
def test_exactly_the_quota_passes(clock, amount):
    counts, quota = LocalCounts(clock), Quota("browse", amount, 60)
    tried = min(amount, 5000)

    counted = [counts.take(quota, "ada", 1) for _ in range(tried)]

    assert all(c.granted for c in counted)
    assert counted[-1].remaining == amount - tried


def test_requests_come_back_one_by_one(take, clock):
    take(most=3)
    clock.now += 20

    assert [take().granted, take().wait] == [1, 20]


def test_being_refused_costs_nothing(take, clock):
    for _ in range(100):
        take()
    clock.now += 20

    assert take().granted == 1


def test_another_client_has_a_quota_of_its_own(take):
    take(most=3)

    assert take("grace").remaining == 2


def test_the_number_of_clients_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(counting, "MOST_CLIENTS", 10)
    counts, quota = LocalCounts(clock), Quota("browse", 3, 60)

    for number in range(1000):
        counts.take(quota, str(number), 1)

    assert len(counts._whole_again) == 10


def test_who_has_their_whole_quota_is_forgotten(clock):
    counts, quota = LocalCounts(clock), Quota("browse", 3, 60)
    counts.take(quota, "ada", 1)
    clock.now += 61
    counts.take(quota, "grace", 1)

    assert list(counts._whole_again) == ["grace"]
