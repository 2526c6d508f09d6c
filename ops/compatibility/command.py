"""`shopnow compatibility`: may the next release run beside the last one?"""

from collections.abc import Iterator
from pathlib import Path

import click

from ops.compatibility import events, releases
from ops.compatibility.contract import Contracts
from ops.compatibility.references import Document
from ops.compatibility.tree import Commit, Here, Tree
from ops.errors import Problem
from ops.schema_changes.revisions import FOLDERS
from ops.stack.settings import ROOT

CONTRACT = "gateway/openapi.json"
EVENTS = "docs/events"
RELEASED = "ops/migrations/released.json"
# What everybody agreed to break, a line each as it is told here; why, after a #.
ACCEPTED = ROOT / "docs/accepted-breaks.txt"


@click.command()
@click.option(
    "--against",
    metavar="COMMIT",
    default="main",
    show_default=True,
    help="What runs: a branch, a tag or a commit.",
)
def compatibility(against: str) -> None:
    """Refuse what would break clients of the API, or services that still run.

    docs/delivery.md tells what breaks whom, and what to do instead.
    """
    found = list(breaks(Commit(against), Here()))
    agreed = accepted(ACCEPTED)
    for each in found:
        if each in agreed:
            click.echo(f"accepted: {each}")
    if broken := [each for each in found if each not in agreed]:
        raise Problem("\n".join([f"this breaks what {against} promised:", *broken]))
    click.echo(f"compatible with {against}: API, events and migrations")


def breaks(before: Tree, after: Tree) -> Iterator[str]:
    contracts = [Document(each.read(CONTRACT)) for each in (before, after)]
    yield from Contracts(*contracts).breaks()
    yield from events.breaks(schemas(before), schemas(after))
    yield from releases.breaks(
        before.read(RELEASED),
        after.read(RELEASED),
        [file for folder in FOLDERS.values() for file in before.files(folder)],
    )


def schemas(tree: Tree) -> dict[str, object]:
    names = [Path(file).name for file in tree.files(EVENTS)]
    return {
        name: tree.read(f"{EVENTS}/{name}") for name in names if events.NAME.match(name)
    }


def accepted(file: Path) -> set[str]:
    lines = file.read_text().splitlines()
    return {line.partition("#")[0].strip() for line in lines} - {""}
