"""A process serves its numbers, and its work does not depend on that."""

import socket

import eventlet
import pytest
from eventlet.green import urllib
from eventlet.green.urllib import request as http
from nameko import config
from nameko.containers import ServiceContainer
from prometheus_client import Counter

from common.internal import PAGES, InternalPort, Page, address

SEEN = Counter("shopnow_test_seen", "Only a test counts this")


class Shelf:
    name = "shelf"
    internal = InternalPort()


@pytest.fixture
def serving():
    """Starts a container with ``InternalPort``, and stops it after the test."""
    containers = []

    def start(where="127.0.0.1:0"):
        container = ServiceContainer(Shelf)
        containers.append(container)
        with config.patch({"INTERNAL_ADDRESS": where}):
            container.start()
        return next(iter(container.dependencies))

    yield start
    for container in containers:
        container.stop()
        container.wait()


def read(port):
    with (
        eventlet.Timeout(5),
        http.urlopen(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        return answer.headers["Content-Type"], answer.read().decode()


def test_the_numbers_are_served_on_a_port_it_knows(serving):
    SEEN.inc()

    kind, text = read(serving().port)

    assert kind.startswith("text/plain; version=")
    assert "shopnow_test_seen_total 1.0" in text


def test_two_processes_find_their_own_ports(serving):
    assert serving().port != serving().port


def test_a_taken_port_costs_the_metrics_and_nothing_else(serving, caplog):
    first = serving()

    second = serving(f"127.0.0.1:{first.port}")

    assert second.port is None
    assert "nothing is told on 127.0.0.1" in caplog.text
    assert read(first.port)


def test_a_server_that_breaks_is_started_again(serving, monkeypatch, caplog):
    monkeypatch.setattr("common.internal.PAUSE_SECONDS", 0)
    serve, tries = InternalPort.serve, []

    def fail_once(self, listener):
        tries.append(None)
        if len(tries) == 1:
            raise OSError(24, "Too many open files")
        serve(self, listener)

    monkeypatch.setattr(InternalPort, "serve", fail_once)
    metrics = serving()
    port = metrics.port
    while len(tries) < 2:
        eventlet.sleep(0)

    assert read(port)
    assert metrics.port == port
    assert "Too many open files" in caplog.text


def test_it_closes_on_stop_whoever_still_listens(serving):
    metrics = serving()
    idle = eventlet.connect(("127.0.0.1", metrics.port))
    eventlet.sleep(0)

    metrics.container.stop()

    with pytest.raises(urllib.error.URLError):
        read(metrics.port)
    assert idle.recv(1) == b""


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", ":80", "h:99999"])
def test_an_address_without_host_or_port_is_refused(text):
    with pytest.raises(ValueError, match=r"INTERNAL_ADDRESS|range"):
        address(text)


def test_an_address_is_a_host_and_a_port():
    assert address("0.0.0.0:9100") == ("0.0.0.0", 9100)  # noqa: S104
    assert socket.inet_aton(address("127.0.0.1:0")[0])


def ask(port, path):
    with eventlet.Timeout(5), http.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, answer.read()


def test_other_modules_add_pages(serving, monkeypatch):
    monkeypatch.setitem(PAGES, "/test", lambda: Page(b"told", "text/plain"))

    assert ask(serving().port, "/test") == (200, b"told")


def test_there_is_nothing_elsewhere(serving):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ask(serving().port, "/elsewhere")


@pytest.mark.parametrize("word", [False, "off"])
def test_there_are_no_numbers_when_metrics_are_off(word, serving):
    port = serving().port

    with (
        config.patch({"METRICS": word}),
        pytest.raises(urllib.error.HTTPError, match="404"),
    ):
        read(port)


def test_the_process_is_told_apart_for_as_long_as_it_is_there(serving):
    _, text = read(serving().port)

    assert 'shopnow_build_info{region="local",service="shelf"' in text
    assert 'shopnow_pool_size{pool="workers"}' in text
    assert "shopnow_loop_lag_seconds" in text


def test_a_page_that_fails_is_a_status_and_a_log_line(serving, monkeypatch, caplog):
    monkeypatch.setitem(PAGES, "/test", lambda: 1 / 0)

    with pytest.raises(urllib.error.HTTPError, match="500"):
        ask(serving().port, "/test")
    assert "/test cannot be told" in caplog.text
