"""Nobody waits for a service of which Consul knows that it is away."""

import pytest

from common.discovery import DIRECTORY
from common.errors import Unavailable
from common.resilience.guard import Guard
from common.wire.client import Neighbour, ServiceRpc


class Provider(ServiceRpc):
    """Answers every call itself, and counts them."""

    def __init__(self):
        super().__init__("callee")
        self.guard = Guard("callee")
        self.caller, self.calls = self, 0

    def call(self, key, body, context, seconds):
        self.calls += 1
        return {"result": key, "error": None, "ms": 1}


@pytest.fixture
def provider():
    return Provider()


@pytest.mark.parametrize("away", [set(), {"another"}])
def test_who_is_well_or_unknown_is_asked(provider, monkeypatch, away):
    monkeypatch.setattr(DIRECTORY, "away", frozenset(away))

    assert Neighbour(provider, {}).get_it() == "callee.get_it"


def test_who_is_away_is_not_asked_and_not_blamed(provider, monkeypatch):
    monkeypatch.setattr(DIRECTORY, "away", frozenset({"callee"}))

    for _ in range(100):
        with pytest.raises(Unavailable) as refused:
            Neighbour(provider, {}).get_it()
        assert refused.value.code == "service_unavailable"

    assert provider.calls == provider.guard.rejected == provider.guard.failed == 0
