"""The real broker, for services that exist only in a test."""

from datetime import UTC, datetime
from functools import partial

import pytest
from nameko import config

from ops.environment import read
from tests.auth import Office
from tests.integration.own_redis import OwnRedis
from tests.scratch import PostgresAccounts, scratch
from user_service.storage.models import AuthBase

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


@pytest.fixture(scope="session")
def fresh_accounts(stack):
    """``with fresh_accounts() as engine``: the tables of auth_service, empty."""
    uri = stack.environment("auth_service")["AUTH_DB_URI"]
    return partial(scratch, uri, AuthBase)


@pytest.fixture
def engine(fresh_accounts):
    with fresh_accounts() as engine:
        yield engine


@pytest.fixture
def office(engine):
    """auth_service on those tables, at this moment."""
    office = Office.open(PostgresAccounts(engine))
    office.clock.moment = datetime.now(UTC)
    return office


@pytest.fixture
def user(office):
    return office.signed_up()
