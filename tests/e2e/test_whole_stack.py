"""The stack that serves everybody looks after its processes."""

import os
import signal

import psutil
import pytest

from ops.http import call
from tests.client import eventually
from tests.private_stack import PrivateStack


def test_two_gateways_share_one_port(stack):
    port = stack.settings.ports["gateway"]
    listening = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }
    assert listening == {stack.pid("gateway.1"), stack.pid("gateway.2")}


def test_a_service_that_dies_is_started_again(stack):
    dead = stack.pid("user_service.1")
    os.kill(dead, signal.SIGKILL)
    eventually(lambda: stack.pid("user_service.1") != dead, True)
    eventually(lambda: len(passing(stack, "user_service")), 1)


def passing(stack: PrivateStack, service: str) -> list[object]:
    """Its instances whose check passes and whose process lives."""
    uri = f"{stack.operator['CONSUL_URI']}/v1/health/service/{service}?passing"
    pids = {int(each["Service"]["Meta"]["pid"]) for each in call("GET", uri)}
    return [pid for pid in pids if is_running(pid)]


def is_running(pid: int) -> bool:
    return (
        psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    )


@pytest.mark.parametrize("backend", ["rabbitmq", "postgres", "mongodb", "redis"])
def test_consul_watches_the_backing_servers(stack, backend):
    uri = f"{stack.operator['CONSUL_URI']}/v1/health/service/{backend}?passing"
    assert len(call("GET", uri)) == 1
