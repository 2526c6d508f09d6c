"""What docs/events says: every event, in every version, and samples of each."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "docs/events"
NAME = re.compile(r"(?P<type>[a-z_]+(\.[a-z_]+)+)\.v(?P<version>\d+)\.json")
PUBLISHED: dict[str, str] = json.loads((FOLDER / "published.json").read_text())
SOME_ID = "01a20374-462f-7352-8d61-e2fd5d8d71d2"
# A pattern of docs/events, and something that has it.
WORDS = ("some_word", SOME_ID)

Schema = dict[str, Any]


def files() -> dict[str, str]:
    """The name of each, and what its bytes are known by."""
    found = (each for each in FOLDER.iterdir() if NAME.fullmatch(each.name))
    return {each.name: sha256(each.read_bytes()).hexdigest() for each in sorted(found)}


def versions(event_type: str) -> dict[int, Schema]:
    """The schemas of an event by their version, the newest last."""
    found = {}
    for each in FOLDER.iterdir():
        name = NAME.fullmatch(each.name)
        if name and name["type"] == event_type:
            found[int(name["version"])] = json.loads(each.read_text())
    return dict(sorted(found.items()))


def samples(schema: Schema) -> list[Any]:
    """All kinds of what the schema allows: each at its least, and at its most."""
    if "enum" in schema:
        return list(schema["enum"])
    kinds = schema["type"]
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return list(chain.from_iterable(MAKERS[kind](schema) for kind in kinds))


def texts(schema: Schema) -> Iterator[str]:
    pattern = schema.get("pattern")
    if pattern is None:
        yield from ("", "é <b>", "x" * 200)
    else:
        yield next(word for word in WORDS if re.search(pattern, word))


def integers(schema: Schema) -> Iterator[int]:
    yield from (schema["minimum"], schema.get("maximum", 10**11))


def arrays(schema: Schema) -> Iterator[list[Any]]:
    items = samples(schema["items"])
    yield from ([item] for item in items)
    yield items
    if not schema.get("minItems"):
        yield []


def objects(schema: Schema) -> Iterator[dict[str, Any]]:
    choices = {name: samples(each) for name, each in schema["properties"].items()}
    whole = {name: found[0] for name, found in choices.items()}
    yield whole
    yield {name: whole[name] for name in schema["required"]}
    for name, found in choices.items():
        yield from (whole | {name: value} for value in found[1:])


MAKERS: dict[str, Any] = {
    "string": texts,
    "integer": integers,
    "array": arrays,
    "object": objects,
    "null": lambda schema: [None],
    "boolean": lambda schema: [False, True],
}
