"""A database with an outbox, and the relay that publishes what it holds."""

from typing import Any

from nameko.standalone.events import event_dispatcher

from common.database import PostgresStore
from common.outbox import Relay


class RelayedStore(PostgresStore):
    """``self.relay.wake()`` says that the outbox has something new."""

    def __init__(self, declarative_base: type, outbox: type[Any]) -> None:
        super().__init__(declarative_base)
        self.outbox = outbox

    def setup(self) -> None:
        super().setup()
        dispatch, source = event_dispatcher(), self.container.service_name
        self.relay = Relay(
            self.Session, self.outbox, lambda kind, body: dispatch(source, kind, body)
        )

    def start(self) -> None:
        self.relaying = self.container.spawn_managed_thread(self.relay.run)

    def stop(self) -> None:
        self.relay.stop()
        self.relaying.wait()
        super().stop()
