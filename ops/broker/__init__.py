"""The broker's topology, read off the code: who is called by whom, who hears what."""

from ops.broker.definitions import build, text, write

__all__ = ["build", "text", "write"]
