"""Keys come and go, and no token is refused that should count meanwhile."""

import pytest
from click.testing import CliRunner

from common.errors import Unauthenticated
from common.identity import Verifier
from common.ids import new_id
from ops.cli import main
from tests.scratch import SIGNING_KEY_SECRET
from user_service.domain.session import ACCESS_LIFE
from user_service.domain.signing_key import LEEWAY, PUBLISHED_FIRST, State
from user_service.storage.keys import KeysAtHand
from user_service.storage.models import SigningKeyRow


@pytest.fixture
def verifier(office):
    return Verifier(office.service)


def rotate(office, at_once=False):
    with office.store.key_transaction() as keys:
        keys.rotate(new_id(), office.clock.now(), at_once)


def revoke(office, kid):
    with office.store.key_transaction() as keys:
        keys.revoke(kid, new_id(), office.clock.now())


def states(office):
    return list(office.store.keyring.states(office.clock.now()).values())


def signing(office):
    return office.store.keyring.signing(office.clock.now()).kid


def published(office):
    return {key["kid"] for key in office.service.get_signing_keys()["keys"]}


def reads(verifier, pair):
    try:
        return bool(verifier.read(pair["access_token"]))
    except Unauthenticated:
        return False


def test_a_key_is_published_then_signs_then_retires(office, user):
    old = signing(office)

    rotate(office)
    assert states(office) == [State.SIGNING, State.NEXT]
    assert (len(published(office)), signing(office)) == (2, old)

    office.clock.moment += PUBLISHED_FIRST
    assert states(office) == [State.RETIRING, State.SIGNING]
    assert signing(office) != old
    assert old in published(office)

    office.clock.moment += ACCESS_LIFE + LEEWAY
    assert states(office) == [State.RETIRED, State.SIGNING]
    assert old not in published(office)

    office.service.prune()
    assert states(office) == [State.SIGNING]


def test_who_rotates_twice_has_one_next_key(office):
    rotate(office)
    rotate(office)

    assert states(office) == [State.SIGNING, State.NEXT]


def test_a_key_may_sign_at_once(office, user, verifier):
    before = office.signed_in(user)
    assert reads(verifier, before)

    rotate(office, at_once=True)
    verifier.fetched_at = 0

    assert states(office) == [State.RETIRING, State.SIGNING]
    assert reads(verifier, office.signed_in(user))
    assert reads(verifier, before)


def test_the_next_key_may_sign_sooner(office):
    rotate(office)
    rotate(office, at_once=True)

    assert states(office) == [State.RETIRING, State.SIGNING]


def test_what_a_revoked_key_signed_counts_no_more(office, user, verifier):
    before = office.signed_in(user)
    assert reads(verifier, before)

    revoke(office, signing(office))
    verifier.ask()

    assert states(office) == [State.SIGNING]
    assert not reads(verifier, before)
    assert reads(verifier, office.refreshed(before["refresh_token"]))


def test_the_next_key_takes_over_from_a_revoked_one(office):
    old = signing(office)
    rotate(office)
    [coming] = published(office) - {old}

    revoke(office, old)

    assert signing(office) == coming


def test_a_key_that_does_not_sign_is_just_gone(office):
    old = signing(office)
    rotate(office)
    [coming] = published(office) - {old}

    revoke(office, coming)

    assert published(office) == {old}


def test_keys_are_closed_in_the_database(office, engine):
    with engine.connect() as connection:
        rows = connection.execute(SigningKeyRow.__table__.select()).all()

    assert all("PRIVATE KEY" not in row.private_key for row in rows)


def test_a_process_opens_its_keys_every_few_seconds(office, monkeypatch):
    moment, at_hand, asked = [100.0], KeysAtHand(), []
    monkeypatch.setattr("user_service.storage.keys.monotonic", lambda: moment[0])

    def read():
        asked.append(moment[0])
        return office.store.keyring

    for moment[0] in (100.0, 101.0, 105.0, 105.1, 106.0):
        at_hand.of(read)

    assert asked == [100.0, 105.1]


class TestCommand:
    @pytest.fixture
    def shopnow(self, engine, monkeypatch):
        with engine.connect() as connection:
            schema = connection.exec_driver_sql("SHOW search_path").scalar()
        here = engine.url.update_query_dict({"options": f"-csearch_path={schema}"})
        uri = here.render_as_string(hide_password=False)
        monkeypatch.setenv("AUTH_DB_URI", uri)
        monkeypatch.setenv("SIGNING_KEY_SECRET", SIGNING_KEY_SECRET)

        def run(*words):
            return CliRunner().invoke(main, ["keys", *words])

        return run

    def lines(self, answer):
        assert answer.exit_code == 0, answer.output
        return [line.split() for line in answer.output.splitlines()]

    def test_an_operator_rotates_and_revokes(self, office, shopnow):
        [[old, _, state]] = self.lines(shopnow("list"))
        assert state == "signing"

        [_, [new, _, state]] = self.lines(shopnow("rotate"))
        assert state == "next"

        assert [line[2] for line in self.lines(shopnow("rotate", "--now"))] == [
            "retiring",
            "signing",
        ]
        assert [line[0] for line in self.lines(shopnow("revoke", old))] == [new]

    def test_an_unknown_key_is_named(self, office, shopnow):
        answer = shopnow("revoke", "k9")

        assert answer.exit_code == 1
        assert "there is no key k9" in answer.output
