"""The subject of the fault tests, on the platform that the test names."""

import pytest
from nameko import config

from ops.environment import read
from tests.faults.rig import Rig
from tests.integration.conftest import PLAIN_JSON


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
