"""A token is like no other, and some come out the same a second time."""

import pytest
from nameko import config

from user_service.opaque_tokens import OpaqueTokens


def made_with(secret):
    with config.patch({"SIGNING_KEY_SECRET": secret}):
        opaque = OpaqueTokens()
        opaque.setup()
    return opaque


@pytest.fixture
def opaque():
    return made_with("a secret")


def test_no_two_are_the_same(opaque):
    assert len({opaque.fresh() for _ in range(100)}) == 100


def test_a_derived_one_comes_out_the_same(opaque):
    token = opaque.derived("token", "seed")

    assert token == made_with("a secret").derived("token", "seed")
    assert len(token) == len(opaque.fresh()) == 43


@pytest.mark.parametrize("origin", [("token", "seeds"), ("tokens", "seed")])
def test_another_origin_gives_another(opaque, origin):
    assert opaque.derived(*origin) != opaque.derived("token", "seed")


def test_another_secret_gives_another(opaque):
    other = made_with("another secret")

    assert other.derived("token", "seed") != opaque.derived("token", "seed")
