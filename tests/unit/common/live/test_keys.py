"""What may be set has bounds, and a reason where it has not."""

from pathlib import Path

import pytest
import yaml

from common.live import KEYS, check, key_of, value_in
from common.live.keys import ACCOUNT_LIMITS, FEATURES, RATE_LIMITS
from gateway.service import GatewayService

ROOT = Path(__file__).parents[4]
GOOD = {
    "account-limits/sign_in": '{"quota": 60, "seconds": 60}',
    "chaos/payment": "delay:2s",
    "deadlines/read": "0.3",
    "deadlines/routes": '{"POST /v1/orders": 10}',
    "deadlines/rpc/order_service": "3",
    "deadlines/write": "2",
    "features/reviews": "false",
    "log-levels/gateway.access": "DEBUG",
    "log-levels/root": "WARNING",
    "log-levels/sqlalchemy.engine": "INFO",
    "maintenance": "writes",
    "rate-limits/browse": '{"quota": 600, "seconds": 60}',
    "resilience/redis": '{"open_seconds": 0.1, "slow_seconds": null}',
}
BAD = [
    ("account-limits/browse", '{"quota": 60, "seconds": 60}'),
    ("chaos/payments", "delay:2s"),
    ("chaos/payment", "stop"),
    ("deadlines/read", "0"),
    ("deadlines/read", "true"),
    ("deadlines/read", "soon"),
    ("deadlines/read", "61"),
    ("deadlines/routes", '{"orders": 1}'),
    ("deadlines/routes", '{"POST /v1/orders": "1"}'),
    ("deadlines/rpc/nobody", "1"),
    ("features/reviews", "off"),
    ("features/nothing", "true"),
    ("log-levels/root", "DEBUG"),
    ("log-levels/pymongo", "DEBUG"),
    ("log-levels/gateway", "LOUD"),
    ("log-levels/a b", "INFO"),
    ("maintenance", "reads"),
    ("maintenance", "true"),
    ("maintenance", '{"refuse": "all", "retry_after": 0}'),
    ("maintenance", '{"refuse": "all", "until": 5}'),
    ("rate-limits/browse", '{"quota": 0, "seconds": 60}'),
    ("rate-limits/browse", '{"quota": 1}'),
    ("resilience/redis", '{"failure_share": 2}'),
    ("resilience/redis", '{"failures": 2}'),
    ("resilience/redis", "1"),
    ("resilience/", "{}"),
    ("nothing", "1"),
]


@pytest.mark.parametrize(("name", "text"), GOOD.items())
def test_what_makes_sense_may_be_set(name, text):
    check(name, value_in(text), "local")


@pytest.mark.parametrize(("name", "text"), BAD)
def test_what_makes_no_sense_is_refused_with_a_reason(name, text):
    with pytest.raises(ValueError, match=r".{10}"):
        check(name, value_in(text), "local")


def test_every_key_is_tried_here_and_takes_its_example():
    assert {key_of(name)[0].name for name in GOOD} == {key.name for key in KEYS}
    for key in KEYS:
        word = key.names[0] if key.names else "gateway"
        check(key.folder + word * key.folder.endswith("/"), example(key), "local")


def example(key):
    return value_in(key.example)


def test_limits_are_those_of_the_configurations():
    gateway = yaml.safe_load((ROOT / "gateway/config.yml").read_text())
    users = yaml.safe_load((ROOT / "user_service/config.yml").read_text())

    assert set(RATE_LIMITS) == set(gateway["RATE_LIMITS"])
    assert set(ACCOUNT_LIMITS) == set(users["ACCOUNT_LIMITS"])


def test_features_are_those_of_the_routes():
    routes = [
        entrypoint.route
        for method in vars(GatewayService).values()
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if hasattr(entrypoint, "route")
    ]
    for base in GatewayService.__mro__[1:]:
        routes += [
            entrypoint.route
            for method in vars(base).values()
            for entrypoint in getattr(method, "nameko_entrypoints", ())
            if hasattr(entrypoint, "route")
        ]

    assert {route.feature for route in routes} - {None} == set(FEATURES)
