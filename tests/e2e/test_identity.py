"""Who somebody is, and that they are not any more, seen from a storefront."""

import email
import time
from concurrent.futures import ThreadPoolExecutor
from email import policy

import pytest

from common.ids import new_id
from tests.client import PASSWORD, Client, eventually

NEW = "staple this instead"
# Enough to meet every process of the gateway.
CONNECTIONS = 20
# It takes a tenth of a second, on a machine that has nothing else to do.
SOON = 10.0


@pytest.fixture
def address():
    return f"{new_id()}@example.com"


@pytest.fixture
def person(stranger, address):
    """Signed up and in; ``refresh_token`` is theirs too."""
    user = {"email": address, "password": PASSWORD, "full_name": "Ada Example"}
    assert stranger.post("/v1/users", user).status == 201
    return stranger.signed_in(address, PASSWORD)


def granted(client, **grant):
    return client.post("/v1/auth/tokens", grant)


def by_password(client, address, password):
    return granted(client, grant_type="password", email=address, password=password)


def by_refresh_token(client, token):
    return granted(client, grant_type="refresh_token", refresh_token=token)


def everywhere(client, path="/v1/users/me"):
    """What the processes of the gateway answer to this token."""
    return {status_of(client, path) for _ in range(CONNECTIONS)}


def status_of(client, path="/v1/users/me"):
    """On a connection of its own, to whichever process it leads."""
    return Client(client.url, client.token).get(path).status


def last_taken(*clients):
    """How many seconds from now on some process took one of these tokens."""
    begun, latest = time.monotonic(), 0.0
    for client in clients:
        refused = 0
        while refused < CONNECTIONS:
            asked = time.monotonic() - begun
            taken = status_of(client) != 401
            latest = max(latest, asked) if taken else latest
            refused = 0 if taken else refused + 1
    return latest


def letters(stack, address):
    """The texts of the letters to this address, the oldest first."""
    found = (
        email.message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in sorted((stack.run_dir / "mail").glob("*.eml"))
    )
    return [each.get_content() for each in found if each["To"] == address]


def code_in(letter):
    return next(line for line in letter.splitlines() if len(line) == 43)


def reset_codes(stack, address):
    texts = letters(stack, address)
    return [code_in(text) for text in texts if "new password" in text]


def test_a_sign_out_is_known_everywhere_soon(person):
    assert everywhere(person) == {200}

    assert person.delete("/v1/auth/tokens/current").status == 204

    assert last_taken(person) < SOON
    assert person.get("/v1/users/me").code == "invalid_token"


def test_who_signed_out_cannot_carry_on(stranger, person, address):
    pair = by_password(stranger, address, PASSWORD).body
    signed_in = Client(stranger.url, pair["access_token"])

    assert signed_in.delete("/v1/auth/tokens/current").status == 204

    again = by_refresh_token(stranger, pair["refresh_token"])
    assert (again.status, again.code) == (401, "invalid_refresh_token")
    assert person.get("/v1/users/me").status == 200


def test_a_reused_refresh_token_ends_the_session_everywhere(stranger, address, person):
    first = by_password(stranger, address, PASSWORD).body
    second = by_refresh_token(stranger, first["refresh_token"]).body
    third = by_refresh_token(stranger, second["refresh_token"]).body

    stolen = by_refresh_token(stranger, first["refresh_token"])

    assert (stolen.status, stolen.code) == (401, "refresh_token_reused")
    robbed = Client(stranger.url, third["access_token"])
    assert last_taken(robbed) < SOON


def test_a_refresh_token_sent_many_times_at_once_has_one_successor(
    stranger, person, address
):
    token = by_password(stranger, address, PASSWORD).body["refresh_token"]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: by_refresh_token(stranger, token), range(16)))

    assert {answer.status for answer in answers} == {200}
    [successor] = {answer.body["refresh_token"] for answer in answers}
    assert by_refresh_token(stranger, successor).status == 200


class TestPasswordChange:
    def test_it_signs_everybody_out(self, stranger, person, address):
        other = stranger.signed_in(address, PASSWORD)
        change = {"current_password": PASSWORD, "password": NEW}

        assert person.put("/v1/users/me/password", change).status == 204

        assert last_taken(person, other) < SOON
        assert by_password(stranger, address, PASSWORD).code == "invalid_credentials"
        assert by_password(stranger, address, NEW).status == 200

    @pytest.mark.parametrize(
        ("change", "wrong"),
        [
            ({"current_password": "wrong", "password": NEW}, {"current_password"}),
            ({"current_password": PASSWORD, "password": "qwertyuiop"}, {"password"}),
            ({"password": NEW}, {"current_password"}),
        ],
    )
    def test_what_is_wrong_is_named(self, person, change, wrong):
        answer = person.put("/v1/users/me/password", change)

        assert (answer.status, set(answer.body["errors"])) == (422, wrong)
        assert person.get("/v1/users/me").status == 200


