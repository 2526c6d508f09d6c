"""A kept connection to the broker: one reader, one writer, opened again when lost.

py-amqp opens it and lays out its channels.  From then on frames are read and
written here: everything that is due goes out in one write, and whatever makes
the connection doubtful ends it, so that nobody waits on a dead one.
"""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol

import amqp
import eventlet
from amqp.exceptions import AMQPError
from eventlet.event import Event
from nameko import config

from common.wire import frames
from common.wire.connection import CONNECT_SECONDS, Writer, connection_to, shut
from common.wire.content import Content

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
CHUNK = 256 * 1024
HEARTBEAT = bytes((8, 0, 0, 0, 0, 0, 0, 0xCE))

CONNECTION_CLOSE = (10, 50)
BLOCKED, UNBLOCKED = (10, 60), (10, 61)
CHANNEL_CLOSE = (20, 40)
WITH_CONTENT = (frames.DELIVER, frames.RETURN)


class Lost(Exception):
    """The connection is gone, or not to be trusted any more."""


class Listener(Protocol):
    """Who uses a line, and is told what happens on it."""

    def opened(self, connection: amqp.Connection) -> None: ...
    def delivered(self, key: str, tag: int, properties: dict, body: bytes) -> None: ...
    def returned(self, properties: dict) -> None: ...
    def blocked(self) -> None: ...
    def lost(self) -> None: ...


class Line:
    """``run`` keeps it open; ``write`` sends; ``listener`` hears."""

    def __init__(self, name: str, listener: Listener) -> None:
        self.name, self.listener = name, listener
        self.frame_max = 0
        self.blocked = False
        self.closing = False
        self.writer: Writer | None = None
        self.partial: dict[int, Content] = {}
        self.first_opened = Event()

    @property
    def open(self) -> bool:
        return self.writer is not None and not self.blocked

    def start(self, container: Any) -> None:
        """Open it, and return when it is open."""
        self.running = container.spawn_managed_thread(self.run)
        self.first_opened.wait()

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self.closing:
            try:
                with self.connection() as sock:
                    pause = FIRST_PAUSE
                    self.read(sock)
            except (AMQPError, OSError, Lost, eventlet.Timeout) as trouble:
                if not self.closing:
                    why = str(trouble) if isinstance(trouble, Lost) else ""
                    log.warning(
                        "%s lost the broker: %s",
                        self.name,
                        why or type(trouble).__name__,
                    )
            if not self.closing:
                eventlet.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
                pause = min(2 * pause, LONGEST_PAUSE)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """The socket of a connection that is laid out, until it is lost."""
        connection = connection_to(config["AMQP_URI"], self.name)
        try:
            with eventlet.Timeout(CONNECT_SECONDS):
                connection.connect()
                self.listener.opened(connection)
            self.take_over(connection)
            yield connection.transport.sock
        finally:
            self.hang_up()
            # Or TLS would wait for the broker to say good-bye.
            if connection._transport and connection._transport.sock:
                shut(connection._transport.sock)
            connection.collect()

    def take_over(self, connection: amqp.Connection) -> None:
        sock = connection.transport.sock
        self.frame_max = connection.frame_max
        self.writer = Writer(sock)
        self.unread = bytes(connection.transport._read_buffer)
        self.beating = eventlet.spawn(self.beat, sock, connection.heartbeat)
        if not self.first_opened.ready():
            self.first_opened.send()

    def close(self) -> None:
        """Hang up for good, after what is still to be written."""
        self.closing = True
        with eventlet.Timeout(CONNECT_SECONDS, False):
            while self.writer and self.writer.busy:
                eventlet.sleep(0)
        self.hang_up()
        self.running.wait()

    def hang_up(self) -> None:
        writer, self.writer = self.writer, None
        if writer is None:
            return
        self.beating.kill()
        shut(writer.sock)
        self.blocked, self.partial = False, {}
        self.listener.lost()

    def write(self, data: bytes) -> None:
        """Send ``data``, with whatever else is sent before anybody waits."""
        if self.writer is None:
            raise Lost
        self.writer.write(data)

    def beat(self, sock: Any, seconds: float) -> None:
        """Show that we live, and give the broker up when it does not."""
        self.heard_at = monotonic()
        while monotonic() - self.heard_at < 2 * seconds:
            self.write(HEARTBEAT)
            eventlet.sleep(seconds / 2)
        shut(sock)

    # Reading.

    def read(self, sock: Any) -> None:
        buffer = self.unread
        while True:
            at, size = 0, len(buffer)
            while size - at >= frames.OVERHEAD:
                kind, channel, length = frames.FRAME.unpack_from(buffer, at)
                end = at + frames.FRAME.size + length
                if end >= size:
                    break
                self.take(kind, channel, buffer[at + frames.FRAME.size : end])
                at = end + 1
            data = sock.recv(CHUNK)
            if not data:
                raise Lost
            self.heard_at = monotonic()
            buffer = buffer[at:] + data

    def take(self, kind: int, channel: int, frame: bytes) -> None:
        if kind == frames.METHOD:
            method = frames.SIGNATURE.unpack_from(frame)
            if method in WITH_CONTENT:
                self.partial[channel] = Content(method, frame)
            else:
                self.obey(method, frame)
        elif kind in (frames.HEADER, frames.BODY):
            content = self.partial[channel]
            if content.complete(kind, frame):
                del self.partial[channel]
                self.hear(content)

    def hear(self, content: Content) -> None:
        properties = content.properties
        try:
            if content.method == frames.DELIVER:
                key, tag = frames.read_deliver(content.frame)
                self.listener.delivered(key, tag, properties, content.body)
            else:
                self.listener.returned(properties)
        except Lost:
            raise
        except Exception:
            log.exception("%s could not take a message", self.name)

    def obey(self, method: tuple[int, int], frame: bytes) -> None:
        if method == BLOCKED:
            self.blocked = True
            log.warning("%s is blocked by the broker", self.name)
            self.listener.blocked()
        elif method == UNBLOCKED:
            self.blocked = False
        elif method == frames.CANCEL_OK:
            self.cancelled.send()
        elif method in (CONNECTION_CLOSE, CHANNEL_CLOSE):
            raise Lost(frames.read_close(frame))
        elif method == frames.CANCEL:
            raise Lost("its queue is gone")

    def cancel(self, channel: int, consumer_tag: str) -> None:
        """Have no more deliveries; returns when the broker knows."""
        self.cancelled = Event()
        self.write(frames.cancel(channel, consumer_tag))
        with eventlet.Timeout(CONNECT_SECONDS, False):
            self.cancelled.wait()
