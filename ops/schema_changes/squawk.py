"""Asks squawk, which reads SQL as PostgreSQL does and knows what each locks."""

import json
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

from ops.errors import Problem
from ops.schema_changes.rules import BREAKS, CONTRACTS, LOCKS
from ops.stack.services import BIN

WORDS = ("--reporter", "json", "--pg-version", "15")
SECONDS = 30
ADVICE = LOCKS | BREAKS | CONTRACTS


class Said(NamedTuple):
    rule: str
    line: int


def ask(sql: str) -> Iterator[Said]:
    """What it says of ours among its rules; lines count from 0.

    A migration runs in a transaction, but for what it takes out of it.
    """
    try:
        done = subprocess.run(
            [BIN / "squawk", *WORDS],
            check=False,
            input=f"BEGIN; {sql} COMMIT;",
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except FileNotFoundError:
        raise Problem("squawk is missing: make lint installs it") from None
    try:
        found = json.loads(done.stdout)
    except ValueError:
        why = done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}"
        raise Problem(f"squawk has failed: {why}") from None
    for each in found:
        if each["rule_name"] in ADVICE:
            yield Said(each["rule_name"], each["line"])
