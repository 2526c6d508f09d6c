"""A trace is put together from what each process has told of it."""

import json

import pytest

from ops.console.traces import find

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MS = 1_000_000


def span(name, parent, start, ms, service="gateway", **more):
    return {
        "trace": TRACE,
        "span": name,
        "parent": parent,
        "service": service,
        "name": name,
        "start": 10**18 + start * MS,
        "ns": ms * MS,
        "error": False,
        "attributes": {},
    } | more


@pytest.fixture
def tell(tmp_path):
    """``tell("gateway.1", span, …)``: a process writes them into its file."""

    def write(process, *spans):
        lines = [f"{json.dumps(one)}\n" for one in spans]
        (tmp_path / f"{process}.jsonl").write_text("".join(lines))
        return tmp_path

    return write


def test_spans_of_all_processes_make_one_tree(tell):
    tell(
        "order_service.1",
        span("place", "root", 10, 60, "order_service", error=True),
        span("sql", "place", 20, 5, "order_service"),
    )
    folder = tell("gateway.1", span("root", None, 0, 100), span("late", "root", 80, 10))

    found = find(folder, TRACE)

    assert found is not None
    assert [(one.depth, one.name) for one in found.rows] == [
        (0, "root"),
        (1, "place"),
        (2, "sql"),
        (1, "late"),
    ]
    place = found.rows[1]
    assert (place.start, place.width, place.error) == (0.1, 0.6, True)
    assert (found.began, found.seconds) == (1e9, 0.1)


def test_one_whose_parent_nobody_has_told_stands_alone(tell):
    folder = tell("a", span("one", "lost", 0, 5), span("two", "lost", 7, 5))

    assert [one.depth for one in find(folder, TRACE).rows] == [0, 0]


def test_others_and_what_is_half_written_are_left_out(tell):
    other = span("other", None, 0, 5, trace="0" * 32, attributes={"link": TRACE})
    folder = tell("a", span("mine", None, 0, 5), other)
    with (folder / "a.jsonl").open("a") as file:
        file.write(json.dumps(span("half", None, 0, 5))[:-20])

    assert [one.name for one in find(folder, TRACE).rows] == ["mine"]


def test_there_may_be_nothing(tmp_path):
    assert find(tmp_path / "none", TRACE) is None
