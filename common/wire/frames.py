"""The frames of AMQP 0-9-1 that carry calls and replies.

py-amqp opens connections, declares and consumes; what passes once for every
call is packed and read here, in a fifth of the time.  A message is a method
frame, a header frame with its properties, and body frames.
"""

from collections.abc import Mapping
from struct import Struct
from typing import Any

from common.wire import tables
from common.wire.tables import read_short_string, short_string

METHOD, HEADER, BODY = 1, 2, 3
# What a frame has beside its payload.
OVERHEAD = 8

CANCEL, CANCEL_OK = (60, 30), (60, 31)
RETURN, DELIVER = (60, 50), (60, 60)

FRAME = Struct(">BHI")
END = b"\xce"
SIGNATURE = Struct(">HH")
CONTENT = Struct(">HHQH")
TAG = Struct(">Q")
REPLY_CODE_BYTES = 2
ANSWER = Struct(">BHIHHQBB")
PUBLISH = bytes((0, 60, 0, 40, 0, 0))
MANDATORY = {False: b"\x00", True: b"\x01"}

# The properties of a message, each with its flag and its kind: short string,
# table, octet or long.
PROPERTIES = (
    (1 << 15, "content_type", "s"),
    (1 << 14, "content_encoding", "s"),
    (1 << 13, "headers", "t"),
    (1 << 12, "delivery_mode", "o"),
    (1 << 11, "priority", "o"),
    (1 << 10, "correlation_id", "s"),
    (1 << 9, "reply_to", "s"),
    (1 << 8, "expiration", "s"),
    (1 << 7, "message_id", "s"),
    (1 << 6, "timestamp", "l"),
    (1 << 5, "type", "s"),
    (1 << 4, "user_id", "s"),
    (1 << 3, "app_id", "s"),
    (1 << 2, "cluster_id", "s"),
)


def ack(channel: int, tag: int) -> bytes:
    return ANSWER.pack(METHOD, channel, 13, 60, 80, tag, 0, 0xCE)


def reject(channel: int, tag: int) -> bytes:
    """Give a message up: to the dead letters, where its queue has some."""
    return ANSWER.pack(METHOD, channel, 13, 60, 90, tag, 0, 0xCE)


def cancel(channel: int, consumer_tag: str) -> bytes:
    """Ask for no more deliveries; the broker says when it has understood."""
    method = SIGNATURE.pack(*CANCEL) + short_string(consumer_tag) + b"\x00"
    return FRAME.pack(METHOD, channel, len(method)) + method + END


def publish(
    channel: int,
    exchange: str,
    routing_key: str,
    properties: Mapping[str, Any],
    body: bytes,
    *,
    mandatory: bool = False,
    frame_max: int = 131072,
) -> bytes:
    """A ``basic.publish`` with its content."""
    names = short_string(exchange) + short_string(routing_key)
    method = PUBLISH + names + MANDATORY[mandatory]
    header = content_header(properties, len(body))
    return b"".join(
        [
            FRAME.pack(METHOD, channel, len(method)),
            method,
            END,
            FRAME.pack(HEADER, channel, len(header)),
            header,
            END,
            *body_frames(channel, body, frame_max - OVERHEAD),
        ]
    )


def body_frames(channel: int, body: bytes, most: int) -> list[bytes]:
    parts = [body[start : start + most] for start in range(0, len(body), most)]
    return [
        piece
        for part in parts
        for piece in (FRAME.pack(BODY, channel, len(part)), part, END)
    ]


def content_header(properties: Mapping[str, Any], size: int) -> bytes:
    flags, packed = 0, []
    for flag, name, kind in PROPERTIES:
        if name in properties:
            flags |= flag
            packed.append(PACK[kind](properties[name]))
    return CONTENT.pack(60, 0, size, flags) + b"".join(packed)


PACK: dict[str, Any] = {
    "s": short_string,
    "t": tables.pack,
    "o": lambda value: bytes((value,)),
    "l": TAG.pack,
}


def read_size(frame: bytes) -> int:
    """How long the body is that follows this header."""
    return CONTENT.unpack_from(frame)[2]


def read_properties(frame: bytes) -> dict[str, Any]:
    """The properties in a header; none where the sender wrote nonsense."""
    try:
        return properties_of(frame)
    except Exception:
        return {}


def properties_of(frame: bytes) -> dict[str, Any]:
    flags = CONTENT.unpack_from(frame)[3]
    properties, at = {}, CONTENT.size
    for flag, name, kind in PROPERTIES:
        if flags & flag:
            properties[name], at = READ[kind](frame, at)
    return properties


READ: dict[str, Any] = {
    "s": read_short_string,
    "t": tables.read,
    "o": lambda frame, at: (frame[at], at + 1),
    "l": lambda frame, at: (TAG.unpack_from(frame, at)[0], at + 8),
}


def read_close(frame: bytes) -> str:
    """Why the broker ends a channel or a connection, in its own words."""
    text, _ = read_short_string(frame, SIGNATURE.size + REPLY_CODE_BYTES)
    return text


def read_deliver(frame: bytes) -> tuple[str, int]:
    """The routing key and the delivery tag of a ``basic.deliver``."""
    at = 5 + frame[4]
    key = at + 10 + frame[at + 9]
    routing_key = frame[key + 1 : key + 1 + frame[key]]
    return routing_key.decode(errors="replace"), TAG.unpack_from(frame, at)[0]
