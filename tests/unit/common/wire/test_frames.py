"""Our frames and py-amqp's say the same."""

from types import SimpleNamespace

import pytest
from amqp.basic_message import Message
from amqp.method_framing import frame_handler, frame_writer
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from common.wire import frames, tables
from common.wire.content import Content

words = st.text(max_size=60)
short = st.text(max_size=20)
values = st.recursive(
    words | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
headers = st.dictionaries(short, values, max_size=6)


def split(data):
    """``(kind, channel, payload)`` of each frame in ``data``."""
    found, at = [], 0
    while at < len(data):
        kind, channel, size = frames.FRAME.unpack_from(data, at)
        end = at + frames.FRAME.size + size
        assert data[end] == 0xCE
        found.append((kind, channel, data[at + frames.FRAME.size : end]))
        at = end + 1
    return found


def written_by_amqp(body, properties, frame_max=131072):
    sent = []
    connection = SimpleNamespace(frame_max=frame_max, bytes_sent=0)
    transport = SimpleNamespace(write=lambda data: sent.append(bytes(data)))
    write = frame_writer(connection, transport)
    deliver = dumps("sLbss", ["tag", 7, False, "nameko-rpc", "service.method"])
    write(1, 1, frames.DELIVER, deliver, Message(body, **properties))
    return b"".join(sent)


def received(data):
    content = None
    for kind, _, payload in split(data):
        if kind == frames.METHOD:
            content = Content(frames.SIGNATURE.unpack_from(payload), payload)
        elif content.complete(kind, payload):
            return content
    raise AssertionError("no whole message")


@given(headers)
def test_a_table_is_read_as_it_was_packed(table):
    packed = tables.pack(table)

    assert tables.read(packed, 0) == (table, len(packed))


@given(headers)
def test_py_amqp_reads_our_tables(table):
    message = Message()
    packed = frames.content_header({"headers": table, "reply_to": "me"}, 3)
    message.inbound_header(packed)

    assert message.properties == {"application_headers": table, "reply_to": "me"}


@pytest.mark.parametrize("other", [{"a": 1.5}, {"a": {"b": 1}}, {"a": [{"b": []}]}])
def test_a_table_of_other_things_is_left_to_py_amqp(other):
    packed = tables.pack(other)

    assert tables.read(packed, 0) == (other, len(packed))


@given(st.binary(max_size=300), headers, short)
def test_we_read_what_py_amqp_writes(body, table, correlation_id):
    properties = {
        "application_headers": table,
        "correlation_id": correlation_id,
        "content_type": "application/json",
        "delivery_mode": 2,
        "expiration": "250",
    }

    content = received(written_by_amqp(body, properties))

    assert content.body == body
    assert content.properties == {
        "headers": table,
        "correlation_id": correlation_id,
        "content_type": "application/json",
        "delivery_mode": 2,
        "expiration": "250",
    }
    assert frames.read_deliver(content.frame) == ("service.method", 7)


@given(st.binary(max_size=9000))
def test_py_amqp_reads_what_we_write_in_frames_it_takes(body):
    data = frames.publish(
        1, "nameko-rpc", "a.b", {"reply_to": "me"}, body, mandatory=True, frame_max=4096
    )

    heard = []
    connection = SimpleNamespace(bytes_recv=0)
    # A publish seen from the other side has the shape of a delivery.
    handle = frame_handler(
        connection,
        lambda channel, method, args, message: heard.append(message),
        content_methods={(60, 40)},
    )
    for frame in split(data):
        assert len(frame[2]) <= 4096 - frames.OVERHEAD
        handle(frame)

    assert [message.body or b"" for message in heard] == [body]
    assert heard[0].properties == {"reply_to": "me"}


@given(st.binary(max_size=200))
def test_nonsense_in_a_header_is_no_property(noise):
    header = frames.CONTENT.pack(60, 0, 0, 0xFFFC) + noise

    assert isinstance(frames.read_properties(header), dict)


def test_the_broker_says_why_it_closes():
    text = b"ACCESS_REFUSED - no"
    close = b"\x00\x14\x00\x28" + b"\x01\x93" + bytes([len(text)]) + text + b"\0\0\0\0"

    assert frames.read_close(close) == "ACCESS_REFUSED - no"