class TestPasswordReset:
    def test_the_letter_lets_one_in_again(self, stack, stranger, person, address):
        asked = stranger.post("/v1/auth/password-resets", {"email": address})
        assert (asked.status, asked.raw) == (202, b"")
        eventually(lambda: len(reset_codes(stack, address)), 1)
        [code] = reset_codes(stack, address)
        path = f"/v1/auth/password-resets/{code}"

        weak = stranger.put(path, {"password": address})
        assert (weak.status, set(weak.body["errors"])) == (422, {"password"})
        assert stranger.put(path, {"password": NEW}).status == 204

        again = stranger.put(path, {"password": PASSWORD})
        assert (again.status, again.code) == (404, "invalid_reset_token")
        assert code not in again.raw.decode()
        assert last_taken(person) < SOON
        assert by_password(stranger, address, NEW).status == 200

    def test_known_or_not_is_answered_alike(self, stranger, person, address):
        said = []
        for each in (address, f"{new_id()}@example.com"):
            answer = stranger.post("/v1/auth/password-resets", {"email": each})
            known = {"X-Request-Id", "Date", "RateLimit", "traceparent"}
            headers = {k: v for k, v in answer.headers.items() if k not in known}
            said.append((answer.status, answer.raw, headers))

        assert said[0] == said[1]

    def test_no_log_has_the_code(self, stack, stranger, person, address):
        stranger.post("/v1/auth/password-resets", {"email": address})
        eventually(lambda: len(reset_codes(stack, address)), 1)
        [code] = reset_codes(stack, address)
        path = f"/v1/auth/password-resets/{code}"
        stranger.put(path, {"password": "short"})
        stranger.put(path, b"{")
        stranger.get(path)
        stranger.put(f"{path}/", {"password": NEW})
        assert stranger.put(path, {"password": NEW}).status == 204

        logs = "".join(f.read_text() for f in (stack.run_dir / "log").glob("*.log"))

        assert code not in logs
        assert address not in logs
        assert NEW not in logs


class TestRoles:
    def test_an_admin_makes_a_colleague_and_takes_it_back(
        self, stranger, admin, person, address
    ):
        me = person.get("/v1/users/me").body["id"]
        path = f"/v1/users/{me}/roles"

        given = admin.put(path, {"roles": ["customer", "support"]})
        assert given.status == 200
        assert given.body["roles"] == ["customer", "support"]
        assert person.get("/v1/users/me").status == 200

        colleague = stranger.signed_in(address, PASSWORD)
        assert admin.put(path, {"roles": ["customer"]}).status == 200
        assert last_taken(colleague) < SOON

    @pytest.mark.parametrize(
        ("roles", "status", "code"),
        [
            (["seller"], 409, "seller_role_needs_shop"),
            (["root"], 422, "invalid"),
            ([], 422, "invalid"),
        ],
    )
    def test_not_every_role_can_be_given(self, admin, person, roles, status, code):
        me = person.get("/v1/users/me").body["id"]

        answer = admin.put(f"/v1/users/{me}/roles", {"roles": roles})

        assert (answer.status, answer.code) == (status, code)

    def test_only_an_admin_gives_them(self, person, seller):
        me = person.get("/v1/users/me").body["id"]

        for client in (person, seller):
            answer = client.put(f"/v1/users/{me}/roles", {"roles": ["admin"]})
            assert (answer.status, answer.code) == (403, "role_required")


def test_an_unknown_somebody_has_no_roles(admin):
    answer = admin.put(f"/v1/users/{new_id()}/roles", {"roles": ["customer"]})

    assert (answer.status, answer.code) == (404, "user_not_found")


def test_a_new_key_signs_and_nobody_is_signed_out(stack, stranger, person, address):
    def keys():
        known = stranger.get("/.well-known/jwks.json", Cache_Control="no-cache")
        return {key["kid"] for key in known.body["keys"]}

    before = keys()
    rotated = stack.shopnow("keys", "rotate", "--now")
    assert rotated.returncode == 0, rotated.stdout

    assert everywhere(person) == {200}
    eventually(
        lambda: everywhere(stranger.signed_in(address, PASSWORD)), {200}, seconds=15
    )
    listed = stack.shopnow("keys", "list").stdout
    assert sum("signing" in line for line in listed.splitlines()) == 1
    assert len(listed.splitlines()) == len(before) + 1


@pytest.mark.parametrize(
    "password", ["qwertyuiop", "PASSWORD1234", "aaaaaaaaaaaa", "x" * 129, "too short"]
)
def test_a_bad_password_signs_nobody_up(stranger, address, password):
    user = {"email": address, "password": password, "full_name": "Ada Example"}

    answer = stranger.post("/v1/users", user)

    assert (answer.status, set(answer.body["errors"])) == (422, {"password"})
    user["password"] = PASSWORD
    assert stranger.post("/v1/users", user).status == 201
