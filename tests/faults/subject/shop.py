"""Two services and a front, the same on every platform; `PLATFORM` says on which."""

import os
import time
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from common.errors import Unavailable

platform = import_module(f"tests.faults.subject.{os.environ['PLATFORM']}")
NAME = os.environ["SUBJECT"]
BOOK = Path(os.environ["BOOK"])


@contextmanager
def booked(key):
    """Leave a line before and one after, as a work that has an effect."""
    note("start", key)
    yield
    note("end", key)


def note(verb, key):
    with BOOK.open("a") as book:
        book.write(f"{verb} {key} {os.getpid()}\n")


class Callee:
    name = f"{NAME}_callee"

    @platform.rpc
    def echo(self, value):
        return value

    @platform.rpc
    def kind(self, value):
        return type(value).__name__

    @platform.rpc
    def work(self, key, seconds):
        with booked(key):
            time.sleep(seconds)
        return os.getpid()

    @platform.event_handler(f"{NAME}_source", "work.wanted")
    def on_work_wanted(self, event):
        with booked(event["key"]):
            time.sleep(event["seconds"])

    @platform.event_handler(f"{NAME}_source", "trouble.wanted")
    def on_trouble_wanted(self, event):
        note("start", event["key"])
        raise ValueError("not today")


class Front:
    name = f"{NAME}_front"

    tokens = None
    callee = platform.ServiceRpc(Callee.name)
    nobody = platform.ServiceRpc(f"{NAME}_nobody")

    @platform.http("GET", "/ping")
    def ping(self, document):
        return "pong"

    @platform.http("GET", "/sleep/<string:seconds>")
    def sleep(self, document, seconds):
        time.sleep(float(seconds))
        return "rested"

    @platform.http("GET", "/trouble")
    def trouble(self, document):
        raise RuntimeError("could not reach postgres://shop:secret@db/orders")

    @platform.http("POST", "/echo")
    def echo(self, document):
        return self.callee.echo(value=document)

    @platform.http("POST", "/kind")
    def kind(self, document):
        return self.callee.kind(value=document["of"])

    @platform.http("POST", "/work")
    def work(self, document):
        return self.callee.work(**document)

    @platform.http("POST", "/nobody")
    def ask_nobody(self, document):
        """Ask somebody who does not exist, and tell what that has left behind."""
        for _ in range(document["times"]):
            try:
                self.nobody.anything()
            except (Unavailable, platform.UnknownService):
                continue
        return platform.pending_replies()
