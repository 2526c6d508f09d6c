"""Limits and pauses on a real Redis, with it and without it."""

import time

import eventlet
import pytest
from nameko import config
from redis import StrictRedis

from common.errors import Invalid, Unavailable
from common.ids import new_id
from common.limiting import REDIS_SECONDS, Quota, SharedCounts
from common.redis_store import within
from common.resilience import Guard, Settings
from gateway.limits import Limit
from tests.client import eventually
from user_service.backoff import Attempts
from user_service.domain.backoff import Backoff

SIGN_IN = Quota("sign_in", 5, 60, strict=True)
BROWSE = Quota("browse", 1000, 60)
HOME, CAFE = "10.0.0.1", "10.0.0.2"
BACK_SECONDS = 2.0
# What is asked in vain before nobody asks any more; a busy machine takes longer.
SOON = 3 * REDIS_SECONDS + 1.0

outage = pytest.mark.parametrize("outage", ["away", "frozen"])


def a_guard():
    """As the configuration of the gateway and of auth_service has it."""
    settings = {"most_in_row": 3, "open_seconds": 0.3, "open_seconds_most": 1}
    return Guard("redis", Settings(probes=1, **settings))


@pytest.fixture
def processes(own_redis):
    """Two who count, each by connections of its own."""
    return [SharedCounts(own_redis.uri, a_guard()) for _ in range(2)]


def granted(counts, quota, tries):
    pool = eventlet.GreenPool(20)
    taken = pool.imap(lambda _: counts.take(quota, "ada", 1), range(tries))
    return sum(count.granted for count in taken)


def test_two_processes_share_one_quota(processes):
    quota = Quota("sign_in", 30, 60, strict=True)

    assert sum(granted(counts, quota, 20) for counts in processes) == 30


def test_a_quota_comes_back(processes):
    one, other = processes
    quota = Quota("sign_in", 5, 1, strict=True)
    assert granted(one, quota, 10) == 5

    eventually(lambda: other.take(quota, "ada", 1).granted, 1, seconds=5)


def test_a_lease_that_is_too_large_is_made_smaller(processes):
    one, other = processes

    counts = [one.take(BROWSE, "ada", 600), other.take(BROWSE, "ada", 600)]

    assert [(c.granted, c.remaining) for c in counts] == [(600, 400), (400, 0)]
    assert 0 < one.take(BROWSE, "ada", 1).wait <= 60


@outage
def test_without_redis_a_refusal_takes_no_time_and_it_is_back_soon(
    processes, own_redis, outage
):
    counts = processes[0]
    counts.take(SIGN_IN, "ada", 1)
    with getattr(own_redis, outage)():
        started = time.monotonic()
        for _ in range(100):
            with pytest.raises(Unavailable) as refusal:
                counts.take(SIGN_IN, "ada", 1)
        assert time.monotonic() - started < SOON
        assert refusal.value.code == "service_unavailable"

    def is_back():
        try:
            return bool(counts.take(SIGN_IN, new_id(), 1))
        except Unavailable:
            return False

    eventually(is_back, True, seconds=BACK_SECONDS)


def test_without_redis_browsing_goes_on(processes, own_redis):
    limit = Limit(BROWSE, processes[0])
    with own_redis.away():
        assert not any(limit.take("ada").wait for _ in range(900))


def test_connections_that_redis_has_closed_fail_nobody(processes, own_redis):
    counts = processes[0]
    granted(counts, BROWSE, 20)

    with own_redis.away():
        """Long enough for all connections to end."""

    assert granted(counts, BROWSE, 20) == 20


class Clients:
    """``at(address)``: what AuthService asks on behalf of a client there."""

    def __init__(self, uri, **rules):
        self.redis = StrictRedis.from_url(
            uri, decode_responses=True, **within(REDIS_SECONDS)
        )
        self.rules = Backoff(**rules)

    def at(self, address):
        return Attempts(self.redis, a_guard(), self.rules, address)


@pytest.fixture
def a_shop(own_redis):
    with config.patch({"SIGNING_KEY_SECRET": "of the test"}):
        yield lambda **rules: Clients(own_redis.uri, **rules)


def fail(attempts, times, email="ada@example.com"):
    for _ in range(times):
        attempts.failed(email)


def pause(attempts, email="ada@example.com"):
    """The seconds until the next try; 0 when it may be made."""
    try:
        attempts.check(email)
    except Invalid as refusal:
        return int(refusal.details["retry_after"])
    return 0


def test_guessing_gets_slower_with_each_guess(a_shop):
    home = a_shop().at(HOME)
    pauses = []
    for _ in range(9):
        fail(home, 1)
        pauses.append(pause(home))

    assert pauses == [0, 0, 0, 0, 1, 2, 4, 8, 16]


def test_after_a_pause_one_may_try_however_many_come_at_once(a_shop):
    home = a_shop(longest_seconds=1).at(HOME)
    fail(home, 5)
    eventually(lambda: home.redis.keys("*:paused"), [], seconds=3)

    tries = list(eventlet.GreenPool(20).imap(pause, [home] * 20))

    assert tries.count(0) == 1


def test_who_signs_in_starts_anew(a_shop):
    home = a_shop().at(HOME)
    fail(home, 6)

    home.succeeded("ada@example.com")

    assert pause(home) == 0
    fail(home, 4)
    assert pause(home) == 0


def test_one_client_does_not_slow_down_another(a_shop):
    shop = a_shop()
    fail(shop.at(CAFE), 10)

    assert pause(shop.at(CAFE)) > 0
    assert pause(shop.at(HOME)) == 0


def test_many_clients_cannot_lock_the_owner_out(a_shop):
    shop = a_shop()
    shop.at(HOME).succeeded("ada@example.com")
    for number in range(60):
        fail(shop.at(f"10.1.0.{number}"), 1)

    assert pause(shop.at("10.2.0.1")) > 30
    assert pause(shop.at(HOME)) == 0


def test_an_address_that_fails_at_many_accounts_is_slowed_down(a_shop):
    cafe = a_shop().at(CAFE)
    cafe.succeeded("owner@example.com")
    for number in range(22):
        fail(cafe, 1, f"{number}@example.com")

    assert pause(cafe, "another@example.com") == 4
    assert pause(cafe, "owner@example.com") == 0


def test_failures_are_forgotten(a_shop):
    home = a_shop(forget_seconds=1).at(HOME)
    fail(home, 4)
    eventually(lambda: home.redis.keys("*"), [], seconds=3)

    fail(home, 4)

    assert pause(home) == 0


def test_redis_keeps_no_email(a_shop):
    home = a_shop().at(HOME)
    fail(home, 9)
    home.succeeded("ada@example.com")

    assert home.redis.keys("*")
    assert not home.redis.keys("*ada*")


@outage
def test_without_redis_nobody_signs_in(a_shop, own_redis, outage):
    home = a_shop().at(HOME)
    with getattr(own_redis, outage)(), pytest.raises(Unavailable):
        home.check("ada@example.com")
