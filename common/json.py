"""JSON without surprises, on the broker and at the door.

Kombu's own decoder turns ``{"__type__": ...}`` inside a client's body into
Python objects, and fails on a malformed one; Nameko then acknowledges the
message and the caller waits for ever.  This one knows plain JSON only.
"""

import json
from typing import Any


def dumps(value: Any) -> str:
    """Encode ``value``; raises ``ValueError`` for NaN and the infinities."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """Decode ``text``; raises ``ValueError`` for anything but plain JSON."""
    try:
        return json.loads(text, parse_constant=refuse_constant, parse_float=finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("number out of range")
    return number
