"""A client gets its quota and no more, whichever process it meets, and seldom waits."""

import eventlet
import pytest

from common.errors import Unavailable, service_unavailable
from common.limiting import Quota
from gateway import limits
from gateway.counting import LocalCounts
from gateway.limits import Limit, limits_from
from tests.unit.gateway.test_counting import Clock

BROWSE = Quota("browse", 1000, 60)
SIGN_IN = Quota("sign_in", 3, 60, strict=True)


class Shared:
    """What Redis counts, and how often it is asked; ``pause`` is its time to answer."""

    def __init__(self, clock):
        self.counts = LocalCounts(clock)
        self.asked, self.is_away, self.pause = 0, False, None

    def take(self, quota, who, most):
        self.asked += 1
        if self.pause:
            eventlet.sleep(self.pause)
        if self.is_away:
            raise service_unavailable()
        return self.counts.take(quota, f"{quota} {who}", most)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(clock):
    return Shared(clock)


@pytest.fixture
def browse(shared, clock):
    return Limit(BROWSE, shared, clock)


@pytest.fixture
def sign_in(shared, clock):
    return Limit(SIGN_IN, shared, clock)


def passed(limit, tries, client="ada"):
    return sum(limit.take(client).wait is None for _ in range(tries))


@pytest.mark.parametrize("amount", [1, 7, 30, 100, 600, 3000])
def test_exactly_the_quota_passes(shared, clock, amount):
    limit = Limit(Quota("browse", amount, 60), shared, clock)

    verdicts = [limit.take("ada") for _ in range(amount)]

    assert [v.remaining for v in verdicts] == list(range(amount - 1, -1, -1))
    assert limit.take("ada").wait


def test_few_requests_ask_anybody(browse, shared):
    assert passed(browse, 1000) == 1000
    assert shared.asked < 30


def test_who_comes_now_and_then_is_never_asked_about(browse, shared):
    for number in range(100):
        passed(browse, 10, f"client {number}")

    assert shared.asked == 0


def test_what_is_spent_of_a_lease_waits_for_nobody(browse, shared):
    shared.pause = 60
    assert all(browse.spend("ada") for _ in range(10))

    assert browse.spend("ada") is None
    assert shared.asked == 0


def test_processes_share_one_quota(shared, clock):
    processes = [Limit(BROWSE, shared, clock) for _ in range(4)]

    through = sum(passed(limit, 1) for _ in range(1000) for limit in processes)

    # Each may let in what a client has on credit, before it asks.
    assert 1000 <= through <= 1000 + 4 * 10


def test_a_strict_limit_is_exact_over_all_processes(shared, clock):
    processes = [Limit(SIGN_IN, shared, clock) for _ in range(4)]

    assert sum(passed(limit, 3) for limit in processes) == 3


def test_many_at_once_lease_no_more_than_one_does(browse, shared):
    shared.pause = 0.001
    passed(browse, 10)

    list(eventlet.GreenPool(50).imap(browse.take, ["ada"] * 50))

    assert browse.leases["ada"].left <= browse.largest
    assert browse.leases["ada"].owed == 0


def test_without_a_count_browsing_goes_on_as_far_as_one_process_counts(browse, shared):
    shared.is_away = True

    assert passed(browse, 1100) == 1000


def test_without_a_count_nobody_passes_a_strict_limit(sign_in, shared):
    shared.is_away = True

    with pytest.raises(Unavailable):
        sign_in.take("ada")


def test_the_count_goes_on_when_it_is_back(sign_in, shared):
    assert passed(sign_in, 1) == 1
    shared.is_away = True
    with pytest.raises(Unavailable):
        sign_in.take("ada")
    shared.is_away = False

    assert passed(sign_in, 5) == 2


def test_a_refusal_holds_for_a_moment_however_often_one_asks(sign_in, shared, clock):
    passed(sign_in, 4)
    asked = shared.asked

    assert passed(sign_in, 100) == 0
    assert shared.asked == asked

    clock.now += 20
    assert passed(sign_in, 2) == 1


def test_another_client_has_a_quota_of_its_own(sign_in):
    passed(sign_in, 4)

    assert passed(sign_in, 4, "grace") == 3


def test_a_lease_ends_with_its_window(browse, clock):
    passed(browse, 15)
    clock.now += 61
    browse.take("grace")

    assert list(browse.leases) == ["grace"]


def test_the_number_of_leases_is_bounded(browse, monkeypatch):
    monkeypatch.setattr(limits, "MOST_CLIENTS", 10)

    for number in range(1000):
        browse.take(str(number))

    assert len(browse.leases) == 10


def test_other_numbers_hold_at_once(browse):
    passed(browse, 100)

    browse.change(BROWSE.changed({"quota": 5, "seconds": 60}))

    assert passed(browse, 10) == 5


def test_numbers_that_change_while_somebody_waits_hold_for_them_too(browse, shared):
    passed(browse, 10)
    shared.pause = 0.01
    waiting = [eventlet.spawn(browse.take, "ada") for _ in range(9)]
    eventlet.sleep(0)

    browse.change(BROWSE.changed({"quota": 5, "seconds": 60}))

    assert sum(each.wait().wait is None for each in waiting) == 5


def test_it_is_told_in_structured_fields(sign_in):
    assert sign_in.take("ada").headers == {
        "RateLimit-Policy": '"sign_in";q=3;w=60',
        "RateLimit": '"sign_in";r=2;t=20',
    }


def test_limits_are_configuration():
    configured = limits_from({"browse": {"quota": "5", "seconds": 60, "strict": True}})

    assert configured["browse"].quota == Quota("browse", 5, 60, strict=True)
