"""One region takes writes, whoever promotes, when, and how often."""

import re

import pytest

from ops.dr import promotion
from ops.dr.epoch import Epoch
from ops.errors import Problem
from tests.unit.ops.dr.shop import Server, Shop

A, B = "region-a", "region-b"
GONE = "connection to server failed: Connection refused"


@pytest.fixture
def shop(monkeypatch):
    shop = Shop()
    shop.stand_for(monkeypatch, promotion)
    return shop


@pytest.fixture
def lost(shop):
    """Its region-a is gone."""
    shop.servers[A].silence = GONE
    return shop


def test_the_next_epoch_opens_the_region_that_is_left(lost):
    assert promotion.promote(lost, B) == Epoch(2, B)
    assert not lost.servers[B].is_replica
    assert lost.servers[B].epoch == 2


def test_a_region_that_takes_writes_is_to_be_stopped_first(shop):
    with pytest.raises(Problem, match="region-a still takes writes"):
        promotion.promote(shop, B)
    assert shop.done == []


def test_a_region_that_is_a_replica_is_in_nobodys_way(shop):
    shop.servers[A].is_replica = True
    assert promotion.promote(shop, B) == Epoch(2, B)


UNCLEAR = (
    "FATAL:  password authentication failed",
    "FATAL:  too many clients",
    "FATAL:  connection to the server behind this one timed out",
    "fe_sendauth: no password supplied",
    "SSL error: certificate verify failed",
    "server closed the connection unexpectedly",
    "Network is unreachable",
)


@pytest.mark.parametrize("said", UNCLEAR)
def test_a_server_that_may_be_there_is_not_gone(shop, said):
    shop.servers[A].silence = f"connection to server failed: {said}"
    cause = re.escape(f"({said})")
    with pytest.raises(Problem, match=f"whether PostgreSQL of region-a .* {cause}"):
        promotion.promote(shop, B)
    assert shop.servers[B].is_replica


@pytest.mark.parametrize("said", ["No route to host", "timeout expired", "timed out"])
def test_who_does_not_answer_at_all_is_gone(shop, said):
    shop.servers[A].silence = f"connection to server failed: {said}\n\tIs it running?"
    assert promotion.promote(shop, B) == Epoch(2, B)


def test_who_answers_at_one_of_its_addresses_is_not_gone(shop):
    shop.servers[A].silence = f"{GONE}\n\tIs it running?\n{UNCLEAR[0]}"
    with pytest.raises(Problem, match="password authentication failed"):
        promotion.promote(shop, B)


def test_an_operator_knows_more_than_an_address_that_cannot_tell(shop):
    shop.servers[A].silence = 'could not translate host name "a" to address'
    with pytest.raises(Problem, match="translate"):
        promotion.promote(shop, B)
    assert promotion.promote(shop, B, is_gone=True) == Epoch(2, B)


def test_an_answer_counts_more_than_the_word_of_an_operator(shop):
    with pytest.raises(Problem, match="region-a still takes writes"):
        promotion.promote(shop, B, is_gone=True)


def test_a_region_that_is_back_after_the_election_keeps_its_writes(lost):
    def back() -> None:
        lost.servers[A].silence = ""

    lost.then["mongo"] = back
    with pytest.raises(Problem, match="region-a still takes writes"):
        promotion.promote(lost, B)
    assert lost.servers[B].is_replica


def test_promoting_twice_is_promoting_once(lost):
    first = promotion.promote(lost, B)
    assert promotion.promote(lost, B) == first
    assert lost.done.count("told again") == 1


@pytest.mark.parametrize("step", ["mongo", "claim", "postgres", "opened", "broker"])
def test_who_was_stopped_half_way_goes_on_in_the_same_epoch(lost, step):
    def stop() -> None:
        raise KeyboardInterrupt

    lost.then[step] = stop
    with pytest.raises(KeyboardInterrupt):
        promotion.promote(lost, B)

    assert promotion.promote(lost, B) == Epoch(2, B)
    assert lost.servers[B] == Server(False, 2, told={2})
    assert lost.done.count("told again") == 1


def test_who_has_not_seen_the_last_epoch_is_not_promoted_by_mistake(shop):
    shop.epoch = Epoch(2, B, opened=True)
    shop.servers = {A: Server(), B: Server(silence=GONE)}
    with pytest.raises(Problem, match="has seen epoch 1, and region-b was given 2"):
        promotion.promote(shop, A)
    assert shop.epoch == Epoch(2, B)


def test_what_the_last_epoch_wrote_can_be_given_up(shop):
    shop.epoch = Epoch(2, B, opened=True)
    shop.servers = {A: Server(), B: Server(silence=GONE)}
    assert promotion.promote(shop, A, gives_up=True) == Epoch(3, A)


def test_a_standby_that_has_not_seen_the_epoch_does_not_go_on_in_it(shop):
    shop.epoch = Epoch(3, A, opened=True)
    shop.servers[A] = Server(epoch=1)
    with pytest.raises(Problem, match="has seen epoch 1, and region-a was given 3"):
        promotion.promote(shop, A)
    assert shop.servers[A].is_replica
    assert promotion.promote(shop, A, gives_up=True) == Epoch(3, A)


def test_an_epoch_that_was_opened_says_so(lost):
    assert promotion.promote(lost, B).opened is False
    assert lost.epoch.opened


def test_a_primary_takes_back_what_was_claimed_and_never_opened(shop):
    shop.epoch = Epoch(2, B)
    assert promotion.promote(shop, A) == Epoch(3, A)


@pytest.mark.parametrize("moment", ["mongo", "postgres", "opened"])
def test_two_who_promote_one_region_each_do_not_both_succeed(lost, moment):
    """A is back as a replica; while it is opened once more, B is as well."""
    lost.servers[A] = Server()
    ended = []

    def other() -> None:
        try:
            ended.append(promotion.promote(lost, B))
        except Problem as trouble:
            ended.append(trouble)

    lost.then[moment] = other
    try:
        ended.append(promotion.promote(lost, A))
    except Problem as trouble:
        ended.append(trouble)

    assert len([each for each in ended if isinstance(each, Epoch)]) == 1
