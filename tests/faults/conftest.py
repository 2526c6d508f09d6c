"""The subject of the fault tests, on the platform that the test names."""

from collections.abc import Iterator

import pytest
from nameko import config

from ops.environment import read
from tests.faults.rig import Rig
from tests.integration.conftest import PLAIN_JSON
from tests.private_stack import PrivateStack, own_place, sweep


@pytest.fixture(scope="session")
def stack() -> Iterator[PrivateStack]:
    """A broker: of the shop, the subjects need nothing else."""
    sweep()
    shop = PrivateStack(own_place().with_name(f"{own_place().name}.broker"))
    try:
        shop.start("rabbitmq")
        yield shop
    finally:
        shop.wipe()


@pytest.fixture
def broker(stack):
    """The broker's URI for somebody who may do everything."""
    uri = read(stack.run_dir / "env")["AMQP_URI"]
    with config.patch({"AMQP_URI": uri, "SERIALIZERS": PLAIN_JSON}):
        yield uri


@pytest.fixture
def rig(platform, broker, tmp_path):
    rig = Rig(platform, broker, tmp_path)
    yield rig
    rig.end()
