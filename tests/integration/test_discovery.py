"""Consul knows who is there, and who is well."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import consul
import pytest

from common.discovery import Registration, summary
from ops.environment import ROOT, read
from tests.client import eventually

SERVICES = {
    "gateway",
    "auth_service",
    "user_service",
    "product_service",
    "order_service",
}
SERVERS = {"rabbitmq", "postgres", "mongodb", "redis"}


@pytest.fixture(scope="module")
def directory(stack):
    address = read(stack.run_dir / "env")["CONSUL_URI"].removeprefix("http://")
    host, _, port = address.partition(":")
    return consul.Consul(host=host, port=int(port))


def passing(directory, name):
    return directory.health.service(name, passing=True)[1]


def test_every_process_and_every_server_is_there_and_well(directory):
    for name in SERVICES | SERVERS:
        assert passing(directory, name), name
    assert len(passing(directory, "gateway")) == 2


def test_a_process_says_who_it_is(directory):
    service = passing(directory, "order_service")[0]["Service"]

    assert service["Meta"]["version"]
    assert int(service["Meta"]["pid"]) > 0
    assert service["ID"].endswith(service["Meta"]["pid"])
    assert "nameko" in service["Tags"]


def test_a_process_comes_and_goes_by_itself(stack, directory):
    before = len(passing(directory, "product_service"))
    nameko = Path(sys.executable).with_name("nameko")
    process = subprocess.Popen(
        [
            nameko, "run", "--config", "product_service/config.yml",
            "product_service.service:ProductService",
        ],
        cwd=ROOT,
        env=os.environ | stack.environment("product_service"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        eventually(lambda: len(passing(directory, "product_service")), before + 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()

    registered = directory.health.service("product_service")[1]
    pids = {entry["Service"]["Meta"]["pid"] for entry in registered}
    assert str(process.pid) not in pids


class Dependency:
    attr_name = "store"

    def __init__(self, trouble=None):
        self.trouble = trouble

    def ping(self):
        if self.trouble:
            raise self.trouble


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(None, None), (ConnectionError("postgres://secret"), "store does not answer")],
)
def test_a_process_whose_store_is_away_says_so_and_no_more(trouble, said):
    registration = Registration()
    registration.container = type("C", (), {"dependencies": [Dependency(trouble)]})
    registration.broker = Dependency()

    told = registration.trouble()

    assert (told or "").startswith(said or "")
    assert "secret" not in (told or "")
    assert (told is None) == (trouble is None)


def test_one_instance_that_is_well_is_enough():
    checks = [
        {"ServiceName": "a", "Status": "critical"},
        {"ServiceName": "a", "Status": "passing"},
        {"ServiceName": "b", "Status": "critical"},
        {"ServiceName": "", "Status": "passing"},
    ]

    assert summary(checks) == {"a": "passing", "b": "critical"}
