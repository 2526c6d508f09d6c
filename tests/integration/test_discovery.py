"""Consul knows who is there, and who is well."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import consul
import eventlet
import pytest
import urllib3
from consul.exceptions import ACLPermissionDenied

from common.clock import utc_now
from common.discovery import Directory
from common.ids import new_id
from ops.environment import ROOT
from tests.client import Client, eventually

SERVICES = {
    "gateway",
    "auth_service",
    "user_service",
    "product_service",
    "order_service",
}
SERVERS = {"rabbitmq", "postgres", "mongodb", "redis"}


@pytest.fixture(scope="module")
def consul_of(stack):
    """``consul_of("order_service")``: Consul for whoever has that token."""
    secrets = stack.plan.secrets | {"consul.nobody": None}
    address = stack.operator["CONSUL_URI"].removeprefix("http://")
    host, _, port = address.partition(":")
    return lambda name: consul.Consul(
        host=host, port=int(port), token=secrets[f"consul.{name}"]
    )


@pytest.fixture(scope="module")
def directory(consul_of):
    return consul_of("nobody")


def passing(directory, name):
    return directory.health.service(name, passing=True)[1]


def test_every_process_and_every_server_is_there_and_well(stack, directory):
    for name in SERVICES | SERVERS:
        assert passing(directory, name), name
    gateways = stack.settings.processes["gateway"]
    assert len(passing(directory, "gateway")) == gateways


def test_a_process_says_who_it_is(directory):
    service = passing(directory, "order_service")[0]["Service"]

    assert service["Meta"]["version"]
    assert service["Meta"]["region"] == "local"
    started = datetime.fromisoformat(service["Meta"]["started"])
    assert started.tzinfo
    assert started < utc_now()
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
        eventually(lambda: len(passing(directory, "product_service")), before + 1, 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    finally:
        process.kill()

    registered = directory.health.service("product_service")[1]
    pids = {entry["Service"]["Meta"]["pid"] for entry in registered}
    assert str(process.pid) not in pids


@pytest.mark.parametrize("page", ["healthz", "readyz"])
@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_process_says_of_itself_that_it_is_well(directory, name, page):
    entry = passing(directory, name)[0]["Service"]
    address = f"{entry['Address']}:{entry['Meta']['metrics_port']}"

    answer = urllib3.request("GET", f"http://{address}/{page}", timeout=10)

    assert answer.status == 200
    assert answer.json()["status"] in ("alive", "ready")


def test_nobody_waits_for_a_service_that_is_ill_and_all_ask_it_when_it_is_well(
    stack, consul_of
):
    client, path = Client(stack.url), f"/v1/products/{new_id()}"
    consul_ = consul_of("product_service")
    instances = [e["Service"]["ID"] for e in passing(consul_, "product_service")]

    def asked_while_ill():
        # It tells every second that it is well.
        for each in instances:
            consul_.agent.check.ttl_fail(f"service:{each}")
        return client.get(path).status

    eventually(asked_while_ill, 503, 20)
    eventually(lambda: {client.get(path).status for _ in range(8)}, {404}, 20)


def test_a_directory_hears_at_once_what_becomes_of_a_service(consul_of):
    agent, name = consul_of("master"), f"test_{new_id()}"
    service, check = agent.agent.service, f"service:{name}"
    directory = Directory()
    running = eventlet.spawn(directory.run, consul_of("gateway"))
    try:
        service.register(name, check={"ttl": "1m", "status": "passing"})
        eventually(lambda: directory.known.get(name), "passing")
        assert name not in directory.away
        # What was passing may be believed for a while after the first answer.
        directory.held_until = 0.0
        agent.agent.check.ttl_fail(check)
        eventually(lambda: name in directory.away, True)
        agent.agent.check.ttl_pass(check)
        eventually(lambda: name in directory.away, False)
    finally:
        service.deregister(name)
        eventually(lambda: directory.known.get(name), "missing")
        running.kill()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_writes_its_own_entry_and_nothing_else(consul_of, name):
    mine = consul_of(name)
    other = next(each for each in sorted(SERVICES) if each != name)
    its = passing(mine, other)[0]["Service"]["ID"]

    assert mine.kv.get("shopnow/nothing")[1] is None
    for forbidden in (
        lambda: mine.kv.put("shopnow/maintenance", "true"),
        lambda: mine.kv.get("elsewhere"),
        lambda: mine.agent.service.register(other, service_id="false"),
        lambda: mine.agent.service.deregister(its),
        lambda: mine.agent.check.ttl_fail(f"service:{its}"),
        mine.session.create,
        mine.acl.tokens.list,
    ):
        with pytest.raises(ACLPermissionDenied):
            forbidden()


def test_the_operator_writes_what_the_shop_is_told_and_nothing_else(consul_of):
    operator, key = consul_of("operator"), f"shopnow/test/{new_id()}"

    assert operator.kv.put(key, "1")
    assert consul_of("gateway").kv.get(key)[1]["Value"] == b"1"
    assert operator.kv.delete(key)
    for forbidden in (
        lambda: operator.kv.put("elsewhere", "1"),
        lambda: operator.agent.service.register("gateway", service_id="false"),
    ):
        with pytest.raises(ACLPermissionDenied):
            forbidden()


def test_without_a_token_one_sees_who_is_there_and_nothing_else(consul_of):
    nobody = consul_of("nobody")

    assert nobody.catalog.services()[1].keys() >= SERVICES
    with pytest.raises(ACLPermissionDenied):
        nobody.kv.get("shopnow/maintenance")


def test_a_prepared_query_finds_who_is_well(consul_of):
    found = consul_of("gateway").query.execute("order_service")

    assert [each["Service"]["Service"] for each in found["Nodes"]] == ["order_service"]
