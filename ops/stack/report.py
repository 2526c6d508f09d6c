"""Tables for the operator: where things are, and what runs."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from ops.stack.condition import Condition
from ops.stack.state import State


def show_addresses(state: State, run_dir: Path) -> None:
    table = Table(box=box.SIMPLE, show_header=False)
    for name, url in state.addresses:
        table.add_row(name, url)
    console().print(table)
    accounts = run_dir / "demo-accounts.json"
    if state.services and accounts.exists():
        console().print(accounts_table(json.loads(accounts.read_text())))


def accounts_table(accounts: list[dict[str, Any]]) -> Table:
    table = Table(*accounts[0], title="Demo accounts", box=box.SIMPLE)
    for account in accounts:
        table.add_row(*map(cell, account.values()))
    return table


def cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def show_processes(found: Sequence[Condition]) -> None:
    columns = ("name", "pid", "port", "state", "uptime", "restarts", "memory")
    table = Table(*columns, box=box.SIMPLE, pad_edge=False)
    for each in found:
        table.add_row(*process_row(each), style=None if each.is_fine else "red")
    console().print(table)
    for line in notes(found):
        click.echo(line)


def process_row(found: Condition) -> Iterator[str]:
    saved, child = found.saved, found.child
    yield saved["name"]
    yield str(saved["pid"])
    yield str(saved["port"] or "")
    yield found.state
    yield str(timedelta(seconds=int(time() - saved["created"]))) if child else ""
    yield str(saved.get("restarts") or "")
    yield f"{memory(child.process) / 2**20:.0f} MB" if child else ""


def notes(found: Sequence[Condition]) -> Iterator[str]:
    """What does not fit into the table: why."""
    for each in found:
        if each.note:
            yield f"{each.saved['name']} {each.state}: {each.note}"
        if last_end := each.saved.get("last_end"):
            yield f"{each.saved['name']} was started again: {last_end}"


def memory(process: psutil.Process) -> int:
    """Of the process and of those it has started."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def console() -> Console:
    # A table in a log file is not cut at 80 columns.
    wide = Console()
    return wide if wide.is_terminal else Console(width=120)
