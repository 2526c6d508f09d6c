"""Gets the programs that the servers need and this machine lacks."""

from collections.abc import Sequence

from ops.stack import debian
from ops.stack.server import Server


def ensure(servers: Sequence[Server]) -> None:
    missing = sorted({name for each in servers for name in each.missing_packages()})
    if missing:
        debian.install(missing)
    for server in servers:
        server.fetch()
