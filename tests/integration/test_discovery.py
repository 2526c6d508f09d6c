"""Consul knows who is there, and who is well."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import consul
import pytest

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
