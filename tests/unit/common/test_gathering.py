"""Who asks at the same time shares one read, and nobody gets old news."""

import eventlet
import pytest

from common.gathering import READERS, Gathering


class Store:
    """Answers a read when it is told to."""

    def __init__(self):
        self.reads = []
        self.gate = eventlet.Event()

    def read(self, keys):
        self.reads.append(keys)
        self.gate.wait()
        return {key: key.upper() for key in keys if key != "none"}


def asking(gathering, *keys):
    greenlets = [eventlet.spawn(gathering.get, key) for key in keys]
    eventlet.sleep(0)
    return greenlets


def test_everybody_gets_their_own():
    store = Store()
    store.gate.send()
    gathering = Gathering(store.read)

    assert [each.wait() for each in asking(gathering, "a", "b", "none")] == [
        "A",
        "B",
        None,
    ]


def test_those_who_ask_during_a_read_share_the_next():
    store = Store()
    gathering = Gathering(store.read)
    first = asking(gathering, "a")
    eventlet.sleep(0)
    second = asking(gathering, "b")
    eventlet.sleep(0)
    later = asking(gathering, "c", "d", "c", "a")
    assert store.reads == [["a"], ["b"]]
    assert len(store.reads) == READERS

    store.gate.send()

    assert [each.wait() for each in first + second + later] == list("ABCDCA")
    assert store.reads[2:] == [["c", "d", "a"]]


def test_all_who_share_a_read_share_its_failure_and_the_next_read_is_made():
    outcomes = [ValueError("away"), None]

    def read(keys):
        trouble = outcomes.pop(0)
        if trouble:
            raise trouble
        return dict.fromkeys(keys, "found")

    gathering = Gathering(read)
    for greenlet in asking(gathering, "a", "a"):
        with pytest.raises(ValueError, match="away"):
            greenlet.wait()

    assert gathering.get("a") == "found"


def test_the_heavy_make_way_for_the_light_but_for_the_one_who_waits_longest():
    store = Store()
    gathering = Gathering(store.read, most_readers=1, weigh=len)
    first = asking(gathering, "a")
    eventlet.sleep(0)
    heavy, heavier = "b" * 150, "c" * 190
    others = asking(gathering, heavy, heavier, "d", "e")
    store.gate.send()

    assert [each.wait() for each in first + others] == [
        "A", heavy.upper(), heavier.upper(), "D", "E",
    ]  # fmt: skip
    assert store.reads == [["a"], [heavy, "d", "e"], [heavier]]


def test_the_patient_go_with_the_first_who_is_not():
    store = Store()
    store.gate.send()
    gathering = Gathering(store.read)
    patient = eventlet.spawn(gathering.get, "a", patience=60)
    eventlet.sleep(0)
    eventlet.sleep(0)
    assert store.reads == []

    others = asking(gathering, "b")

    assert [each.wait() for each in [patient, *others]] == ["A", "B"]
    assert store.reads == [["a", "b"]]


def test_patience_ends_with_nobody_about():
    store = Store()
    store.gate.send()
    gathering = Gathering(store.read)

    assert gathering.get("a", patience=0.001) == "A"


def test_the_patient_who_come_during_a_read_do_not_begin_the_next():
    store = Store()
    gathering = Gathering(store.read, most_readers=1)
    first = asking(gathering, "a")
    eventlet.sleep(0)
    patient = eventlet.spawn(gathering.get, "b", patience=60)
    eventlet.sleep(0)
    store.gate.send()
    assert [each.wait() for each in first] == ["A"]
    assert store.reads == [["a"]]

    [impatient] = asking(gathering, "b")

    assert [each.wait() for each in [patient, impatient]] == ["B", "B"]
    assert store.reads == [["a"], ["b"]]
