"""JSON without surprises, on the broker and at the door.

Kombu's own decoder turns ``{"__type__": ...}`` inside a client's body into
Python objects, and fails on a malformed one; Nameko then acknowledges the
message and the caller waits for ever.  This one knows plain JSON only.
"""

from typing import Any

import orjson

DEEPEST = 32
# Only what JSON itself has: a dataclass or a date that gets here is a mistake.
PLAIN = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def dumps(value: Any) -> bytes:
    """Encode ``value`` as UTF-8; NaN and the infinities become null.

    Raises ``TypeError`` for what JSON has no word for.
    """
    return orjson.dumps(value, default=plain, option=PLAIN)


def plain(value: Any) -> Any:
    """A subclass of what JSON knows, as what JSON knows."""
    kinds: tuple[Any, ...] = (str, int, float, dict, list)
    for kind in kinds:
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def loads(text: str | bytes) -> Any:
    """Decode ``text``; raises ``ValueError`` for anything but plain JSON.

    Plain JSON nests ``DEEPEST`` levels at the most, its numbers are finite and
    its strings are Unicode: no half of a surrogate pair.
    """
    value = orjson.loads(text)
    must_be_shallow(value)
    return value


def must_be_shallow(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return
    raise ValueError("nested too deeply")


def children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
