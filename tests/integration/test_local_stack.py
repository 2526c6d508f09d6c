"""`shopnow stack` keeps its promises to whoever develops on this machine."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest
import redis

from ops.http import call
from ops.stack import programs
from ops.stack.servers import rabbitmq
from tests.private_stack import PrivateStack, free_ports


@pytest.fixture
def small(tmp_path: Path) -> Iterator[PrivateStack]:
    """A stack of which the test starts only a server or two."""
    stack = PrivateStack(tmp_path / "run")
    yield stack
    stack.wipe()


def until(fact: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = monotonic() + seconds
    while not fact():
        assert monotonic() < deadline, "it did not come true"
        sleep(0.1)


def test_it_stops_without_a_trace(small):
    small.start("redis", "consul")
    assert sorted(small.living()) == ["consul", "redis"]
    pids = [small.pid("redis"), small.pid("consul"), small.state.supervisor[0]]
    assert small.shopnow("stack", "status").returncode == 0

    assert small.shopnow("stack", "stop").returncode == 0

    assert small.living() == []
    assert not [p for p in pids if psutil.pid_exists(p) and is_running(p)]
    status = small.shopnow("stack", "status")
    assert (status.returncode, status.stdout) == (3, "not running\n")


def is_running(pid: int) -> bool:
    return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_data_survive_a_stop(small):
    small.start("redis")
    with redis.Redis.from_url(small.operator["REDIS_URI"]) as client:
        client.set("cart", "two mugs")
    small.shopnow("stack", "stop")
    small.start("redis")
    with redis.Redis.from_url(small.operator["REDIS_URI"]) as client:
        assert client.get("cart") == b"two mugs"


def test_a_reset_leaves_nothing(small):
    small.start("redis")
    assert small.shopnow("stack", "reset").returncode == 0
    assert not small.run_dir.exists()


def test_ctrl_c_is_a_clean_stop(small):
    with small.spawn("stack", "run", "redis") as process:
        until(lambda: small.state.phase == "ready")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    assert process.returncode == 0
    assert "redis is ready on port" in said
    assert "redis stopped" in said
    assert small.living() == []


def test_a_second_start_says_that_it_runs(small):
    small.start("consul")
    again = small.shopnow("stack", "start")
    assert again.returncode == 0
    assert "already running" in again.stdout
    assert f"http://127.0.0.1:{small.settings.ports['consul']}/ui" in again.stdout
    assert small.living() == ["consul"]


def test_it_does_not_start_more_while_it_runs(small):
    small.start("consul")
    more = small.shopnow("stack", "start", "redis")
    assert more.returncode == 1
    assert "already running" in more.stdout
    assert small.living() == ["consul"]


def test_a_busy_port_is_one_line_and_nothing_is_started(small):
    port = small.settings.ports["redis"]
    with socket.create_server(("127.0.0.1", port)):
        done = small.shopnow("stack", "start", "redis", "consul")
    assert done.returncode == 1
    assert done.stdout == (
        f"Error: port {port} (redis) is in use by pid {os.getpid()} "
        f"{psutil.Process().name()}; set REDIS_PORT to another\n"
    )
    assert small.living() == []


def test_a_wrong_number_is_one_line(small):
    done = small.shopnow("stack", "start", POSTGRES_PORT="many")
    assert done.returncode == 1
    assert done.stdout == (
        "Error: POSTGRES_PORT is 'many'; it must be a number from 1 to 65535\n"
    )


def test_a_missing_program_is_one_line(small):
    done = small.shopnow("stack", "start", "redis", PATH="/nowhere")
    assert done.returncode == 1
    assert done.stdout.startswith(
        "Error: programs are missing; as root: apt-get install"
    )
    assert done.stdout.endswith("redis-server\n")
    assert done.stdout.count("\n") == 1


def test_a_server_that_cannot_start_takes_the_others_with_it(small):
    (small.run_dir / "redis").mkdir(parents=True)
    (small.run_dir / "redis/appendonlydir").write_text("in the way")
    done = small.shopnow("stack", "start", "redis", "consul")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Error: redis exited with code 1: ")
    assert last.endswith("log/redis.log)")
    assert small.living() == []


def test_a_server_that_dies_is_started_again_with_its_data(small):
    small.start("redis", "consul")
    with redis.Redis.from_url(small.operator["REDIS_URI"]) as client:
        client.set("cart", "two mugs")
    dead, other = small.pid("redis"), small.pid("consul")
    keeper = small.state.supervisor[0]
    # So that we look before it is started again.
    os.kill(keeper, signal.SIGSTOP)
    os.kill(dead, signal.SIGKILL)
    assert small.shopnow("stack", "status").returncode == 3
    os.kill(keeper, signal.SIGCONT)
    until(lambda: small.pid("redis") != dead and small.state.is_whole())
    status = small.shopnow("stack", "status")
    assert (status.returncode, small.pid("consul")) == (0, other)
    assert str(small.pid("redis")) in status.stdout
    assert "redis was started again: at " in status.stdout
    until(small.plan.all_servers.redis.is_ready)
    with redis.Redis.from_url(small.operator["REDIS_URI"]) as client:
        assert client.get("cart") == b"two mugs"


def test_a_server_that_stands_still_is_told_from_one_that_runs(small):
    small.start("redis", "consul")
    os.kill(small.pid("redis"), signal.SIGSTOP)

    everything = small.shopnow("stack", "status")
    other = small.shopnow("stack", "status", "consul")
    os.kill(small.pid("redis"), signal.SIGCONT)

    assert everything.returncode == 3
    remedy = (
        f"redis stands still: something has stopped it; kill -CONT {small.pid('redis')}"
    )
    assert remedy in everything.stdout
    assert other.returncode == 0
    absent = small.shopnow("stack", "status", "mongo")
    assert (absent.returncode, "mongo is not running" in absent.stdout) == (3, True)


@pytest.mark.parametrize("name", ["postgres", "mongo", "consul"])
def test_every_server_works_again_after_its_death(small, name):
    small.start(name)
    dead = small.pid(name)
    os.kill(dead, signal.SIGKILL)
    until(lambda: small.pid(name) != dead and small.state.is_whole())
    until(getattr(small.plan.all_servers, name).is_ready)


def test_a_server_that_dies_again_and_again_stops_everything(small):
    small.start("redis", "consul")
    (manifest,) = (small.run_dir / "redis/appendonlydir").glob("*.manifest")
    manifest.write_text("rubbish")
    os.kill(small.pid("redis"), signal.SIGKILL)
    until(lambda: small.state.phase == "failed", seconds=40)
    status = small.shopnow("stack", "status")
    assert status.returncode == 3
    assert "redis died 5 times within a minute" in status.stdout
    assert small.living() == []


def test_a_broker_that_is_killed_leaves_nothing_in_the_way_of_the_next(small):
    small.start("rabbitmq")
    first = small.pid("rabbitmq")
    left = psutil.Process(first).children(recursive=True)
    os.kill(first, signal.SIGKILL)
    until(lambda: small.pid("rabbitmq") != first)
    until(small.plan.all_servers.rabbitmq.is_ready, seconds=60)
    assert not [p for p in left if p.is_running() and is_running(p.pid)]
    assert small.state.is_whole()


def test_a_broker_finds_a_port_mapper_that_died(small):
    small.start("rabbitmq")
    first, broker = small.pid("epmd"), small.pid("rabbitmq")
    os.kill(first, signal.SIGKILL)
    until(lambda: small.pid("epmd") != first and small.state.is_whole())
    until(lambda: "shopnow" in known_nodes(small), seconds=60)
    assert small.pid("rabbitmq") == broker


def known_nodes(stack: PrivateStack) -> str:
    port = str(stack.settings.ports["epmd"])
    asked = [programs.demand("epmd"), "-port", port, "-names"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def test_what_a_killed_supervisor_leaves_can_be_stopped(small):
    small.start("redis")
    kill_supervisor(small)
    assert small.living() == ["redis"]
    assert small.shopnow("stack", "stop").returncode == 0
    assert small.living() == []


def test_what_a_killed_supervisor_leaves_is_ended_by_the_next_start(small):
    small.start("redis")
    left = small.pid("redis")
    kill_supervisor(small)
    small.start("redis")
    assert small.pid("redis") != left
    assert small.living() == ["redis"]


def kill_supervisor(stack: PrivateStack) -> None:
    keeper = stack.state.keeper()
    assert keeper is not None
    keeper.kill()
    until(lambda: stack.state.keeper() is None)


def test_a_server_with_a_uri_is_not_started(small):
    with socket.create_server(("127.0.0.1", 0)) as server:
        elsewhere = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        small.start("redis", "consul", REDIS_URI=elsewhere)
    assert small.living() == ["consul"]
    assert f"REDIS_URI={elsewhere}\n" in (small.run_dir / "env").read_text()


def test_a_uri_that_leads_nowhere_is_one_line_and_nothing_is_started(small):
    done = small.shopnow("stack", "start", "consul", AMQP_URI="rubbish")
    assert done.returncode == 1
    assert done.stdout == (
        "Error: AMQP_URI does not lead to a broker: it does not begin with amqp://\n"
    )
    assert small.living() == []


def test_a_broker_of_ones_own_is_laid_out(stack):
    admin, uri = stack.plan.all_servers.rabbitmq.admin_uri, stack.operator["AMQP_URI"]
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    call("PUT", f"{admin}/api/vhosts/own")
    call("PUT", f"{admin}/api/permissions/own/operator", everything)

    rabbitmq.lay_out(uri.replace("/shopnow", "/own"))
    rabbitmq.lay_out(uri.replace("/shopnow", "/own"))

    for kind in ("exchanges", "queues"):
        made = {each["name"] for each in call("GET", f"{admin}/api/{kind}/own")}
        assert {each["name"] for each in rabbitmq.definitions()[kind]} <= made
    call("DELETE", f"{admin}/api/vhosts/own")


def test_the_replica_set_follows_a_changed_port(small):
    small.start("mongo")
    small.shopnow("stack", "stop")
    port = next(free_ports())
    small.start("mongo", MONGO_PORT=str(port))
    assert small.state.servers[0]["port"] == port
