"""The web server keeps serving, whatever some of its clients do."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import eventlet
import psutil
import pytest
import yaml

from tests.client import eventually
from tests.wire import Wire

ROOT = Path(__file__).parents[2]
POST = b"POST /echo HTTP/1.1\r\nHost: shop\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """``tiny_gate`` in a process of its own."""

    def __init__(self, folder: Path, files: int = 4096, **http: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = free.getsockname()
        self.settings = folder / "config.yml"
        where = "{}:{}".format(*self.address)
        self.settings.write_text(yaml.dump({"WEB_SERVER_ADDRESS": where, "HTTP": http}))
        self.log = folder / "log"
        self.files = files
        self.process = self.start()
        eventually(self.answers, True)

    def start(self) -> subprocess.Popen:
        nameko = Path(sys.executable).parent / "nameko"
        run = [nameko, "run", "--config", self.settings, "tests.integration.tiny_gate"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", f'ulimit -n {self.files}; exec "$@"', "sh", *run],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stderr=log,
            )

    def may_open(self, files: int) -> None:
        limits = (files, self.files)
        psutil.Process(self.process.pid).rlimit(psutil.RLIMIT_NOFILE, limits)

    def connect(self, seconds: float = 10) -> Wire:
        return Wire(self.address, seconds)

    def answers(self) -> bool:
        try:
            with self.connect(1) as wire:
                return wire.get("/ready").hear().status == 200
        except (OSError, EOFError):
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def memory(self) -> int:
        return psutil.Process(self.process.pid).memory_info().rss


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("http"))
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def start(tmp_path):
    started = []

    def start(**options):
        started.append(Server(tmp_path, **options))
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A server that gives nobody more than half a second."""
    names = ("head", "body", "idle", "answer", "linger")
    seconds = {f"{name}_seconds": 0.5 for name in names}
    server = Server(tmp_path_factory.mktemp("hasty"), **seconds)
    yield server
    assert server.stop() == 0


