"""Where the administrator finds the servers that are copied."""

import os
from dataclasses import dataclass

from pymongo.uri_parser import parse_uri

from ops import environment
from ops.errors import Problem
from ops.stack import secrets
from ops.stack.servers import Servers
from ops.stack.settings import Settings


@dataclass(frozen=True)
class Places:
    """Of the administrators, but for Consul's, which is the operator's."""

    postgres: str
    mongo: str
    database: str
    management: str
    consul: str
    token: str

    @classmethod
    def find(cls) -> "Places":
        """In the environment, as `shopnow provision` is told; else the local stack."""
        environment.load("PRODUCT_MONGO_URI", "CONSUL_URI")
        ours = local() if "POSTGRES_ADMIN_URI" not in os.environ else {}
        found = ours | dict(os.environ)
        names = ("POSTGRES_ADMIN_URI", "MONGO_ADMIN_URI", "RABBITMQ_ADMIN_URI")
        if missing := [name for name in names if not found.get(name)]:
            raise Problem(f"{missing[0]} is not set")
        return cls(
            postgres=found["POSTGRES_ADMIN_URI"],
            mongo=found["MONGO_ADMIN_URI"],
            database=parse_uri(found["PRODUCT_MONGO_URI"])["database"],
            management=found["RABBITMQ_ADMIN_URI"],
            consul=found["CONSUL_URI"],
            token=found.get("CONSUL_TOKEN", ""),
        )


def local() -> dict[str, str]:
    """Those of the stack of the run directory, at the ports that it was given."""
    run_dir = environment.run_dir()
    if not (run_dir / "secrets.json").exists():
        return {}
    servers = Servers(Settings.load(os.environ), secrets.load(run_dir))
    return {
        "POSTGRES_ADMIN_URI": servers.postgres.uri("admin"),
        "MONGO_ADMIN_URI": servers.mongo.uri("admin"),
        "RABBITMQ_ADMIN_URI": servers.rabbitmq.admin_uri,
    }
