"""Which migrations have run in production: the baseline, which never changes."""

import json
from collections.abc import Iterable, Iterator

from ops.schema_changes.finding import Finding
from ops.schema_changes.revisions import Revision
from ops.stack.settings import ROOT

FILE = ROOT / "ops/migrations/released.json"


def released() -> dict[str, str]:
    """The SHA-256 of each, by its name."""
    found: dict[str, str] = json.loads(FILE.read_text())
    return found


def write(revisions: Iterable[Revision]) -> None:
    """All that are here are released from now on."""
    known = {each.name: each.sha256 for each in revisions}
    FILE.write_text(f"{json.dumps(known, indent=2, sort_keys=True)}\n")


def changed(revisions: Iterable[Revision], known: dict[str, str]) -> Iterator[Finding]:
    now = {each.name: each.sha256 for each in revisions}
    for name, sha256 in known.items():
        if name not in now:
            yield Finding(name, "released-removed", "it has run in production: keep it")
        elif now[name] != sha256:
            yield Finding(
                name,
                "released-changed",
                "it has run in production and will not run again: write the next one",
            )