class TestAnswers:
    def test_a_hundred_requests_in_one_write_are_answered_in_order(self, server):
        targets = [f"/echo?{n}" if n % 3 else "/ready" for n in range(100)]
        ask = "".join(f"GET {t} HTTP/1.1\r\nHost: shop\r\n\r\n" for t in targets)

        with server.connect() as wire:
            wire.send(ask.encode())
            heard = [wire.hear().raw for _ in targets]

        for target, raw in zip(targets, heard, strict=True):
            assert target.encode() in raw or (target, raw) == ("/ready", b"ready")

    def test_a_request_may_come_byte_by_byte(self, server):
        with server.connect() as wire:
            for byte in POST + b"Content-Length: 2\r\n\r\nhi":
                wire.send(bytes([byte]))
            assert wire.hear().body["body"] == 2

    def test_a_connection_serves_many_requests(self, server):
        with server.connect() as wire:
            assert [wire.get("/ready").hear().raw for _ in range(5)] == [b"ready"] * 5

    def test_head_and_204_have_no_body(self, server):
        with server.connect() as wire:
            wire.get("/large?size=9", method="HEAD").get("/nothing").get("/ready")
            assert wire.hear("HEAD").headers["content-length"] == "9"
            assert wire.hear().status == 204
            assert wire.hear().raw == b"ready"

    @pytest.mark.parametrize("target", ["/ready", "/echo"])
    def test_who_asks_for_the_end_gets_it(self, server, target):
        with server.connect() as wire:
            assert wire.get(target, "Connection: close").hear().last
            assert wire.ended()

    def test_a_large_answer_arrives_whole(self, server):
        with server.connect() as wire:
            wire.get("/large?size=20000000").get("/large?size=5")
            assert [len(wire.hear().raw) for _ in range(2)] == [20_000_000, 5]

    def test_a_client_may_wait_for_our_word(self, server):
        with server.connect() as wire:
            wire.send(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            assert wire.hear().status == 100
            assert wire.send(b"hi").hear().body["body"] == 2

    def test_a_client_may_close_its_half(self, server):
        with server.connect() as wire:
            wire.get("/echo").sock.shutdown(socket.SHUT_WR)
            assert wire.hear().status == 200

    @pytest.mark.parametrize("target", ["/broken", "/split"])
    def test_a_bug_is_a_500(self, hasty, target):
        with hasty.connect() as wire:
            wire.get(target).get("/ready")
            assert (wire.hear().status, wire.hear().raw) == (500, b"ready")


class TestRefusals:
    @pytest.mark.parametrize(
        ("sent", "status", "code"),
        [
            (b"GET / HTTP/1.1\r\n\r\n", 400, "malformed_request"),
            (b"GET /%ff HTTP/1.1\r\nHost: shop\r\n\r\n", 400, "malformed_request"),
            (b"BREW / HTTP/1.1\r\nHost: shop\r\n\r\n", 501, "unknown_method"),
            (b"GET /" + b"a" * 9000, 414, "uri_too_long"),
            (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101, 431, "headers_too_large"),
            (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000, 431, "headers_too_large"),
            (CHUNKED + b"zz\r\n", 400, "malformed_body"),
            (POST + b"Content-Length: 1048577\r\n\r\n", 413, "content_too_large"),
            (POST + b"Expect: luck\r\n\r\n", 417, "expectation_failed"),
        ],
    )
    def test_what_is_not_read_is_a_problem(self, server, sent, status, code):
        with server.connect() as wire:
            # The parser shows a header once it sees what follows it.
            heard = wire.send(sent + b"\r\nA: b\r\n").hear()
            assert (heard.status, heard.code) == (status, code)

    def test_nothing_is_read_after_a_refusal(self, server):
        hidden = b"GET /hidden HTTP/1.1\r\nHost: shop\r\n\r\n"
        with server.connect() as wire:
            wire.get("/ready").send(b"GET / HTTP/1.1\r\n\r\n" + hidden)
            assert wire.hear().raw == b"ready"
            assert wire.hear().last
            wire.sock.shutdown(socket.SHUT_WR)
            assert wire.ended()

    def test_who_sends_on_can_read_why_not(self, server):
        with server.connect() as wire:
            wire.send(POST + b"Content-Length: 50000000\r\n\r\n")
            wire.send(b"x" * 50_000_000)
            assert wire.hear().code == "content_too_large"

    def test_a_body_that_ends_early_is_a_problem(self, server):
        with server.connect() as wire:
            wire.send(POST + b"Content-Length: 5\r\n\r\nx")
            wire.sock.shutdown(socket.SHUT_WR)
            assert wire.hear().code == "malformed_body"

    def test_a_huge_body_takes_no_memory(self, start):
        # It takes a busy machine some time to send so much.
        server = start(linger_seconds=60)
        before = server.memory
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        with server.connect() as wire:
            wire.send(CHUNKED)
            for _ in range(300):
                wire.send(chunk)
            heard = wire.hear()
        assert (heard.status, heard.code) == (413, "content_too_large")
        assert server.memory - before < 10_000_000


class TestTime:
    def test_a_dripping_header_ends_at_its_deadline(self, hasty):
        with hasty.connect() as wire:
            wire.send(b"GET / HTTP/1.1\r\nHost: shop\r\nX: ")
            began = time.monotonic()
            wire.sock.settimeout(0.05)
            while not wire.unread:
                try:
                    wire.send(b"a").more()
                except TimeoutError:
                    assert time.monotonic() - began < 30
            wire.sock.settimeout(5)
            assert (heard := wire.hear()).status == 408
            assert (heard.code, heard.last) == ("request_timeout", True)

    def test_a_slow_body_ends_at_its_deadline(self, hasty):
        with hasty.connect() as wire:
            wire.send(POST + b"Content-Length: 5\r\n\r\nx")
            assert wire.hear().code == "request_timeout"

    def test_an_idle_connection_ends(self, hasty):
        with hasty.connect() as fresh, hasty.connect() as used:
            assert used.get("/ready").hear().raw == b"ready"
            assert used.ended()
            assert fresh.ended()

    def test_who_takes_no_answer_is_left(self, hasty):
        with hasty.connect() as wire:
            wire.get("/large?size=50000000")
            connections = psutil.Process(hasty.process.pid).net_connections
            eventually(
                lambda: [c for c in connections() if c.status == "ESTABLISHED"], []
            )

    def test_an_answer_may_take_longer_than_a_question(self, hasty):
        with hasty.connect() as wire:
            assert wire.get("/slow?seconds=1.2").hear().status == 200

    def test_each_request_has_its_own_deadline(self, hasty):
        half = len(POST) // 2
        with hasty.connect() as wire:
            for _ in range(4):
                wire.send(POST[:half])
                eventlet.sleep(0.2)
                wire.send(POST[half:] + b"Content-Length: 0\r\n\r\n")
                assert wire.hear().status == 200


class TestCrowds:
    def test_idle_and_half_open_connections_keep_nobody_waiting(self, server):
        idle = [server.connect() for _ in range(500)]
        half = [server.connect().send(b"GET / HTTP/1.1\r\nX") for _ in range(500)]
        try:
            for _ in range(20):
                with server.connect(5) as wire:
                    assert wire.get("/echo").hear().status == 200
            assert idle[0].get("/ready").hear().raw == b"ready"
        finally:
            for wire in idle + half:
                wire.sock.close()

    def test_slow_bodies_keep_nobody_waiting(self, server):
        head = POST + b"Content-Length: 1000\r\n\r\nx"
        slow = [server.connect().send(head) for _ in range(100)]
        try:
            with server.connect(5) as wire:
                assert wire.get("/echo").hear().status == 200
        finally:
            for wire in slow:
                wire.sock.close()

    def test_a_flood_on_one_connection_keeps_nobody_waiting(self, server):
        def flood():
            with server.connect() as wire:
                while True:
                    for _ in range(100):
                        wire.get("/echo")
                    for _ in range(100):
                        wire.hear()

        flooding = eventlet.spawn(flood)
        try:
            for _ in range(20):
                with server.connect(5) as wire:
                    assert wire.get("/echo").hear().status == 200
        finally:
            flooding.kill()

    def test_who_has_waited_longest_makes_room(self, start):
        server = start(max_connections=3)
        first, second, third = (server.connect() for _ in range(3))
        for wire in (second, third, first):
            assert wire.get("/ready").hear().raw == b"ready"

        with server.connect() as fourth:
            assert fourth.get("/ready").hear().raw == b"ready"
            assert second.ended()
            for wire in (first, third):
                assert wire.get("/ready").hear().raw == b"ready"
                wire.sock.close()

    def test_who_is_being_answered_does_not_make_room(self, start):
        server = start(max_connections=1)
        large = b"GET /large?size=300000 HTTP/1.1\r\nHost: shop\r\n\r\n"
        slow = b"GET /slow?seconds=0.5 HTTP/1.1\r\nHost: shop\r\n\r\n"
        with server.connect() as first:
            # Once the large answer is here, the slow one is being worked on.
            assert len(first.send(large + slow).hear().raw) == 300_000
            with server.connect() as second:
                assert second.ended()
            assert first.hear().status == 200

    def test_few_files_are_enough(self, start):
        server = start(files=128)
        crowd = [server.connect() for _ in range(300)]
        try:
            assert server.answers()
            assert server.process.poll() is None
        finally:
            for wire in crowd:
                wire.sock.close()

    def test_no_files_at_all_are_survived(self, start):
        server = start()
        server.may_open(3)
        crowd = [server.connect() for _ in range(20)]
        eventually(lambda: "cannot take" in server.log.read_text(), True)
        server.may_open(server.files)

        eventually(server.answers, True)
        assert [wire.get("/ready").hear().raw for wire in crowd] == [b"ready"] * 20

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"GET",
            POST + b"Content-Length: 9\r\n\r\nx",
            b"GET /ready HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"GET /slow?seconds=0.1 HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"GET /large?size=3000000 HTTP/1.1\r\nHost: shop\r\n\r\n",
            b"nonsense\r\n\r\n",
        ],
    )
    def test_who_leaves_early_is_not_missed(self, server, said):
        for _ in range(20):
            server.connect().send(said).reset()
            server.connect().send(said).sock.close()

        eventually(server.answers, True)
        assert b"Traceback" not in server.log.read_bytes()

    def test_two_processes_share_a_port(self, server):
        other = server.start()
        try:
            listening = psutil.Process(other.pid).net_connections
            eventually(
                lambda: [c.laddr for c in listening() if c.status == "LISTEN"],
                [server.address],
            )
            assert all(server.answers() for _ in range(20))
        finally:
            other.terminate()
            assert other.wait(30) == 0
        assert server.answers()


