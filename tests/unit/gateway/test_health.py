"""When the shop is open, and what it says beside that."""

import pytest

from gateway.resources.health import NEEDED, SERVERS, readiness

ALL = dict.fromkeys((*NEEDED, *SERVERS, "consul"), "passing")


def test_a_shop_whose_services_pass_is_ready():
    answer = readiness(ALL, "")

    assert (answer.status, answer.body["status"]) == (None, "ready")
    assert answer.body["warnings"] == []
    assert answer.body["dependencies"] == ALL


@pytest.mark.parametrize("state", ["critical", "missing"])
@pytest.mark.parametrize("name", NEEDED)
def test_a_service_that_nobody_can_ask_closes_it(name, state):
    answer = readiness(ALL | {name: state}, "")

    assert (answer.status, answer.body["status"]) == (503, "not_ready")


@pytest.mark.parametrize("name", [*SERVERS, "consul"])
def test_a_server_alone_does_not_close_it(name):
    answer = readiness(ALL | {name: "critical"}, "")

    assert (answer.status, answer.body["status"]) == (None, "ready")
    assert answer.body["dependencies"][name] == "critical"
    assert len(answer.body["warnings"]) == 1


@pytest.mark.parametrize(
    ("consul", "state", "status"),
    [("passing", "missing", 503), ("critical", "unknown", None)],
)
def test_what_was_never_heard_of_is_missing_if_consul_tells(consul, state, status):
    answer = readiness({"consul": consul}, "")

    assert answer.status == status
    told = dict.fromkeys(NEEDED, state) | {"consul": consul}
    assert answer.body["dependencies"] == told


def test_a_gateway_that_cannot_work_says_so():
    answer = readiness(ALL, "broker does not answer: timeout")

    assert answer.status == 503
    assert answer.body["warnings"] == ["this gateway: broker does not answer: timeout"]
