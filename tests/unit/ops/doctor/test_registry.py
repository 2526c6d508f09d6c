from ops.doctor import registry
from tests.unit.ops.doctor.conftest import bad, only

OWN = {"CONSUL_TOKEN": "secret"}


def test_a_token_that_consul_does_not_know(case_of, page):
    case = case_of(variables={**OWN, "CONSUL_URI": page(403, "ACL not found")})
    _, told, remedy = only(registry.access(case))
    assert told == "it does not know CONSUL_TOKEN, the operator's"
    assert remedy.startswith("make stop; make start")


def test_a_consul_that_asks_nobody_for_a_token(case_of, page):
    case = case_of(variables={"CONSUL_URI": page(401, "ACL support disabled")})
    assert only(registry.access(case))[0] == "warning"


def test_a_consul_whose_keys_anybody_may_read(case_of, page):
    case = case_of(variables={**OWN, "CONSUL_URI": page(200, {})})
    assert only(registry.access(case))[1].startswith("strangers may read")


def test_whoever_is_ill_is_told_with_why(case_of, page):
    checks = [
        {"Status": "critical", "ServiceID": "order_service-a-1", "Output": "carts\n"},
        {"Status": "passing", "ServiceID": "gateway-a-2", "Output": ""},
    ]
    case = case_of(variables={"CONSUL_URI": page(200, checks)})
    assert only(registry.health(case))[1] == "order_service-a-1: carts"


def test_a_consul_that_tells_nothing(case_of, page):
    case = case_of(variables={"CONSUL_URI": page(500, "no cluster leader")})
    assert "no cluster leader" in only(registry.health(case))[1]
    assert bad(registry.laid_out(case)) == []
