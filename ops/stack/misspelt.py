"""Variables that look like ours and are not: a misspelt one would change nothing."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from ops.errors import Problem

# Others have variables of these endings too (`SSH_AGENT_PORT`); above this they
# resemble one of ours more than chance would have it.
RESEMBLANCE = 0.77
SUFFIXES = ("_PORT", "_PROCESSES")


def demand_known(environ: Mapping[str, str], known: Iterable[str]) -> None:
    """Raise for a variable that was meant to be one of ``known``."""
    ours = sorted(known)
    parts = {part_of(name) for name in ours}
    for name in sorted(environ.keys() - {*ours}):
        if not name.endswith(SUFFIXES):
            continue
        [nearest] = get_close_matches(name, ours, 1, RESEMBLANCE) or [""]
        if nearest:
            raise Problem(f"{name} is not known; did you mean {nearest}?")
        if part_of(name) in parts:
            raise Problem(f"{name} is not known: {part_of(name)} {lacks(name)}")


def part_of(name: str) -> str:
    stem, _, _ = name.rpartition("_")
    return stem.lower()


def lacks(name: str) -> str:
    if name.endswith("_PORT"):
        return "has no port of its own"
    return "is always one process"
