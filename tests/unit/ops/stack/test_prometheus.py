"""The local Prometheus is that of the containers, at the addresses of this stack."""

import pytest
import yaml

from ops.stack.servers.prometheus import SOURCE, Prometheus
from ops.stack.settings import Settings


@pytest.fixture
def jobs():
    """``jobs(**environ)``: what is looked at, by the name of the job."""

    def read(**environ):
        plan = yaml.safe_load((SOURCE / "prometheus.yml").read_text())
        local = Prometheus(Settings.load(environ), {}).local(plan)
        return {each["job_name"]: each for each in local["scrape_configs"]}

    return read


def search_of(jobs):
    (search,) = jobs["shopnow"]["consul_sd_configs"]
    return search


def test_it_looks_for_processes_in_our_consul(jobs):
    search = search_of(jobs(CONSUL_PORT="8700"))

    assert (search["server"], search["scheme"]) == ("127.0.0.1:8700", "http")


def test_it_looks_in_the_consul_that_it_is_given(jobs):
    search = search_of(jobs(CONSUL_URI="https://consul.example:8501"))

    assert (search["server"], search["scheme"]) == ("consul.example:8501", "https")
    assert "datacenter" not in search


def test_our_broker_is_asked_without_tls_on_its_own_port(jobs):
    found = jobs(RABBITMQ_PROMETHEUS_PORT="15700")

    for name in ("rabbitmq", "rabbitmq_queues"):
        assert found[name]["static_configs"] == [{"targets": ["127.0.0.1:15700"]}]
        assert found[name]["scheme"] == "http"
        assert "tls_config" not in found[name]


def test_somebody_elses_broker_is_not_asked(jobs):
    assert set(jobs(AMQP_URI="amqp://broker.example")) == {"shopnow"}
