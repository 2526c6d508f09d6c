"""`shopnow provision`: prepares backing servers that somebody else has started."""

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import click

from ops import registry
from ops.errors import Problem
from ops.stack.servers import mongo, postgres, rabbitmq

PLACES = ("RABBITMQ_ADMIN_URI", "POSTGRES_ADMIN_URI", "MONGO_ADMIN_URI", "CONSUL_URI")
DATABASES = ("AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI")


@click.command()
def provision() -> None:
    """Make users, databases and topology in the servers of the environment's URIs.

    RABBITMQ_ADMIN_URI (of its management), POSTGRES_ADMIN_URI, MONGO_ADMIN_URI and
    CONSUL_URI say where, each may be absent.  The passwords are those in AUTH_DB_URI,
    USER_DB_URI, ORDER_DB_URI, PRODUCT_MONGO_URI and, for each user of the broker, in
    GATEWAY_AMQP_URI, AUTH_SERVICE_AMQP_URI and so on.  With CONSUL_MASTER_TOKEN, that
    of Consul's own configuration, Consul's policies are written, and the tokens in
    GATEWAY_CONSUL_TOKEN, AUTH_SERVICE_CONSUL_TOKEN and so on made known to it.
    """
    environ = os.environ
    if not any(environ.get(name) for name in PLACES):
        raise Problem(f"set one of {', '.join(PLACES)}; shopnow provision --help")
    if admin := environ.get("RABBITMQ_ADMIN_URI"):
        plan = rabbitmq.definitions()
        rabbitmq.provision(admin, plan, broker_passwords(plan, environ))
    if admin := environ.get("POSTGRES_ADMIN_URI"):
        postgres.provision(admin, [demand(environ, name) for name in DATABASES])
    if admin := environ.get("MONGO_ADMIN_URI"):
        mongo.provision(admin, demand(environ, "PRODUCT_MONGO_URI"))
    if uri := environ.get("CONSUL_URI"):
        lay_out(uri, environ)


def lay_out(consul: str, environ: Mapping[str, str]) -> None:
    token = ""
    if master := environ.get("CONSUL_MASTER_TOKEN"):
        tokens = {
            name: demand(environ, f"{name.upper()}_CONSUL_TOKEN")
            for name in registry.holders()
        }
        registry.lay_out(consul, master, tokens)
        token = tokens["agent"]
    registry.register(consul, token, environ)


def broker_passwords(plan: object, environ: Mapping[str, str]) -> dict[str, str]:
    return {
        user: password_in(demand(environ, f"{user.upper()}_AMQP_URI"))
        for user in rabbitmq.users(plan)
    }


def password_in(uri: str) -> str:
    return unquote(urlsplit(uri).password or "")


def demand(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise Problem(f"{name} is not set")
    return environ[name]
