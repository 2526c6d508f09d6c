from base64 import b64encode

import pytest

from ops.doctor import live
from tests.unit.ops.doctor.conftest import bad, only


@pytest.fixture
def set_to(case_of, page):
    """``set_to({"maintenance": "…"})``: a shop in which that is set."""

    def make(settings, environment="local"):
        entries = [
            {"Key": f"shopnow/{name}", "Value": b64encode(text.encode()).decode()}
            for name, text in settings.items()
        ]
        uri = page(200, [{"Key": "shopnow/", "Value": None}, *entries])
        return case_of(variables={"CONSUL_URI": uri, "ENVIRONMENT": environment})

    return make


def test_settings_that_make_sense_are_fine(set_to):
    limit = {"rate-limits/browse": '{"quota": 600, "seconds": 60}'}
    assert bad(live.settings(set_to(limit))) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rate-limits/browse", "{"),
        ("rate-limits/browse", '{"quota": -1}'),
        ("rate-limit/browse", '{"quota": 600, "seconds": 60}'),
        ("log-levels/common", "LOUD"),
    ],
)
def test_a_setting_that_nobody_takes_over(set_to, name, text):
    standing, told, remedy = only(live.settings(set_to({name: text})))
    assert standing == "problem"
    assert told.startswith(f"{name} is {text}, which nobody takes over")
    assert remedy == f"shopnow config unset {name}"


def test_a_fault_on_purpose_is_not_forgotten(set_to):
    fault = {"chaos/payment": "delay:2s"}
    standing, _, remedy = only(live.settings(set_to(fault)))
    assert (standing, remedy) == ("warning", "shopnow chaos clear payment")
    assert only(live.settings(set_to(fault, "production")))[0] == "problem"


def test_a_shop_in_maintenance(set_to):
    _, told, remedy = only(live.settings(set_to({"maintenance": '{"refuse": "all"}'})))
    assert told.startswith("the shop is in maintenance")
    assert remedy == "shopnow config unset maintenance"


@pytest.mark.parametrize(("status", "standing"), [(404, []), (403, ["problem"])])
def test_where_nothing_is_set_or_may_be_read(case_of, page, status, standing):
    case = case_of(variables={"CONSUL_URI": page(status, "")})
    assert [each[0] for each in bad(live.settings(case))] == standing
