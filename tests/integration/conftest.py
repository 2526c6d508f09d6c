"""The real broker, for services that exist only in a test."""

import pytest
from nameko import config

from ops.environment import read
from tests.integration.own_redis import OwnRedis

PLAIN_JSON = {
    "json": {
        "encoder": "common.json.dumps",
        "decoder": "common.json.loads",
        "content_type": "application/json",
        "content_encoding": "utf-8",
    }
}


@pytest.fixture
def broker(stack):
    """The broker's URI for somebody who may do everything."""
    uri = read(stack.run_dir / "env")["AMQP_URI"]
    settings = {
        "AMQP_URI": uri,
        "SERIALIZERS": PLAIN_JSON,
        "SERVICE_CONTAINER_CLS": "common.container.ServiceContainer",
        "RPC_DEADLINE": 1.0,
    }
    with config.patch(settings):
        yield uri


@pytest.fixture
def own_redis(tmp_path):
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.stop()
