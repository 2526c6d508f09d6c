"""Lays out a Consul: who may do what in it, and what it knows from the start.

All of it is data in `consul/`; a second run changes nothing.
"""

from collections.abc import Mapping

from ops.registry.access import holders, provide
from ops.registry.defaults import write_defaults, write_queries
from ops.registry.servers import forget, register

__all__ = ["forget", "holders", "lay_out", "register"]


def lay_out(uri: str, master: str, tokens: Mapping[str, str]) -> None:
    """``tokens`` are those of the services, of the agent and of the operator."""
    provide(uri, master, tokens)
    write_queries(uri, master)
    write_defaults(uri, master)
