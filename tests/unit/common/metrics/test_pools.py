"""Pools are shown as they are at the moment of reading.

The numbers of three drivers are no public part of them, so this is where a new
release would show that it has moved them.
"""

import pytest
from eventlet.greenpool import GreenPool
from prometheus_client import CollectorRegistry
from pymongo import MongoClient
from redis import Redis
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from common.metrics.pools import Pools, of_engine, of_mongo, of_redis, of_workers


@pytest.fixture
def pools():
    return Pools()


def test_pools_of_one_name_are_added_up_while_they_are_there(pools):
    first, second = GreenPool(3), GreenPool(4)
    for pool in (first, second):
        pools.watch("workers", pool, of_workers)
    first.spawn(lambda: None)

    assert pools.uses() == {"workers": (1, 7)}

    del second, pool

    assert pools.uses() == {"workers": (1, 3)}


def test_what_is_taken_is_shown_beside_what_there_is(pools):
    here = GreenPool(3)
    pools.watch("workers", here, of_workers)
    registry = CollectorRegistry()
    registry.register(pools)

    assert registry.get_sample_value("shopnow_pool_in_use", {"pool": "workers"}) == 0
    assert registry.get_sample_value("shopnow_pool_size", {"pool": "workers"}) == 3


def test_connections_to_postgres_count_while_they_are_taken():
    engine = create_engine(
        "sqlite://", poolclass=QueuePool, pool_size=2, max_overflow=3
    )
    with engine.connect():
        assert of_engine(engine) == (1, 5)
    assert of_engine(engine) == (0, 5)


def test_a_mongo_nobody_has_met_has_nothing_taken():
    with MongoClient("mongodb://127.0.0.1:1", connect=False) as client:
        assert of_mongo(client) == (0, 100)


def test_connections_to_redis_count_while_they_are_taken():
    pool = Redis(max_connections=7).connection_pool
    assert of_redis(pool) == (0, 7)
