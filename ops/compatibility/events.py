"""What a service that still runs would not understand of the events to come.

While services are replaced one by one, readers of the last release hear writers of the
next one, and the other way round.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.compatibility.references import Document
from ops.compatibility.schema import Comparison
from ops.compatibility.words import GIVEN, told

NAME = re.compile(r"(?P<type>.+)\.v(?P<version>\d+)\.json$")
Schemas = Mapping[str, Any]


def breaks(before: Schemas, after: Schemas) -> Iterator[str]:
    """By the names of their files."""
    for name, schema in before.items():
        if name in after and after[name] != schema:
            yield f"{name}: is published and has changed; write the next version"
    for event, version in newest(before).items():
        old = f"{event}.v{version}.json"
        if old not in after:
            yield f"{old}: is gone, and what runs still writes it"
        for following in range(version + 1, newest(after).get(event, 0) + 1):
            new = f"{event}.v{following}.json"
            for why in unlike(before[old], after[new]):
                yield f"{new}: readers of version {version} still run: {why}"


def newest(schemas: Schemas) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in schemas:
        if known := NAME.match(name):
            event, version = known["type"], int(known["version"])
            found[event] = max(version, found.get(event, 0))
    return found


def unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    gaps = Comparison(Document(), Document(), tolerant=True).gaps(new, old)
    return told(GIVEN, "data", gaps)
