import pytest

from ops.errors import Problem
from ops.stack.settings import Settings


def test_what_is_declared_holds():
    settings = Settings.load({})
    assert settings.ports["gateway"] == 8000
    assert settings.processes["gateway"] == 2
    assert settings.gateway_address == "127.0.0.1:8000"
    assert settings.given == {}


def test_the_environment_wins():
    settings = Settings.load({"REDIS_PORT": "7000", "ORDER_SERVICE_PROCESSES": "3"})
    assert settings.ports["redis"] == 7000
    assert settings.processes["order_service"] == 3


@pytest.mark.parametrize("value", ["", "many", "-1", "0", "65536", "80.5", "٣"])
def test_a_wrong_port_is_a_problem(value):
    with pytest.raises(Problem, match=r"REDIS_PORT is .* from 1 to 65535"):
        Settings.load({"REDIS_PORT": value})


def test_a_service_may_be_left_out():
    assert Settings.load({"GATEWAY_PROCESSES": "0"}).processes["gateway"] == 0


def test_one_port_for_two_is_a_problem():
    with pytest.raises(Problem, match="gateway and consul are both given port 8000"):
        Settings.load({"CONSUL_PORT": "8000"})


def test_an_empty_uri_is_none():
    assert Settings.load({"REDIS_URI": ""}).given == {}


def test_a_gateway_for_everyone_is_found_on_the_loopback():
    settings = Settings.load({"GATEWAY_HOST": "0.0.0.0"})  # noqa: S104
    assert settings.gateway_address == "0.0.0.0:8000"
    assert settings.gateway_url == "http://127.0.0.1:8000"


def test_prometheus_is_on_unless_somebody_turns_it_off():
    assert Settings.load({}).prometheus
    assert not Settings.load({"PROMETHEUS": "off"}).prometheus


def test_tls_is_off_unless_somebody_turns_it_on():
    assert not Settings.load({}).tls
    assert Settings.load({"TLS": "on"}).tls
    assert not Settings.load({"TLS": "off"}).tls


@pytest.mark.parametrize("value", ["yes", "true", "1", "ON"])
def test_tls_is_on_or_off(value):
    with pytest.raises(Problem, match=f"TLS is '{value}'; it must be on or off"):
        Settings.load({"TLS": value})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RABBIT_PORT", "RABBITMQ_PORT"),
        ("POSTGRESQL_PORT", "POSTGRES_PORT"),
        ("MONGODB_PORT", "MONGO_PORT"),
        ("ORDER_PROCESSES", "ORDER_SERVICE_PROCESSES"),
        ("GATEWAYS_PROCESSES", "GATEWAY_PROCESSES"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant(name, meant):
    with pytest.raises(Problem, match=f"{name} is not known; did you mean {meant}"):
        Settings.load({name: "1"})


def test_what_a_part_does_not_have_is_told():
    with pytest.raises(Problem, match="redis is always one process"):
        Settings.load({"REDIS_PROCESSES": "2"})
    with pytest.raises(Problem, match="auth_service has no port of its own"):
        Settings.load({"AUTH_SERVICE_PORT": "9000"})


@pytest.mark.parametrize(
    "name",
    ["SSH_AGENT_PORT", "SMTP_PORT", "UWSGI_PROCESSES", "KUBERNETES_SERVICE_PORT"],
)
def test_the_variables_of_others_are_left_alone(name):
    Settings.load({name: "tcp://10.0.0.1"})
