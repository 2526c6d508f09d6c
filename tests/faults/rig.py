"""The shop of `subject/` on one platform: its processes, its doors, its book."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import urllib3
import yaml
from kombu import Connection
from nameko.standalone.rpc import ServiceRpcClient

from common.ids import new_id
from ops.stack.settings import ROOT
from tests.client import Answer, Client
from tests.private_stack import free_ports

NAMEKO = Path(sys.executable).parent / "nameko"
START_SECONDS = 90.0
# What a client of ours bears before it calls that a hang.
PATIENCE = 5.0
STOCK = {"HEARTBEAT": 10}
# A load comes from one address, and is not what limits are for.
UNLIMITED = {f"{name}_QUOTA": "1000000" for name in ("BROWSE", "WRITE", "SIGN_IN")}
# Whose configuration each part of the subject is given.
KIN = {"Callee": "product_service", "Front": "gateway"}


def on_both(reason: str, *more: Any) -> Any:
    """Run a test on stock Nameko, where it is red for ``reason``, and on ours.

    Stock Nameko does not change with what is changed here: `make bench-faults`.
    """
    red = pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)
    marks = (red, pytest.mark.stock)
    stock = [pytest.param(name, marks=marks) for name in ("stock", *more)]
    return pytest.mark.parametrize("platform", [*stock, "shopnow"])


def until(fact: Callable[[], Any], seconds: float, what: str) -> None:
    """Wait for ``fact``; AssertionError says that ``what`` did not come true."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.02)


class Process:
    def __init__(self, argv: list[Any], environ: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as said:
            self.popen = subprocess.Popen(
                argv, env=environ, cwd=ROOT, stdout=said, stderr=said
            )
        self.pid = self.popen.pid
        self.about = psutil.Process(self.pid)

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def terminate(self) -> None:
        self.popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def must_exit_cleanly(self, seconds: float) -> None:
        until(lambda: not self.alive, seconds, f"exit of {self.log.stem}")
        assert self.popen.returncode == 0, self.log.read_text()[-2000:]

    def peak_memory(self) -> int:
        """In bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
        return int(peak) * 1024


class Rig:
    """``platform`` is ``stock``, ``stock_requeue`` or ``shopnow``."""

    def __init__(self, platform: str, broker: str, place: Path) -> None:
        self.platform, self.broker, self.place = platform, broker, place
        self.name = f"test_{new_id()}"
        self.port = next(free_ports())
        self.book = place / "book"
        self.processes: list[Process] = []
        client = urllib3.PoolManager(maxsize=32, retries=False, timeout=PATIENCE)
        self.client = Client(f"http://127.0.0.1:{self.port}", pool=client)

    # Its processes.

    def start(self, *services: str, broker: str | None = None) -> Any:
        """Processes of ``Callee`` and ``Front`` that are ready; several at once."""
        started = [self.spawn(each, broker or self.broker) for each in services]
        for process, service in zip(started, services, strict=True):
            self.await_ready(process, service)
        return started[0] if len(started) == 1 else started

    def spawn(self, service: str, broker: str) -> Process:
        stem = f"{self.platform}-{service}-{len(self.processes)}"
        file = self.place / f"{stem}.yml"
        file.write_text(yaml.safe_dump(self.config(service, broker)))
        target = f"tests.faults.subject.shop:{service}"
        argv = [NAMEKO, "run", "--config", file, target]
        process = Process(argv, self.environ(), self.place / f"{stem}.log")
        self.processes.append(process)
        return process

    def environ(self) -> dict[str, str]:
        platform, _, requeue = self.platform.partition("_")
        mine = {"PLATFORM": platform, "SUBJECT": self.name, "BOOK": str(self.book)}
        more = {"REQUEUE": "yes"} if requeue else {}
        return os.environ | UNLIMITED | mine | more | {"PYTHONPATH": str(ROOT)}

    def config(self, service: str, broker: str) -> dict[str, Any]:
        """That of our real services where the platform is ours."""
        ours = yaml.safe_load((ROOT / KIN[service] / "config.yml").read_text())
        return (ours if self.platform == "shopnow" else STOCK) | {
            "AMQP_URI": broker,
            "WEB_SERVER_ADDRESS": f"127.0.0.1:{self.port}",
            "DECLARE_EVENT_EXCHANGES": True,
            "REDIS_URIS": {},
            "RPC_DEADLINE": 2,
            "DEADLINES": {"read": 10, "write": 10},
            "max_workers": 10,
            "PREFETCH_COUNT": 10,
        }

    def await_ready(self, process: Process, service: str) -> None:
        mine = sum(p.alive and f"-{service}-" in p.log.stem for p in self.processes)
        is_ready = {
            "Callee": lambda: all(self.consumers(q) >= mine for q in self.queues),
            "Front": self.answers,
        }[service]
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            # No AssertionError: a test must not pass for red because of this.
            if not process.alive or time.monotonic() > deadline:
                raise RuntimeError(f"no {service}: {process.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        with Connection(self.broker) as connection:
            for queue in self.queues:
                connection.default_channel.queue_delete(queue)

    # Its queues.

    @property
    def rpc_queue(self) -> str:
        return f"rpc-{self.name}_callee"

    @property
    def queues(self) -> list[str]:
        events = (
            f"evt-{self.name}_source-{{0}}.wanted--{self.name}_callee.on_{{0}}_wanted"
        )
        return [self.rpc_queue, events.format("work"), events.format("trouble")]

    def declared(self, queue: str) -> Any:
        """What the broker says of a queue, or None when there is none."""
        with Connection(self.broker) as connection:
            channel = connection.default_channel
            with suppress(channel.connection.channel_errors):
                return channel.queue_declare(queue, passive=True)
        return None

    def consumers(self, queue: str) -> int:
        declared = self.declared(queue)
        return declared.consumer_count if declared else 0

    def waiting(self, queue: str) -> int:
        """How many messages nobody has taken."""
        declared = self.declared(queue)
        return declared.message_count if declared else 0

    # Its doors.

    def answers(self) -> bool:
        with suppress(urllib3.exceptions.HTTPError):
            return self.client.get("/ping").status == 200
        return False

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """An answer over HTTP; AssertionError when there is none."""
        try:
            return self.client.call(method, path, body)
        except urllib3.exceptions.HTTPError as trouble:
            raise AssertionError(f"{method} {path}: {trouble}") from None

    def call(self, method: str, **kwargs: Any) -> Any:
        """A result over RPC; AssertionError when there is none."""
        name = f"{self.name}_callee"
        patience = PATIENCE + kwargs.get("seconds", 0)
        with ServiceRpcClient(name, uri=self.broker, timeout=patience) as callee:
            try:
                return getattr(callee, method)(**kwargs)
            except Exception as trouble:
                raise AssertionError(f"{method}: {trouble!r}") from None

    def publish(self, body: Any, **options: Any) -> None:
        with Connection(self.broker) as connection:
            connection.Producer().publish(body, **options)

    def announce(self, event_type: str, **event: Any) -> None:
        exchange = f"{self.name}_source.events"
        self.publish(
            event, exchange=exchange, routing_key=event_type, serializer="json"
        )

    # Its book.

    def entries(self) -> list[tuple[str, str, int]]:
        """``(verb, key, pid)`` as the callee wrote them."""
        lines = self.book.read_text().splitlines() if self.book.exists() else []
        split = [line.split() for line in lines]
        return [(verb, key, int(pid)) for verb, key, pid in split]

    def count(self, verb: str) -> Counter[str]:
        """How often each key was written with ``verb``."""
        return Counter(key for each, key, _ in self.entries() if each == verb)
