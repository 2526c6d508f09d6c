"""What auth_service has against guessing, in a container, on real Redis and Consul."""

import consul
import pytest
from nameko import config
from nameko.testing.services import dummy, entrypoint_hook

from common.errors import Invalid
from common.ids import new_id
from tests.client import eventually
from user_service.backoff import Backoff
from user_service.limits import AccountLimits

HOME, CAFE = {"client": "10.0.0.1"}, {"client": "10.0.0.2"}


class Doorman:
    name = "doorman"
    backoff = Backoff()
    limits = AccountLimits()

    @dummy
    def guess(self, email):
        self.backoff.check(email)
        self.backoff.failed(email)

    @dummy
    def enter(self, email):
        self.limits.take("sign_in", email)
        self.backoff.succeeded(email)


@pytest.fixture
def doorman(stack, own_redis, container_factory):
    """``doorman("guess", email, client)``: the code of the refusal, or None."""
    settings = {
        "CONSUL_URI": stack.operator["CONSUL_URI"],
        "CONSUL_TOKEN": stack.environment("auth_service")["CONSUL_TOKEN"],
        "REDIS_URIS": {"limits": own_redis.uri},
        "SIGNING_KEY_SECRET": "of the test",
        "ACCOUNT_LIMITS": {"sign_in": {"quota": 3, "seconds": 60}},
        "BACKOFF": {"client": 2},
    }

    def ask(method, email, client):
        with entrypoint_hook(container, method, client) as hook:
            try:
                return hook(email)
            except Invalid as refusal:
                return refusal.code

    with config.patch(settings):
        container = container_factory(Doorman)
        container.start()
        yield ask


def test_pauses_are_for_the_client_that_the_gateway_names(doorman):
    email = f"{new_id()}@example.com"

    told = [doorman("guess", email, HOME) for _ in range(3)]

    assert told == [None, None, "too_many_attempts"]
    assert doorman("guess", email, CAFE) is None
    assert doorman("enter", email, HOME) is None
    assert doorman("guess", email, HOME) is None


def test_an_account_has_one_quota_wherever_its_clients_are(doorman):
    email = f"{new_id()}@example.com"

    told = [doorman("enter", email, client) for client in (HOME, CAFE, HOME, CAFE)]

    assert told == [None, None, None, "rate_limited"]
    assert doorman("enter", f"{new_id()}@example.com", HOME) is None


def test_the_quota_of_accounts_changes_while_we_run(stack, doorman):
    host, _, port = stack.operator["CONSUL_URI"].removeprefix("http://").partition(":")
    token = stack.operator["CONSUL_TOKEN"]
    kv = consul.Consul(host=host, port=int(port), token=token).kv
    key, email = "shopnow/account-limits/sign_in", f"{new_id()}@example.com"
    for _ in range(4):
        doorman("enter", email, HOME)
    try:
        kv.put(key, '{"quota": 1000, "seconds": 60}')
        eventually(lambda: doorman("enter", email, HOME), None, seconds=2)
    finally:
        kv.delete(key)
    eventually(lambda: doorman("enter", email, HOME), "rate_limited", seconds=2)
