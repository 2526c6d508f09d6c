import socket

import pytest

from ops.replay.accounts import Account
from ops.replay.messages import Answer
from ops.replay.refusals import LONGEST, Refused, Unreachable
from ops.replay.session import Session, claims_of
from ops.replay.shop import Shop, wait_after

ANNA = Account("anna@replay.example", "annas", "Anna")


@pytest.fixture
def shop(server, waits):
    shop = Shop(server.url, 2)
    shop.get("/v1/categories")
    return shop


@pytest.fixture
def anna(shop):
    return Session.open(shop, ANNA)


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class TestShop:
    def test_an_overloaded_gateway_is_asked_again_when_it_says(
        self, shop, gateway, waits
    ):
        gateway.faults["GET /v1/categories"] += ["unavailable", "busy"]

        assert shop.get("/v1/categories").status == 200
        assert 7 <= waits[0] <= 7 * 1.25
        assert 1 <= waits[1] <= 1.25

    def test_patience_ends(self, shop, gateway, waits):
        gateway.faults["GET /v1/categories"] += ["unavailable"] * 99

        assert shop.get("/v1/categories").status == 503
        assert gateway.count_of("GET", "/v1/categories") == 1 + 10

    def test_a_lost_connection_is_tried_five_times_more(self, shop, gateway):
        gateway.faults["GET /v1/categories"] += ["drop"] * 5

        assert shop.get("/v1/categories").status == 200

        gateway.faults["GET /v1/categories"] += ["drop"] * 6
        with pytest.raises(Unreachable):
            shop.get("/v1/categories")

    def test_after_patience_ran_out_others_do_not_wait_as_long(self, shop, gateway):
        gateway.faults["GET /v1/categories"] += ["drop"] * (6 + 2)
        for _ in range(2):
            with pytest.raises(Unreachable):
                shop.get("/v1/categories")

        assert shop.get("/v1/categories").status == 200
        gateway.faults["GET /v1/categories"] += ["drop"] * 5
        assert shop.get("/v1/categories").status == 200

    @pytest.mark.parametrize(
        "url", ["localhost:8000", "ftp://x", "http://", "", "http://["]
    )
    def test_what_is_no_address_is_nobody(self, url):
        with pytest.raises(Unreachable):
            Shop(url, 1)

    def test_nobody_at_the_address_is_soon_known(self, waits):
        with pytest.raises(Unreachable):
            Shop(f"http://127.0.0.1:{closed_port()}", 1).get("/")

        assert len(waits) == 1

    def test_an_address_may_have_a_path(self, server, waits, gateway):
        Shop(f"{server.url}/shop/", 1).get("/v1/categories")

        assert gateway.requests == [("GET", "/shop/v1/categories")]

    def test_waits_grow_and_stay_bounded(self):
        down = Answer(0, {}, {})

        waited = [wait_after(down, tries) for tries in range(1, 12)]

        assert waited[0] <= 0.5
        assert max(waited) <= 6 * 1.25

    @pytest.mark.parametrize(
        "asked", ["", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"]
    )
    def test_an_unreadable_wish_to_wait_is_no_wish(self, asked):
        assert wait_after(Answer(503, {"Retry-After": asked}, {}), 1) <= 0.5

    def test_nobody_waits_for_an_hour(self):
        assert wait_after(Answer(503, {"Retry-After": "3600"}, {}), 1) < 40


class TestSession:
    def test_who_is_known_signs_in(self, shop, anna):
        assert Session.open(shop, ANNA).claims["roles"] == ["customer"]

    def test_another_secret_is_explained(self, shop, anna):
        with pytest.raises(Refused, match="another REPLAY_SECRET"):
            Session.open(shop, Account(ANNA.email, "other", "Anna"))

    def test_a_token_that_ran_out_is_renewed_once(self, anna, gateway):
        gateway.tokens.clear()

        assert anna.post("/v1/sellers", {}).status == 201
        assert gateway.count_of("POST", "/v1/auth/tokens") == 2

    def test_a_door_that_stays_closed_is_not_knocked_at_for_ever(self, anna, gateway):
        gateway.faults["POST /v1/sellers"] += ["expired"] * 2

        assert anna.post("/v1/sellers", {}).status == 401
        assert gateway.count_of("POST", "/v1/sellers") == 2

    @pytest.mark.parametrize("token", ["", "a", "a.b", "a.!.c", "a.W10.c", "a.eyJ.c"])
    def test_a_strange_token_claims_nothing(self, token):
        assert claims_of(token) == {}


class TestRefusal:
    def test_it_is_one_line_that_cannot_steer_the_terminal(self):
        refused = Refused(409, "no", "really\n\x1b[31mnot " + "x" * 999)

        assert str(refused).startswith("409 no: really ?[31mnot xxx")
        assert len(str(refused)) == LONGEST

    def test_wrong_fields_are_named(self):
        answer = Answer(422, {}, {"code": "invalid", "errors": {"items": "too many"}})

        assert "too many" in str(answer.refusal())
