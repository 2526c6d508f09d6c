"""The stack that the tests share; it is started for the first who asks for it."""

from collections.abc import Iterator

import eventlet
import pytest
from hypothesis import HealthCheck, settings

# First of all: Nameko's containers run in these tests as they run in a service.
eventlet.monkey_patch()

from tests.cast import Cast  # noqa: E402
from tests.private_stack import PrivateStack, own_place, sweep  # noqa: E402

# What is found does not depend on how fast it is looked for.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

# A site whose pages may use the shop.
SITE = "https://site.example"
# The facts hold on a slow machine too; tests/faults tells what is late there.
UNHURRIED = {"READ_SECONDS": "5", "WRITE_SECONDS": "10"}


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[PrivateStack]:
    """The whole shop, two gateways in front.  If it cannot start, the run fails."""
    sweep()
    shop = PrivateStack(own_place(), CORS_ORIGINS=SITE, **UNHURRIED)
    try:
        shop.start()
        yield shop
    finally:
        shop.shopnow("stack", "stop")
        if not request.session.testsfailed:
            shop.wipe()


@pytest.fixture(scope="session")
def cast(stack: PrivateStack) -> Cast:
    """People of each role, made when they are asked for."""
    return Cast(stack)