class TestDraining:
    def begin(self, server):
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refused(server), True)

    def test_who_is_inside_is_answered(self, start):
        server = start()
        with (
            server.connect() as idle,
            server.connect() as busy,
            server.connect() as slow,
        ):
            assert idle.get("/ready").hear().raw == b"ready"
            busy.get("/slow?seconds=2")
            slow.send(POST + b"Content-Length: 2\r\n\r\n")
            self.begin(server)

            heard = idle.get("/ready").hear()
            assert (heard.raw, heard.last) == (b"ready", True)
            heard = slow.send(b"hi").hear()
            assert (heard.body["body"], heard.last) == (2, True)
            heard = busy.hear()
            assert (heard.status, heard.last) == (200, True)
        assert server.process.wait(5) == 0

    def test_who_says_nothing_is_not_waited_for(self, start):
        server = start(drain_seconds=600)
        with server.connect() as fresh, server.connect() as used:
            used.get("/ready").hear()
            self.begin(server)

            assert fresh.ended()
            assert used.ended()
        assert server.process.wait(60) == 0

    def test_who_never_ends_is_not_waited_for(self, start):
        server = start(drain_seconds=1.5)
        with server.connect() as wire:
            wire.get("/slow?seconds=60")
            self.begin(server)
            assert server.process.wait(10) == 0

    def test_nobody_under_load_is_forgotten(self, start):
        server = start()
        sent, heard = [0], [0]

        def ask_for_ever(target):
            while True:
                try:
                    wire = server.connect()
                except ConnectionRefusedError:
                    return
                with wire:
                    last = False
                    while not last:
                        sent[0] += 1
                        last = wire.get(target).hear().last
                        heard[0] += 1

        targets = ["/ready", "/echo", "/slow?seconds=0.3", "/slow?seconds=0.01"]
        clients = [eventlet.spawn(ask_for_ever, target) for target in targets * 10]
        eventually(lambda: heard[0] > 1000, True)
        server.process.send_signal(signal.SIGTERM)
        for client in clients:
            client.wait()

        assert server.process.wait(10) == 0
        assert sent == heard
        assert "Traceback" not in server.log.read_text()

    def test_who_waits_in_the_queue_is_let_in(self, start):
        server = start()
        asked = []
        process = psutil.Process(server.process.pid)
        process.suspend()
        for _ in range(900):
            asked.append(server.connect().get("/ready"))
        process.terminate()
        process.resume()

        for wire in asked:
            assert wire.hear().raw == b"ready"
        assert server.process.wait(10) == 0


def refused(server: Server) -> bool:
    try:
        server.connect(0.3).sock.close()
    except (ConnectionRefusedError, TimeoutError):
        # Nobody is there, or the door is just being closed.
        return True
    return False
