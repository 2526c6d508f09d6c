"""With TLS on, the servers speak nothing else, and are who they say they are."""

import re
from contextlib import closing

import psycopg2
import pytest
import redis
from amqp.exceptions import AMQPError
from kombu import Connection
from nameko import config
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from common.broker import settle
from common.wire.connection import connection_to
from ops.certificates import ensure
from tests.client import Client, eventually
from tests.private_stack import PrivateStack

REFUSALS = (AMQPError, OSError, PyMongoError, psycopg2.Error, redis.RedisError)
SECONDS = 2
UNHURRIED = {"READ_SECONDS": "5", "WRITE_SECONDS": "10"}
CA = "(?:ca_certs|sslrootcert|tlsCAFile|ssl_ca_certs)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    shop = PrivateStack(tmp_path_factory.mktemp("tls") / "run", TLS="on", **UNHURRIED)
    shop.start()
    yield shop
    shop.wipe()


def ping_line(uri):
    with config.patch({"AMQP_URI": uri}):
        settle(config)
        with connection_to(config["AMQP_URI"], "test"):
            """It connects."""


def ping_kombu(uri):
    with config.patch({"AMQP_URI": uri}):
        settle(config)
        ssl = config.get("AMQP_SSL")
        with Connection(config["AMQP_URI"], ssl=ssl, connect_timeout=SECONDS) as broker:
            broker.connect()


def ping_postgres(uri):
    psycopg2.connect(uri, connect_timeout=SECONDS).close()


def ping_mongo(uri):
    # A replica set would tell where its members really are.
    alone = uri.replace("replicaSet=rs0", "directConnection=true")
    with MongoClient(alone, serverSelectionTimeoutMS=1000 * SECONDS) as client:
        client.admin.command("ping")


def ping_redis(uri):
    with redis.Redis.from_url(uri, socket_timeout=SECONDS) as client:
        client.ping()


each_client = pytest.mark.parametrize(
    ("name", "ping"),
    [
        ("AMQP_URI", ping_line),
        ("AMQP_URI", ping_kombu),
        ("ORDER_DB_URI", ping_postgres),
        ("PRODUCT_MONGO_URI", ping_mongo),
        ("REDIS_URI", ping_redis),
    ],
)


def plain(uri):
    bare = re.sub(f"[?&](tls=true|{CA}=[^&]*)", "", uri)
    bare = bare.replace("sslmode=verify-full", "sslmode=disable")
    return re.sub("^(amqp|redis)s:", r"\1:", bare)


def test_an_order_goes_through_every_server(shop):
    customer = Client(shop.url).signed_up()
    [mug, *_] = customer.get("/v1/products?q=mug&in_stock=true").body["items"]
    put = customer.put(f"/v1/cart/items/{mug['id']}", {"quantity": 2})
    assert put.status == 200, put.raw

    placed = customer.place(None)

    assert placed.status == 201, placed.raw
    assert customer.get(f"/v1/orders/{placed.body['id']}").body["status"] == "confirmed"
    eventually(lambda: published(shop), [True])


def published(shop):
    """Whether the event of the order has gone out."""
    uri = shop.operator["ORDER_DB_URI"]
    with closing(psycopg2.connect(uri)) as orders, orders.cursor() as cursor:
        cursor.execute("SELECT published_at IS NOT NULL FROM outbox")
        return [done for (done,) in cursor]


@each_client
def test_a_client_that_trusts_our_authority_is_let_in(shop, name, ping):
    ping(shop.operator[name])


@each_client
def test_a_client_that_trusts_another_authority_goes_away(shop, name, ping, tmp_path):
    ensure(tmp_path, {"other": "127.0.0.1"})
    uri = re.sub(f"({CA})=[^&]*", rf"\1={tmp_path}/ca/ca.pem", shop.operator[name])

    with pytest.raises(REFUSALS, match=r"(?i)certificate"):
        ping(uri)


@each_client
def test_a_client_without_our_authority_goes_away(shop, name, ping):
    uri = re.sub(f"[?&]{CA}=[^&]*", "", shop.operator[name])

    with pytest.raises(REFUSALS, match=r"(?i)certificate"):
        ping(uri)


@each_client
def test_a_server_of_another_name_is_not_trusted(shop, name, ping):
    uri = shop.operator[name].replace("127.0.0.1", "localhost")

    with pytest.raises(REFUSALS, match=r"(?i)hostname mismatch|host name|not match"):
        ping(uri)


@each_client
def test_a_client_that_speaks_plain_text_is_not_understood(shop, name, ping):
    with pytest.raises(REFUSALS):
        ping(plain(shop.operator[name]))
