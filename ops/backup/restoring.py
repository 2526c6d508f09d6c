"""Brings a copy back, as of a moment, into a run directory of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pymongo.uri_parser import parse_uri

from ops.backup import dump, oplog, others, postgres
from ops.dr import outboxes
from ops.dr.talking import talk
from ops.errors import Problem
from ops.http import call
from ops.stack import install
from ops.stack.child import Child, end
from ops.stack.plan import Plan
from ops.stack.progress import step, tell
from ops.stack.server import Server

READY_SECONDS = 600.0
POLL_SECONDS = 0.1


def restore(source: Path, plan: Plan, to: datetime) -> None:
    """The stack of ``plan`` has what the shop had at ``to`` when it starts next."""
    servers = plan.all_servers
    install.ensure([servers.postgres, servers.mongo, servers.consul])
    (plan.run_dir / "log").mkdir(parents=True, exist_ok=True)
    with step("PostgreSQL"):
        bring_back_postgres(source, servers.postgres, to)
    with step("MongoDB"), running(servers.mongo):
        servers.mongo.provision(plan.variables)
        bring_back_mongo(source, plan, to)
    with step("Settings in Consul"), running(servers.consul):
        servers.consul.provision(plan.variables)
        bring_back_settings(source, plan)
    # The demo catalogue is that of the copy.
    (plan.run_dir / "seeded").touch()


def bring_back_postgres(source: Path, server: Any, to: datetime) -> None:
    postgres.verify(source)
    server.make_home()
    log = server.place / postgres.LOG
    postgres.lay_out(source, server.data, log, to.isoformat())
    for file in (server.data, log, *server.data.rglob("*"), *log.rglob("*")):
        server.hand_over(file)
    with running(server):
        await_end_of_recovery(server)
        with talk(server.uri("admin")) as cursor:
            for name in ("restore_command", "recovery_target_time"):
                cursor.execute(f"ALTER SYSTEM RESET {name}")
            cursor.execute("ALTER SYSTEM RESET recovery_target_action")
        # The broker of that moment is gone, with what waited in it.
        outboxes.publish_again(server.uri("admin"), to)
    shutil.rmtree(log)


def await_end_of_recovery(server: Any) -> None:
    deadline = monotonic() + READY_SECONDS
    while True:
        with talk(server.uri("admin")) as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            if not cursor.fetchone()[0]:
                return
        if monotonic() > deadline:
            raise Problem("PostgreSQL has not come to that moment in ten minutes")
        sleep(POLL_SECONDS)


def bring_back_mongo(source: Path, plan: Plan, to: datetime) -> None:
    with plan.all_servers.mongo.admin() as client:
        database = client[parse_uri(plan.variables["PRODUCT_MONGO_URI"])["database"]]
        documents = dump.load(database, source)
        changes = oplog.replay(database, source / oplog.FILE, to)
        dump.finish(database, source)
    tell(f"  {documents} documents, and {changes} changes after them")


def bring_back_settings(source: Path, plan: Plan) -> None:
    uri, token = plan.variables["CONSUL_URI"], plan.consul_token("operator")
    operations = [
        {"KV": {"Verb": "set", "Key": key, "Value": value}}
        for key, value in others.settings_in(source).items()
    ]
    if operations:
        call("PUT", f"{uri}/v1/txn", operations, token=token)


@contextmanager
def running(server: Server) -> Iterator[None]:
    server.prepare()
    children = [Child.spawn(command) for command in server.commands()]
    deadline = monotonic() + READY_SECONDS
    try:
        while not server.is_ready():
            if not children[-1].alive or monotonic() > deadline:
                raise Problem(
                    f"{server.name} is not ready: {children[-1].last_words()}"
                )
            sleep(POLL_SECONDS)
        yield
    finally:
        end(children)
