import resource
import socket
from collections import namedtuple

import psutil
import pytest

from ops.doctor import machine
from tests.unit.ops.doctor.conftest import bad, only

GIB = 2**30


def test_the_network_of_this_machine_is_fine(case_of):
    assert bad(machine.network(case_of())) == []


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
