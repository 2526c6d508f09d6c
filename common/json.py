"""JSON without surprises, on the broker and at the door.

Kombu's own decoder turns ``{"__type__": ...}`` inside a client's body into
Python objects, and fails on a malformed one; Nameko then acknowledges the
message and the caller waits for ever.  This one knows plain JSON only, and
takes nothing that it could not write again.
"""

import json
from math import isfinite
from typing import Any

DEEPEST = 32


def dumps(value: Any) -> str:
    """Encode ``value``; raises ``ValueError`` for NaN and the infinities."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """Decode ``text``; raises ``ValueError`` for anything but plain JSON.

    Plain JSON nests ``DEEPEST`` levels at the most, its numbers are finite and
    its strings are Unicode: no half of a surrogate pair.
    """
    try:
        value = json.loads(text, parse_constant=refuse_constant, parse_float=finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    must_be_shallow(value)
    dumps(value).encode()
    return value


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("number out of range")
    return number


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
