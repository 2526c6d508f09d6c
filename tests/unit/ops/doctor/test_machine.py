import resource
import socket
from collections import namedtuple

import psutil
import pytest

from ops.doctor import machine
from ops.stack import debian
from ops.stack.servers import Redis
from tests.unit.ops.doctor.conftest import bad, only

GIB = 2**30


def test_this_machine_is_fine(case_of):
    case = case_of()
    for look in (machine.system, machine.python, machine.network):
        assert bad(look(case)) == []


def test_a_package_that_is_missing_is_a_problem(case_of, monkeypatch):
    monkeypatch.setattr(machine, "read_lock", lambda: "no-such-thing==1.0 \\\n")
    standing, told, remedy = only(machine.packages(case_of()))
    assert (standing, told) == ("problem", "no-such-thing is missing")
    assert remedy == "rm -f .venv/bootstrapped; make bootstrap"


def test_a_package_of_another_version_is_a_warning(case_of, monkeypatch):
    lock = "click==0.1 \\\n    --hash=x\nwin-thing==1 ; sys_platform == 'win32' \\\n"
    monkeypatch.setattr(machine, "read_lock", lambda: lock)
    standing, told, _ = only(machine.packages(case_of()))
    assert (standing, told) == (
        "warning",
        "click is not as pinned in requirements.lock",
    )


@pytest.mark.parametrize(
    ("rights", "standing", "remedy"),
    [
        ([], "warning", "shopnow stack install"),
        (None, "problem", "su -c 'apt-get install redis-server'"),
    ],
)
def test_a_server_that_is_not_installed(case_of, monkeypatch, rights, standing, remedy):
    lacks = lambda self: ["redis-server"]  # noqa: E731
    monkeypatch.setattr(Redis, "missing_packages", lacks)
    monkeypatch.setattr(debian, "privilege", lambda: rights)
    assert only(machine.programs(case_of()))[::2] == (standing, remedy)


@pytest.mark.parametrize(
    ("free", "standing"), [(GIB // 2, "problem"), (2 * GIB, "warning")]
)
def test_little_room_on_the_disk(case_of, monkeypatch, free, standing):
    usage = namedtuple("usage", "free")(free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda place: usage)
    assert only(machine.disk(case_of()))[0] == standing


@pytest.mark.parametrize(
    ("free", "standing"), [(GIB // 4, "problem"), (GIB, "warning")]
)
def test_little_memory(case_of, monkeypatch, free, standing):
    memory = namedtuple("memory", "available")(free)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert only(machine.memory(case_of()))[0] == standing


@pytest.mark.parametrize(("limit", "standing"), [(256, "problem"), (1024, "warning")])
def test_few_open_files(case_of, monkeypatch, limit, standing):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, limit))
    found, _, remedy = only(machine.files(case_of()))
    assert (found, remedy) == (standing, "ulimit -n 4096; make stop; make start")


def test_a_process_that_has_nearly_all_files_open(case_of, monkeypatch):
    monkeypatch.setattr(machine, "descriptors", lambda case: [("mongo", 900, 1024)])
    standing, told, _ = only(machine.files(case_of()))
    assert (standing, told) == ("problem", "mongo has 900 of 1024 open")


def test_a_localhost_that_is_elsewhere(case_of, monkeypatch):
    monkeypatch.setattr(socket, "gethostbyname", lambda name: "10.0.0.7")
    _, told, remedy = only(machine.network(case_of()))
    assert "localhost is 10.0.0.7" in told
    assert "/etc/hosts" in remedy


def test_a_proxy_between_us_and_ourselves(case_of):
    through = {"HTTP_PROXY": "http://proxy.example:3128"}
    _, told, remedy = only(machine.network(case_of(**through)))
    assert "HTTP_PROXY stands between us" in told
    assert remedy == "export NO_PROXY=127.0.0.1,localhost"
    assert bad(machine.network(case_of(**through, NO_PROXY="127.0.0.1"))) == []
