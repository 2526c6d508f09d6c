"""`shopnow backup` and `shopnow restore`: a copy, and the way back to a moment."""

import os
import shlex
import shutil
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import click

from ops import environment
from ops.backup import oplog, taking
from ops.backup.places import Places
from ops.errors import Problem
from ops.stack.plan import Plan
from ops.stack.ports import demand_free
from ops.stack.secrets import write_private
from ops.stack.settings import GIVABLE, Settings

# Mail is not a server that has anything of the shop.
OTHERS = ("CONSUL_TOKEN", *(name for name in GIVABLE if name.endswith("_URI")))
SERVERS = [name for name in OTHERS if name != "MAIL_URI"]
folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("target", type=folder)
@click.option(
    "--follow",
    is_flag=True,
    help="Go on with every change until Ctrl-C: each moment can be restored then.",
)
def backup(target: Path, follow: bool) -> None:
    """Copy PostgreSQL, MongoDB, the broker's definitions and Consul's keys to TARGET.

    The shop may run meanwhile.  Redis is not copied: carts and limits are lost with it.
    Neither are secrets; without SIGNING_KEY_SECRET and FIELD_KEYS a copy is unreadable.
    """
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    taking.take(Places.find(), target.resolve(), ended, follow)
    click.echo(f"{target} is complete")


@click.command()
@click.argument("source", type=folder)
@click.argument("run_dir", type=folder)
@click.option(
    "--to", required=True, help="A moment, such as 2026-11-22T20:30:00+00:00."
)
@click.option(
    "--secrets",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The secrets.json of the stack that was copied; else that of this one.",
)
def restore(source: Path, run_dir: Path, to: str, secrets: Path | None) -> None:
    """Make RUN_DIR a local stack as the shop that SOURCE is a copy of was at a moment.

    It ends with the command that starts it.  It needs ports that nobody listens on;
    what runs is not touched, and no address of it may be in the environment.
    """
    # Starts servers, which a backup does not.
    from ops.backup import restoring  # noqa: PLC0415

    moment, manifest = moment_of(to), taking.check(source)
    demand_covered(moment, manifest)
    if oplog.FILE not in manifest["sha256"]:
        # Whoever took it was killed, and had no time to say how far that came.
        oplog.demand_reaching(source / oplog.FILE, moment)
    if run_dir.exists():
        raise Problem(f"{run_dir} is there already; a restore takes a new one")
    demand_own_servers(os.environ)
    place = os.environ | {"SHOPNOW_RUN_DIR": str(run_dir.resolve())}
    settings = Settings.load(place)
    # A server that answers there already would be taken for the one to be restored.
    demand_free(settings.ports, {"gateway": settings.gateway_host})
    kept = secrets or environment.run_dir() / "secrets.json"
    write_private(run_dir.resolve() / "secrets.json", kept.read_text())
    accounts = kept.with_name("demo-accounts.json")
    if accounts.exists():
        shutil.copy(accounts, run_dir)
    restoring.restore(source.resolve(), Plan(settings), moment)
    click.echo(f"Start it:\n{start_of(run_dir)}")


def demand_own_servers(environ: Mapping[str, str]) -> None:
    """What is given from outside is live: old settings and services would go there."""
    if told := [name for name in SERVERS if environ.get(name)]:
        raise Problem(
            f"{', '.join(told)}: a restore has servers of its own; unset it, for"
            f" starting what was restored as well"
        )


def start_of(run_dir: Path) -> str:
    """The command for it, in whatever shell that is given."""
    own = " ".join(f"-u {name}" for name in SERVERS)
    place = shlex.quote(str(run_dir))
    return f"env {own} SHOPNOW_RUN_DIR={place} .venv/bin/shopnow stack start"


def demand_covered(moment: datetime, manifest: dict[str, Any]) -> None:
    """A copy whose taking was killed does not tell until when it is complete."""
    first, last = manifest["covers_from"], manifest.get("covers_to", "")
    too_late = last and moment > datetime.fromisoformat(last)
    if moment < datetime.fromisoformat(first) or too_late:
        raise Problem(f"the copy covers moments from {first} to {last or 'its end'}")


def moment_of(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(f"--to is {text!r}; it must be a moment in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
