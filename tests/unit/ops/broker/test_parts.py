import pytest

from ops.broker import code, parts
from ops.errors import Problem
from tests.unit.ops.broker.subject import Service, Wrong

METHODS = frozenset(
    {
        "get_directly",
        "get_later",
        "get_by_helper",
        "get_by_function",
        "get_by_store",
        "get_by_bystander",
        "get_by_nobody",
        "get_from_the_store",
    }
)


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    monkeypatch.setattr(code, "OURS", {"tests"})
    monkeypatch.setattr(parts, "methods", lambda name: METHODS)


def test_a_call_is_found_wherever_the_neighbour_is_handed_on_to():
    found = parts.calls(Service)["thing_service"]

    assert {"get_directly", "get_later", "get_by_helper", "get_by_function"} <= found
    assert "get_by_store" in found


def test_what_is_called_by_others_or_on_others_is_no_call():
    found = parts.calls(Service)["thing_service"]

    assert not found & {"get_by_bystander", "get_by_nobody", "get_from_the_store"}


def test_a_call_of_what_does_not_exist_is_a_problem():
    with pytest.raises(Problem, match=r"Wrong calls thing_service\.get_mispelt"):
        parts.calls(Wrong)


def test_an_event_is_told_by_who_makes_one():
    assert parts.events(Service) == {"thing.told"}
    assert parts.events(Wrong) == set()
