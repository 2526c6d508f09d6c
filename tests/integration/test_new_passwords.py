"""A new password, by the old one or by mail: once, and nobody stays signed in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from common.errors import (
    Invalid,
    NotFound,
    Refusal,
    Unauthenticated,
    service_unavailable,
)
from common.ids import new_id
from tests.auth import PASSWORD
from tests.builders import an_event
from user_service.domain.password_reset import LIFE
from user_service.storage.models import PasswordResetRow

NEW = "staple this instead"


@pytest.fixture(scope="module")
def engine(fresh_accounts):
    with fresh_accounts() as engine:
        yield engine


@pytest.fixture
def auth(office):
    return office.service


def asked(office, email):
    """The code in the letter to this address; the letter is written twice."""
    office.service.request_password_reset({"email": email})
    event = next(e for e in reversed(office.store.events) if "reset_id" in e["data"])
    office.service.on_password_reset_requested(event)
    # As after a crash between the letter and the note that it is written.
    reset_id, mail = event["data"]["reset_id"], office.service.mail
    office.service.new_passwords.write(mail, reset_id, cause=event["id"])
    first, second = office.service.mail.letters[-2:]
    assert first == second
    assert (first["to"], first["cause"]) == (email, event["id"])
    return next(line for line in first["text"].splitlines() if len(line) == 43)


def code_of(ask, *args):
    with pytest.raises(Refusal) as refusal:
        ask(*args)
    return refusal.value.code


class TestReset:
    def test_the_code_of_the_letter_sets_a_password(self, office, auth, user):
        auth.reset_password(asked(office, user["email"]), {"password": NEW})

        assert office.signed_in(user, NEW)
        with pytest.raises(Unauthenticated):
            office.signed_in(user)

    def test_it_ends_all_sessions(self, office, auth, user):
        pairs = [office.signed_in(user) for _ in range(3)]
        ids = {office.caller(pair).session_id for pair in pairs}

        auth.reset_password(asked(office, user["email"]), {"password": NEW})

        assert ids <= set(office.ended())
        told = office.told("sessions.ended")[-1]
        assert (set(told["session_ids"]), told["reason"]) == (ids, "password_reset")

    def test_neither_the_code_nor_the_address_is_kept_or_told(
        self, office, engine, user
    ):
        code = asked(office, user["email"])

        with engine.connect() as connection:
            rows = str(connection.execute(PasswordResetRow.__table__.select()).all())
        assert code not in rows + str(office.store.events)
        assert user["email"] not in rows + str(office.store.events)

    def test_a_code_is_used_once(self, office, auth, user):
        code = asked(office, user["email"])
        auth.reset_password(code, {"password": NEW})

        again = code_of(auth.reset_password, code, {"password": PASSWORD})

        assert again == "invalid_reset_token"

    def test_of_many_at_once_one_is_let_in(self, office, auth, user):
        code = asked(office, user["email"])

        def reset(number):
            try:
                auth.reset_password(code, {"password": f"{NEW} {number}"})
            except NotFound:
                return None
            return f"{NEW} {number}"

        with ThreadPoolExecutor(10) as pool:
            [password] = set(pool.map(reset, range(10))) - {None}

        assert office.signed_in(user, password)

    def test_the_other_codes_of_the_account_are_void_then(self, office, auth, user):
        first, second = (asked(office, user["email"]) for _ in range(2))

        auth.reset_password(first, {"password": NEW})

        void = code_of(auth.reset_password, second, {"password": PASSWORD})
        assert void == "invalid_reset_token"

    def test_a_code_lasts_half_an_hour(self, office, auth, user):
        code = asked(office, user["email"])
        office.clock.moment += LIFE

        late = code_of(auth.reset_password, code, {"password": NEW})

        assert late == "invalid_reset_token"

    @pytest.mark.parametrize("code", ["x", "x" * 43, "x' OR '1'='1", "../../me"])
    def test_what_is_no_code_is_refused_alike(self, auth, code):
        assert code_of(auth.reset_password, code, {"password": NEW}) == (
            "invalid_reset_token"
        )

    def test_a_bad_password_leaves_the_code_good(self, office, auth, user):
        code = asked(office, user["email"])

        with pytest.raises(Invalid) as refusal:
            auth.reset_password(code, {"password": "password123"})

        assert set(refusal.value.details) == {"password"}
        auth.reset_password(code, {"password": NEW})

    def test_for_an_unknown_address_nothing_is_kept(self, office, auth, engine):
        def kept():
            with engine.connect() as connection:
                rows = connection.execute(PasswordResetRow.__table__.select())
                return len(rows.all()), len(office.store.events)

        before = kept()

        assert auth.request_password_reset({"email": f"{new_id()}@b.example"}) is None
        assert kept() == before

    def test_no_letter_is_written_about_what_is_over(self, office, auth, user):
        auth.request_password_reset({"email": user["email"]})
        event = office.store.events[-1]
        auth.on_user_erased(an_event(user_id=user["id"]))

        auth.on_password_reset_requested(event)

        assert auth.mail.letters == []

    def test_old_ones_are_forgotten(self, office, auth, user, engine):
        asked(office, user["email"])
        office.clock.moment += LIFE + timedelta(seconds=1)

        auth.prune()

        with engine.connect() as connection:
            assert not connection.execute(PasswordResetRow.__table__.select()).all()

    def test_the_address_is_counted_known_or_not(self, auth, user):
        for email in (user["email"], "nobody@example.com"):
            auth.request_password_reset({"email": email})
            auth.limits.take.assert_called_with("reset", email)


class TestChange:
    def change(self, office, user, current=PASSWORD, password=NEW):
        with office.acting_as(office.signed_in(user)) as auth:
            auth.change_password({"current_password": current, "password": password})

    def test_it_ends_all_sessions_this_one_too(self, office, user):
        before = office.signed_in(user)
        with office.acting_as(before) as auth:
            auth.change_password({"current_password": PASSWORD, "password": NEW})

        assert office.caller(before).session_id in office.ended()
        assert office.signed_in(user, NEW)

    def test_without_the_old_password_it_stays(self, office, user):
        with pytest.raises(Invalid) as refusal:
            self.change(office, user, current="not the password")

        assert set(refusal.value.details) == {"current_password"}
        office.service.backoff.failed.assert_called_with(user["email"])
        assert office.signed_in(user)

    def test_who_may_not_guess_any_more_is_not_heard(self, office, user):
        pair = office.signed_in(user)
        office.service.backoff.check.side_effect = Invalid("too_many_attempts", "")

        with office.acting_as(pair) as auth:
            draft = {"current_password": PASSWORD, "password": NEW}
            assert code_of(auth.change_password, draft) == "too_many_attempts"

    def test_who_reads_the_mail_need_not_wait(self, office, user):
        code = asked(office, user["email"])

        office.service.reset_password(code, {"password": NEW})

        office.service.backoff.succeeded.assert_called_with(user["email"])

    def test_a_new_password_stands_even_if_nobody_counts(self, office, user):
        code = asked(office, user["email"])
        office.service.backoff.succeeded.side_effect = service_unavailable()

        office.service.reset_password(code, {"password": NEW})

        office.service.backoff.succeeded.side_effect = None
        assert office.signed_in(user, NEW)

    def test_it_voids_what_was_mailed(self, office, user):
        code = asked(office, user["email"])

        self.change(office, user)

        void = code_of(office.service.reset_password, code, {"password": PASSWORD})
        assert void == "invalid_reset_token"

    @pytest.mark.parametrize("password", ["password123", "short"])
    def test_a_bad_password_is_refused(self, office, user, password):
        with pytest.raises(Invalid) as refusal:
            self.change(office, user, password=password)

        assert set(refusal.value.details) == {"password"}


def test_a_common_password_opens_no_account(auth):
    with pytest.raises(Invalid) as refusal:
        auth.create_account(new_id(), "ada@example.com", "qwertyuiop")

    assert set(refusal.value.details) == {"password"}
