"""Passwords are hashed slowly, few at a time, and as is written down."""

import eventlet
import pytest
from eventlet.event import Event
from nameko import config

from common.errors import Invalid
from user_service import passwords
from user_service.passwords import LEAST, Passwords, hasher_from

WAITING = 4


@pytest.fixture
def hashing():
    settings = LEAST | {"most_under_way": WAITING}
    with config.patch({"PASSWORDS": settings, "RPC_WORKERS": 20}):
        hashing = Passwords()
        hashing.setup()
        yield hashing


@pytest.fixture
def standstill(monkeypatch):
    """Threads that do nothing before they are sent something."""
    go = Event()
    monkeypatch.setattr(passwords, "in_thread", lambda work, *args: go.wait())
    return go


def test_what_was_hashed_fits_and_nothing_else_does(hashing):
    hashed = hashing.hash("correct horse battery")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashing.fits("correct horse battery", hashed)
    assert not hashing.fits("correct horse", hashed)


def test_nobody_has_a_password(hashing):
    assert not hashing.fits("nobody's password", None)


def test_nobody_is_compared_by_the_parameters_of_everybody(hashing, monkeypatch):
    compared = []
    monkeypatch.setattr(
        passwords, "in_thread", lambda work, *args: compared.append(args)
    )

    hashing.fits("x", None)
    hashing.fits("x", hashing.hasher.hash("y"))

    unknown, known = (hashed.split("$")[:4] for hashed, _ in compared)
    assert unknown == known


def test_who_comes_when_too_many_wait_is_to_come_again(hashing, standstill):
    waiting = [eventlet.spawn(hashing.hash, "x") for _ in range(WAITING)]
    eventlet.sleep()

    with pytest.raises(Invalid) as refusal:
        hashing.fits("x", None)

    assert refusal.value.code == "too_many_sign_ins"
    assert refusal.value.details == {"retry_after": "1"}
    standstill.send()
    assert [each.wait() for each in waiting] == [None] * WAITING
    hashing.hash("x")


def test_some_workers_are_left_to_others(standstill):
    settings = LEAST | {"most_under_way": 100}
    with config.patch({"PASSWORDS": settings, "RPC_WORKERS": 20}):
        hashing = Passwords()
        hashing.setup()

    assert hashing.most_under_way == 18


def test_a_hash_of_other_parameters_is_outdated(hashing):
    stronger = hasher_from(LEAST | {"passes": 3})

    assert not hashing.is_outdated(hashing.hash("x"))
    assert hashing.is_outdated(stronger.hash("x"))


@pytest.mark.parametrize("name", LEAST)
def test_weak_parameters_do_not_start(name):
    with pytest.raises(ValueError, match=f"PASSWORDS.{name}"):
        hasher_from(LEAST | {name: LEAST[name] - 1})
