"""Log lines for people: ours are JSON, those of others are whatever they are."""

import json
from collections.abc import Sequence
from typing import Any

import click

from common.logs import pretty
from common.logs.pretty import NO_TIME, exception, exception_line, printable

TRACEBACK = ("Traceback (", '  File "')
PROBES = ("/healthz", "/readyz")
READS = ("get_", "list_")
# What click says after it has said what is wrong.
EMPTY_WORDS = "Aborted!"


def record(line: str) -> dict[str, Any] | None:
    """What one of our lines says, or None for a line of somebody else."""
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if "message" in said else None


def gist(lines: Sequence[str]) -> str:
    """The one thing to quote of a log's end."""
    full = [line for line in lines if line.strip() not in ("", EMPTY_WORDS)]
    if not full:
        return ""
    if said := record(full[-1]):
        words = [str(said["message"]), exception(said)]
        return printable(": ".join(filter(None, words)))
    is_click = full[-1].startswith("Error: ")
    if not is_click and any(line.startswith(TRACEBACK) for line in full):
        return exception_line(full) or full[-1].strip()
    return full[-1].strip()


def is_noise(said: dict[str, Any]) -> bool:
    """What comes again and again while nobody asks for anything.

    Each process tells of each of its connections to the broker, asks auth_service
    every few seconds whom to trust, and is asked whether it is well.
    """
    if said.get("logger") == "kombu.mixins":
        return str(said["message"]).startswith("Connected to ")
    if said.get("outcome") != "ok":
        return False
    if said.get("kind") == "http":
        return said.get("path") in PROBES
    polled = str(said.get("entrypoint")).startswith(READS)
    return said.get("kind") == "rpc" and "request_id" not in said and polled


def readable(name: str, line: str) -> str | None:
    """The line with its speaker, or None when it is not worth a look."""
    if (said := record(line)) is None:
        return f"{click.style(f'{NO_TIME} {name}', dim=True)}  {line}"
    return None if is_noise(said) else pretty.readable(said, colours=True, name=name)
