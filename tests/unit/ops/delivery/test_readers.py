"""While a release goes out, somebody reads, whatever comes of it."""

import threading
from threading import Event

import pytest

from ops.delivery import readers
from ops.errors import Problem


class FakeVisitor:
    """Tells when it has asked; some of what it asks is answered badly."""

    def __init__(self, asked, *troubles):
        self.asked, self.troubles, self.paths = asked, list(troubles), []

    def ask(self, method, path, *expected):
        self.paths.append(path)
        self.asked.set()
        if self.troubles:
            raise self.troubles.pop()


class Turns:
    """An event that comes after so many looks at it."""

    def __init__(self, many):
        self.left, self.waited = many, []

    def wait(self, seconds):
        self.waited.append(seconds)
        self.left -= 1
        return self.left < 0


def test_a_reader_asks_for_what_is_kept_and_for_what_is_not():
    visitor, turns = FakeVisitor(Event()), Turns(4)

    readers.read_on(visitor, turns, 0.2)

    assert visitor.paths[::2] == ["/v1/products"] * 2
    assert len(set(visitor.paths)) == 3
    assert set(turns.waited) == {0.2}


@pytest.mark.parametrize("trouble", [Problem("500"), ValueError("no JSON")])
def test_a_bad_answer_does_not_end_a_reader(trouble):
    visitor = FakeVisitor(Event(), trouble)

    readers.read_on(visitor, Turns(3), 0.2)

    assert len(visitor.paths) == 3


def test_readers_come_and_go(monkeypatch):
    asked, made, before = Event(), [], set(threading.enumerate())

    def visitor(url):
        made.append(FakeVisitor(asked))
        return made[-1]

    monkeypatch.setattr(readers, "Visitor", visitor)
    with readers.readers("https://shop.example", 4000):
        assert asked.wait(60)

    assert len(made) == readers.HANDS
    assert set(threading.enumerate()) <= before
