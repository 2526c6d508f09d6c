"""What Consul is laid out with."""

import json
import re

import pytest

from common.live.keys import FOLDER, check
from ops.registry import access, defaults, holders, servers
from ops.stack import secrets
from ops.stack.services import SERVICES
from ops.stack.settings import ROOT

NAMES = {service.name for service in SERVICES}
CONSUL = "http://consul.example"


class Consul:
    """Keeps policies and tokens as Consul does: a secret is nobody else's."""

    def __init__(self):
        self.policies, self.tokens = {}, {access.ANONYMOUS: {"AccessorID": ""}}

    def call(self, method, uri, body=None, token=""):
        assert token == "master"
        kind, *rest = uri.removeprefix(f"{CONSUL}/v1/acl/").split("/")
        return getattr(self, f"{method.lower()}_{kind}")(*rest, body=body)

    def get_policies(self, body):
        return [{"Name": name, "ID": f"id-{name}"} for name in self.policies]

    def get_tokens(self, body):
        return [{"AccessorID": accessor} for accessor in self.tokens]

    def get_token(self, accessor, body):
        return self.tokens[accessor]

    def delete_token(self, accessor, body):
        del self.tokens[accessor]

    def put_policy(self, known=None, body=None):
        assert (known is not None) == (body["Name"] in self.policies)
        self.policies[body["Name"]] = body["Rules"]

    def put_token(self, accessor=None, body=None):
        taken = {each.get("SecretID") for each in self.tokens.values()} - {None}
        assert body.get("SecretID") not in taken
        self.tokens[accessor or body["AccessorID"]] = body


@pytest.fixture
def consul(monkeypatch):
    consul = Consul()
    monkeypatch.setattr(access, "call", consul.call)
    return consul


def tokens(**changes):
    return {name: f"secret of {name}" for name in holders()} | changes


def test_a_service_may_write_its_own_entry_alone():
    for name in NAMES:
        rules = (access.POLICIES / f"{name}.hcl").read_text()
        written = re.findall(r'^(\w+ "[^"]*") \{ policy = "write" \}', rules, re.M)
        assert written == [f'service "{name}"']


def test_everybody_who_has_a_policy_has_a_token_of_the_local_stack():
    ours = {name.removeprefix("consul.") for name in secrets.TOKENS}

    assert ours == {*holders(), "master"}
    assert {*NAMES, "agent", "console", "operator"} == set(holders())


def test_there_is_a_query_for_every_service():
    for name in NAMES:
        query = json.loads((ROOT / f"consul/queries/{name}.json").read_text())
        assert (query["Name"], query["Service"]["Service"]) == (name, name)
        assert query["Service"]["OnlyPassing"]
        assert query["Service"]["Failover"]["NearestN"]


def test_every_default_is_a_setting_that_says_what_it_is_for():
    for key, default in defaults.defaults().items():
        check(key.removeprefix(FOLDER), default["value"], "production")
        assert key.startswith(FOLDER)
        assert default.keys() == {"value", "about"}


def test_laying_it_out_again_changes_nothing(consul):
    access.provide(CONSUL, "master", tokens())
    before = dict(consul.policies), dict(consul.tokens)

    access.provide(CONSUL, "master", tokens())

    assert (consul.policies, consul.tokens) == before
    assert len(consul.tokens) == len(holders()) + 1


def test_a_new_secret_takes_the_place_of_the_old_one(consul):
    access.provide(CONSUL, "master", tokens())
    access.provide(CONSUL, "master", tokens(gateway="another"))

    known = {each.get("SecretID") for each in consul.tokens.values()}
    assert "another" in known
    assert "secret of gateway" not in known


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("amqp://user:secret@broker.example/shopnow", "broker.example:5672"),
        ("amqps://user:secret@broker.example:5671/shopnow", "broker.example:5671"),
        # A replica set: the first of them.
        ("mongodb://user:secret@a.example:27017,b.example:27018/x", "a.example:27017"),
    ],
)
def test_a_server_is_checked_where_it_is_and_consul_is_told_no_password(uri, place):
    listed = json.loads((ROOT / "consul/services.json").read_text())["services"]
    entry = servers.placed(next(e for e in listed if e["name"] == "rabbitmq"), uri)

    assert entry["check"]["tcp"] == place == f"{entry['address']}:{entry['port']}"
    assert "secret" not in json.dumps(entry)


def test_every_server_is_listed():
    listed = json.loads((ROOT / "consul/services.json").read_text())["services"]

    assert {entry["name"] for entry in listed} == set(servers.VARIABLES)
