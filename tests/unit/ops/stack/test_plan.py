import pytest

from ops.errors import Problem
from ops.stack.plan import Plan
from ops.stack.services import SERVICES, TRACES
from ops.stack.settings import Settings

DATABASES = {"AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI"}


@pytest.fixture
def plan_of(tmp_path):
    def make(*only, **environ):
        settings = Settings.load(environ | {"SHOPNOW_RUN_DIR": str(tmp_path)})
        return Plan(settings, only)

    return make


def names(parts):
    return {part.name for part in parts}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_told_its_own_secrets_only(plan_of, service, monkeypatch):
    monkeypatch.setenv("ORDER_DB_URI", "postgresql://left/in-the-shell")
    plan = plan_of()
    told = plan.environment(service)
    everyones = {"AMQP_URI", "CONSUL_URI", "CONSUL_TOKEN", "ENVIRONMENT", *TRACES}
    own = everyones | {*service.told}
    assert own == told.keys() & plan.variables.keys()
    assert told["AMQP_URI"].startswith(f"amqp://{service.name}:")
    assert told["CONSUL_TOKEN"] == plan.secrets[f"consul.{service.name}"]
    assert told.get("ORDER_DB_URI") != "postgresql://left/in-the-shell"


def test_a_server_with_a_uri_is_left_out(plan_of):
    plan = plan_of(REDIS_URI="redis://elsewhere.example/0")
    assert "redis" not in names(plan.servers)
    assert "redis" not in plan.ports
    assert plan.variables["REDIS_URI"] == "redis://elsewhere.example/0"


def test_postgres_is_left_out_when_all_its_databases_are_given(plan_of):
    two = dict.fromkeys(sorted(DATABASES)[:2], "postgresql://elsewhere.example/x")
    three = dict.fromkeys(DATABASES, "postgresql://elsewhere.example/x")
    assert "postgres" in names(plan_of(**two).servers)
    assert "postgres" not in names(plan_of(**three).servers)


def test_every_process_knows_a_given_broker(plan_of):
    plan = plan_of(AMQP_URI="amqp://shop:secret@elsewhere.example/shop")
    told = {plan.environment(service)["AMQP_URI"] for service in SERVICES}
    assert told == {"amqp://shop:secret@elsewhere.example/shop"}


def test_a_given_consul_is_told_the_token_that_is_given_with_it(plan_of):
    elsewhere = {"CONSUL_URI": "http://elsewhere.example:8500"}
    without, with_one = plan_of(**elsewhere), plan_of(**elsewhere, CONSUL_TOKEN="ours")
    ours = plan_of(CONSUL_TOKEN="of another Consul")
    for service in SERVICES:
        assert without.environment(service)["CONSUL_TOKEN"] == ""
        assert with_one.environment(service)["CONSUL_TOKEN"] == "ours"
    assert ours.variables["CONSUL_TOKEN"] == ours.secrets["consul.operator"]


def test_parts_can_be_asked_for(plan_of):
    plan = plan_of("redis", "gateway")
    assert names(plan.servers) == {"redis"}
    assert names(plan.services) == {"gateway"}
    assert plan.ports.keys() == {"redis", "gateway"}


def test_an_unknown_part_is_a_problem(plan_of):
    with pytest.raises(Problem, match="there is no reddis; there are auth_service"):
        plan_of("reddis")


def test_as_many_processes_as_the_settings_say(plan_of):
    commands = plan_of(GATEWAY_PROCESSES="3", ORDER_SERVICE_PROCESSES="0")
    started = [command.name for command in commands.service_commands()]
    assert started == [
        "auth_service.1",
        "user_service.1",
        "product_service.1",
        "gateway.1",
        "gateway.2",
        "gateway.3",
        "console",
    ]


def test_the_ops_page_is_told_where_to_look_and_no_store(plan_of, monkeypatch):
    monkeypatch.setenv("ORDER_DB_URI", "postgresql://left/in-the-shell")
    plan = plan_of()
    (page,) = [each for each in plan.service_commands() if each.name == "console"]
    told = page.environment.keys() & plan.variables.keys()
    assert {"CONSUL_URI", "RABBITMQ_MANAGEMENT_URI", "CONSOLE_ADDRESS"} <= told
    assert not told & {"AMQP_URI", *DATABASES, "PRODUCT_MONGO_URI", "REDIS_URI"}
    assert page.environment["CONSUL_TOKEN"] == plan.consul_token("console")


def test_a_broker_of_others_has_no_management_that_we_know(plan_of):
    plan = plan_of(AMQP_URI="amqp://shop:secret@elsewhere.example/shop")
    assert plan.variables["RABBITMQ_MANAGEMENT_URI"] == ""


def test_with_tls_every_address_says_whom_to_trust(plan_of):
    plan = plan_of(TLS="on")
    servers = {"AMQP_URI", *DATABASES, "PRODUCT_MONGO_URI", "REDIS_URI"}
    for name in servers:
        assert "/ca.pem" in plan.variables[name]
        assert "/ca.pem" not in plan_of().variables[name]
    assert plan.broker_uri("gateway").startswith("amqps://gateway:")
    assert plan.variables["REDIS_URI"].startswith("rediss://")
