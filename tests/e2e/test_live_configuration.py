"""What an operator sets holds in every process, and without it all is as before."""

import pytest

from common.ids import new_id
from tests.e2e.live import Operator


@pytest.fixture
def operator(stack):
    found = Operator(stack)
    yield found
    found.clear()


def test_a_setting_is_in_every_process_when_the_command_ends(stack, operator, stranger):
    product_id = stranger.get("/v1/products?limit=1").body["items"][0]["id"]
    path = f"/v1/products/{product_id}/reviews"

    said = stack.shopnow("config", "set", "features/reviews", "false")

    assert said.returncode == 0, said.stdout
    assert said.stdout.startswith("features/reviews is false in ")
    refused = stranger.get(path)
    assert (refused.status, refused.code) == (404, "feature_off")
    operator.set("features/reviews", None)
    assert stranger.get(path).status == 200


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("features/review", "false", "did you mean 'reviews'?"),
        ("deadlines/read", "soon", "no number of seconds"),
        ("resilience/redis", '{"open_seconds": 5}', "with gateway/config.yml"),
        ("deadlines/routes", '{"GET /v1/x": 5}', "there is no route GET /v1/x"),
    ],
)
def test_what_no_process_would_take_over_is_not_written(operator, name, value, why):
    with pytest.raises(Exception, match=r".") as refused:
        operator.set(name, value)

    assert why in str(refused.value)


def test_in_maintenance_the_shop_answers_reads_or_nothing(operator, stranger, customer):
    operator.set("maintenance", "writes")
    assert stranger.get("/v1/products?limit=1").status == 200
    refused = customer.put("/v1/users/me/preferences", {"currency": "GBP"})
    assert (refused.status, refused.code) == (503, "maintenance")
    assert refused.headers["Retry-After"] == "60"

    operator.set("maintenance", '{"refuse": "all", "retry_after": 300}')
    refused = stranger.get("/v1/products?limit=1")
    assert (refused.code, refused.headers["Retry-After"]) == ("maintenance", "300")
    assert stranger.get("/healthz").status == 200

    operator.set("maintenance", None)
    assert stranger.get("/v1/products?limit=1").status == 200


def test_deadlines_and_log_levels_change_while_they_run(stack, operator, customer):
    def is_seen():
        path = f"/v1/orders/{new_id()}"
        customer.get(path)
        log = stack.run_dir / "log"
        return any(path in file.read_text() for file in log.glob("gateway.*.log"))

    assert is_seen()
    operator.set("log-levels/gateway.access", "WARNING")
    operator.set("deadlines/rpc/gateway", "0.01")
    assert customer.get("/v1/users/me/export").code == "deadline_exceeded"
    operator.set("deadlines/rpc/gateway", None)
    assert not is_seen()

    operator.set("log-levels/gateway.access", None)
    assert is_seen()
