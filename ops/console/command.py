"""`shopnow console`: serve the ops page."""

import logging
import os
import signal
from functools import partial

import click

from ops import environment
from ops.console.asking import Sources
from ops.console.gathering import Gatherer
from ops.console.page import Page
from ops.console.server import Console, Watch, host_name, serve
from ops.console.traces import find

ADDRESS = "127.0.0.1:9400"


@click.command()
def console() -> None:
    """Serve the ops page at CONSOLE_ADDRESS, until it is stopped.

    It asks Consul (CONSUL_URI, CONSUL_TOKEN), RabbitMQ (RABBITMQ_MANAGEMENT_URI) and
    the internal port of each process, and links errors to TRACE_URL if there is one.
    Whoever reaches it sees all of it: never let the public.  It answers to this
    machine's own names, to CONSOLE_ADDRESS and to CONSOLE_HOSTS (separated by commas).
    """
    environment.load("CONSUL_URI")
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    where = os.environ.get("CONSOLE_ADDRESS") or ADDRESS
    watch = Watch(gatherer().look)
    traces = partial(find, environment.run_dir() / "traces")
    page = Page(place(), os.environ.get("TRACE_URL", ""), traces)
    server = serve(where, Console(watch.latest, page, hosts(where)))
    signal.signal(signal.SIGTERM, stop)
    watch.thread.start()
    click.echo(f"The ops page is at http://{where}/ops")
    try:
        server.serve_forever()
    finally:
        watch.stopping.set()
        server.server_close()


def gatherer() -> Gatherer:
    """One that asks those whom the environment names."""
    return Gatherer(Sources(os.environ))


def hosts(where: str) -> set[str]:
    """What the page may be called apart from this machine's own names."""
    told = os.environ.get("CONSOLE_HOSTS", "").split(",")
    return {name for name in (host_name(where), *map(str.strip, told)) if name}


def place() -> str:
    told = (os.environ.get(name, "") for name in ("ENVIRONMENT", "REGION"))
    return " · ".join(dict.fromkeys(filter(None, told)))


def stop(*_: object) -> None:
    raise SystemExit(0)
