"""Signing in asks first what costs least."""

from datetime import timedelta
from unittest.mock import create_autospec

import pytest

from common.clock import Clock
from common.errors import Invalid
from user_service.backoff import Attempts
from user_service.domain import errors
from user_service.domain.session import Lives
from user_service.limits import AccountLimits
from user_service.opaque_tokens import OpaqueTokens
from user_service.passwords import Passwords
from user_service.signing_in import SigningIn
from user_service.storage.provider import AccountStore


def test_who_is_sent_away_in_a_storm_costs_no_question():
    passwords = create_autospec(Passwords, instance=True)
    passwords.demand_room.side_effect = errors.too_many_sign_ins()
    others = [
        create_autospec(each, instance=True)
        for each in (AccountStore, OpaqueTokens, Attempts, AccountLimits)
    ]
    store, opaque, backoff, limits = others
    lives = Lives(timedelta(days=1), timedelta(days=2))
    signing_in = SigningIn(
        store, passwords, opaque, backoff, limits, lives, create_autospec(Clock)
    )

    with pytest.raises(Invalid):
        signing_in.by_password("ada@example.com", "correct horse")

    assert [each.method_calls for each in others] == [[]] * len(others)
