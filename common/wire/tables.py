"""The header tables of AMQP messages: text, numbers and lists of them.

What Nameko puts into a header is packed and read here; a table with anything
else in it is left to py-amqp.
"""

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

from amqp.serialization import dumps as pack_any
from amqp.serialization import loads as read_any

SIZE = Struct(">I")
INT = Struct(">i")
LONG = Struct(">q")
TEXT = Struct(">cI")
NUMBER = Struct(">cq")

Reader = Callable[[bytes, int], tuple[Any, int]]


def pack(values: Mapping[str, Any]) -> bytes:
    try:
        packed = b"".join(
            [short_string(name) + pack_value(value) for name, value in values.items()]
        )
    except KeyError:
        return pack_any("F", [dict(values)])
    return SIZE.pack(len(packed)) + packed


def short_string(text: str) -> bytes:
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


def pack_value(value: Any) -> bytes:
    return PACK[type(value)](value)


def pack_text(value: str) -> bytes:
    encoded = value.encode()
    return TEXT.pack(b"S", len(encoded)) + encoded


def pack_list(values: list[Any]) -> bytes:
    packed = b"".join([pack_value(value) for value in values])
    return TEXT.pack(b"A", len(packed)) + packed


PACK: dict[type, Callable[[Any], bytes]] = {
    str: pack_text,
    int: lambda value: NUMBER.pack(b"l", value),
    bool: lambda value: b"t\x01" if value else b"t\x00",
    list: pack_list,
    type(None): lambda value: b"V",
}


def read(frame: bytes, at: int) -> tuple[dict[str, Any], int]:
    """The table at ``at``, and where it ends."""
    end = at + 4 + SIZE.unpack_from(frame, at)[0]
    values, here = {}, at + 4
    try:
        while here < end:
            name, here = read_short_string(frame, here)
            values[name], here = READ[frame[here]](frame, here + 1)
    except KeyError:
        [values], _ = read_any("F", frame, at)
    return values, end


def read_short_string(frame: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + frame[at]
    return frame[at + 1 : end].decode(), end


def read_text(frame: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + SIZE.unpack_from(frame, at)[0]
    return frame[at + 4 : end].decode(), end


def read_list(frame: bytes, at: int) -> tuple[list[Any], int]:
    end = at + 4 + SIZE.unpack_from(frame, at)[0]
    values, here = [], at + 4
    while here < end:
        value, here = READ[frame[here]](frame, here + 1)
        values.append(value)
    return values, end


READ: dict[int, Reader] = {
    ord("S"): read_text,
    ord("I"): lambda frame, at: (INT.unpack_from(frame, at)[0], at + 4),
    ord("l"): lambda frame, at: (LONG.unpack_from(frame, at)[0], at + 8),
    ord("L"): lambda frame, at: (LONG.unpack_from(frame, at)[0], at + 8),
    ord("t"): lambda frame, at: (bool(frame[at]), at + 1),
    ord("V"): lambda frame, at: (None, at),
    ord("A"): read_list,
}
