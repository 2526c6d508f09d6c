"""Nameko's consumer, except that it loses nothing and comes back quickly."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import eventlet
from amqp.exceptions import AMQPError
from nameko.amqp.consume import Consumer

log = logging.getLogger(__name__)

# How often an idle consumer looks whether it has been asked to stop.
LOOK_SECONDS = 0.5
RETRY = {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}


class DrainingConsumer(Consumer):
    """Finishes what it has begun before it hangs up.

    Nameko hangs up within a second, so that what is still being handled can
    not be acknowledged and is handled twice.  What comes in while we stop is
    kept, not given back: it would only come again at once.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.draining = self.cancelled = self.wary = self.settled = False
        self.running: set[Any] = set()

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        with self.create_connection() as connection:
            connection.ensure_connection(self.on_connection_error, **RETRY)
            yield connection

    def get_consumers(self, consumer_cls: Any, channel: Any) -> list[Any]:
        # What was running belongs to a connection that is gone.
        self.running, self.cancelled = set(), False
        [self.tap] = super().get_consumers(consumer_cls, channel)
        if self.wary:
            self.tap.qos(prefetch_count=1)
        return [self.tap]

    def run(self, **options: Any) -> None:
        """Consume until we are stopped, whatever comes in.

        A message that py-amqp itself cannot read ends the connection, and after
        as many times as its queue allows it is given up.  Until then they come
        one by one, so that no other is given up with it.
        """
        while not self.should_stop:
            try:
                super().run(safety_interval=LOOK_SECONDS, **options)
            except Exception:
                log.exception("a connection to the broker has failed")
                self.wary, self.settled = True, False
                eventlet.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        self.draining = True

    def on_iteration(self) -> None:
        if self.wary and self.settled:
            self.wary = False
            self.tap.qos(prefetch_count=self.prefetch_count)
        if self.draining:
            self.cancel()
            self.should_stop = not self.running
        elif self.held() != self.cancelled:
            self.resume() if self.cancelled else self.cancel()

    def held(self) -> bool:
        """Whether nothing is to be consumed for the time being."""
        return False

    def resume(self) -> None:
        self.cancelled = False
        self.tap._active_tags.clear()
        self.tap.consume()

    def cancel(self) -> None:
        """Ask for no more, without waiting for a broker that may be away."""
        if not self.cancelled:
            self.cancelled = True
            for tag in self.tap._active_tags.values():
                self.tap.channel.basic_cancel(tag, nowait=True)

    def on_message(self, body: Any, message: Any) -> None:
        if self.draining:
            return
        if self.held():
            # It came before anybody looked whether to go on.
            self.cancel()
            message.requeue()
            return
        self.running.add(message)
        super().on_message(body, message)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Give up what nobody can read; kombu would acknowledge it in silence."""
        log.warning("a message cannot be read: %s", type(exc).__name__)
        message.reject()

    def requeue_message(self, message: Any) -> None:
        """Leave it: the broker takes it back when we are gone."""

    def ack_message(self, message: Any) -> None:
        self.settle(message, message.ack)

    def reject_message(self, message: Any) -> None:
        self.settle(message, message.reject)

    def settle(self, message: Any, how: Any) -> None:
        self.running.discard(message)
        self.settled = True
        if message.channel.connection:
            with suppress(AMQPError, OSError):
                how()
