"""Sessions on a real database: refreshed by many at once, ended for everybody."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest

from common.errors import Refusal, Unauthenticated
from common.ids import new_id
from tests.auth import LIVES, PASSWORD
from tests.builders import an_event
from user_service.domain.session import LOST_ANSWER
from user_service.storage.models import RefreshTokenRow

MOMENT = timedelta(seconds=1)
MANY = 50


@pytest.fixture(scope="module")
def engine(fresh_accounts):
    with fresh_accounts() as engine:
        yield engine


@pytest.fixture
def pair(office, user):
    return office.signed_in(user)


def code_of(ask, *args):
    with pytest.raises(Unauthenticated) as refusal:
        ask(*args)
    return refusal.value.code


def test_a_token_is_replaced_and_not_kept(office, engine, pair):
    successor = office.refreshed(pair["refresh_token"])["refresh_token"]

    assert successor != pair["refresh_token"]
    with engine.connect() as connection:
        rows = str(connection.execute(RefreshTokenRow.__table__.select()).all())
    assert pair["refresh_token"] not in rows
    assert successor not in rows


def test_each_token_leads_to_the_next(office, pair):
    for _ in range(5):
        pair = office.refreshed(pair["refresh_token"])

    assert office.caller(pair).session_id not in office.ended()


def test_many_at_once_get_the_same_successor(office, pair):
    all_here = Barrier(MANY)
    office.service.limits.take.side_effect = lambda *_: all_here.wait()
    with ThreadPoolExecutor(MANY) as pool:
        pairs = list(pool.map(office.refreshed, [pair["refresh_token"]] * MANY))

    office.service.limits.take.side_effect = None
    [successor] = {each["refresh_token"] for each in pairs}
    assert office.refreshed(successor)


def test_a_lost_answer_is_given_again(office, pair):
    first = office.refreshed(pair["refresh_token"])
    office.clock.moment += LOST_ANSWER

    again = office.refreshed(pair["refresh_token"])

    assert again["refresh_token"] == first["refresh_token"]
    assert office.refreshed(first["refresh_token"])


def test_a_thief_ends_the_session_of_both(office, user, pair, caplog):
    stolen = pair["refresh_token"]
    mine = office.refreshed(stolen)
    session_id = office.caller(mine).session_id
    office.clock.moment += LOST_ANSWER + MOMENT

    assert code_of(office.refreshed, stolen) == "refresh_token_reused"

    assert code_of(office.refreshed, mine["refresh_token"]) == "invalid_refresh_token"
    assert code_of(office.refreshed, stolen) == "invalid_refresh_token"
    assert [r.message for r in caplog.records] == ["refresh_token_reused"]
    assert session_id in office.ended()
    told = {"user_id": user["id"], "session_ids": [session_id]}
    assert told | {"reason": "refresh_token_reused"} in office.told("sessions.ended")
    [line] = caplog.records
    assert (line.user_id, line.session_id) == (user["id"], session_id)


def test_a_token_two_steps_back_is_reused_at_once(office, pair):
    second = office.refreshed(pair["refresh_token"])
    office.refreshed(second["refresh_token"])

    assert code_of(office.refreshed, pair["refresh_token"]) == "refresh_token_reused"


def test_another_session_of_the_robbed_goes_on(office, user, pair):
    other = office.signed_in(user)
    office.refreshed(office.refreshed(pair["refresh_token"])["refresh_token"])
    code_of(office.refreshed, pair["refresh_token"])

    assert office.refreshed(other["refresh_token"])


def test_a_session_that_rests_too_long_is_over(office, pair):
    office.clock.moment += LIVES.idle

    assert code_of(office.refreshed, pair["refresh_token"]) == "invalid_refresh_token"


def test_no_session_goes_on_for_ever(office, pair):
    end = office.clock.moment + LIVES.absolute
    while office.clock.moment + LIVES.idle < end:
        office.clock.moment += LIVES.idle - MOMENT
        pair = office.refreshed(pair["refresh_token"])
    office.clock.moment = end

    assert code_of(office.refreshed, pair["refresh_token"]) == "invalid_refresh_token"


@pytest.mark.parametrize("token", ["unknown", "", "x" * 200])
def test_what_is_no_token_is_refused(office, token):
    with pytest.raises(Refusal):
        office.refreshed(token)


def test_who_signs_out_is_out_everywhere(office, user, pair):
    other = office.signed_in(user)
    session_id = office.caller(pair).session_id

    with office.acting_as(pair) as auth:
        auth.end_session()
        auth.end_session()

    assert code_of(office.refreshed, pair["refresh_token"]) == "invalid_refresh_token"
    assert session_id in office.ended()
    told = {"user_id": user["id"], "session_ids": [session_id], "reason": "signed_out"}
    assert office.told("sessions.ended").count(told) == 1
    assert office.refreshed(other["refresh_token"])


def test_what_ended_long_ago_is_not_listed(office, pair):
    with office.acting_as(pair) as auth:
        auth.end_session()
    office.clock.moment += timedelta(seconds=60)

    assert office.caller(pair).session_id in office.ended(since=61)
    assert office.caller(pair).session_id not in office.ended(since=59)


def test_a_sign_in_that_a_new_password_overtakes_is_refused(office, user):
    proven = office.service.signing_in.proven(user["email"], PASSWORD)
    with office.acting_as(office.signed_in(user)) as auth:
        auth.change_password(
            {"current_password": PASSWORD, "password": "staple this instead"}
        )

    with office.store.transaction() as accounts:
        assert code_of(accounts.get_same, proven) == "invalid_credentials"


def test_signing_out_and_carrying_on_at_once_ends_the_session(office, user):
    """Whichever is first, nobody waits for the other for ever."""
    pairs = [office.signed_in(user) for _ in range(10)]

    def carry_on(pair):
        with suppress(Unauthenticated):
            office.refreshed(pair["refresh_token"])

    def change(_):
        now = office.clock.now()
        with office.store.transaction() as accounts:
            account = accounts.get(user["id"])
            account.change_password("today's hash of x", "password_changed", now)
            accounts.save(account, now)

    with ThreadPoolExecutor(20) as pool:
        done = [pool.submit(carry_on, pair) for pair in pairs]
        done += [pool.submit(change, None) for _ in range(3)]
        for each in done:
            each.result(timeout=20)

    assert {office.caller(pair).session_id for pair in pairs} <= set(office.ended())


class TestHashes:
    def test_a_hash_of_yesterday_is_made_anew_on_signing_in(self, office, user):
        office.service.passwords.parameters = "tomorrow's"

        pair = office.signed_in(user)

        with office.store.transaction() as accounts:
            account = accounts.find(user["id"])
        assert account.password_hash == f"tomorrow's hash of {PASSWORD}"
        assert account.password_changed_at is None
        assert office.refreshed(pair["refresh_token"])

    def test_an_unknown_address_costs_what_a_wrong_password_costs(self, office, user):
        passwords, backoff = office.service.passwords, office.service.backoff
        costs = []
        for email in (user["email"], f"{new_id()}@example.com"):
            passwords.compared.clear()
            backoff.failed.reset_mock()
            wrong = {"email": email}
            code = code_of(office.signed_in, wrong, "not the password")
            costs.append((code, list(passwords.compared), backoff.failed.call_count))

        assert costs[0] == costs[1] == ("invalid_credentials", ["today's"], 1)


def test_the_old_is_forgotten_and_the_rest_is_not(office, engine, user, pair):
    gone, here = office.signed_in(user), office.caller(pair).session_id
    office.refreshed(pair["refresh_token"])
    with office.store.transaction() as accounts:
        old = accounts.sessions.find(office.caller(gone).session_id)
        old.expires_at = office.clock.now() - timedelta(days=1, seconds=1)
        accounts.sessions.save(old, office.clock.now())

    office.service.prune()

    with office.store.transaction() as accounts:
        assert accounts.sessions.find(old.id) is None
        assert accounts.sessions.find(here)
        assert accounts.sessions.find_token(gone["refresh_token"]) is None
        assert accounts.sessions.find_token(pair["refresh_token"])


class TestErasure:
    def test_an_erased_account_leaves_only_that_its_sessions_ended(
        self, office, user, pair
    ):
        office.service.request_password_reset({"email": user["email"]})
        event = an_event(user_id=user["id"])

        office.service.on_user_erased(event)
        office.service.on_user_erased(event)

        session_id = office.caller(pair).session_id
        assert session_id in office.ended()
        told = office.told("sessions.ended")
        assert [each["reason"] for each in told if each["user_id"] == user["id"]] == [
            "erased"
        ]
        code = code_of(office.refreshed, pair["refresh_token"])
        assert code == "invalid_refresh_token"
        assert code_of(office.signed_in, user) == "invalid_credentials"

    def test_the_address_may_sign_up_again(self, office, user):
        office.service.on_user_erased(an_event(user_id=user["id"]))

        assert office.signed_up(user["email"])["id"] != user["id"]
