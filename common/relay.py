"""Publishes what is in an outbox, beside the work of the service that fills it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from eventlet import Timeout
from eventlet.semaphore import Semaphore
from nameko.containers import WorkerContext
from nameko_sqlalchemy.database import DatabaseWrapper
from prometheus_client import Metric
from sqlalchemy.orm import Session, sessionmaker

from common.chaos import is_stopped
from common.database import PostgresStore, transaction
from common.metrics.readings import outbox_metrics
from common.outbox import BATCH, Busy, publish_waiting, waiting_in
from common.publishing import publisher

log = logging.getLogger(__name__)

BATCH_SECONDS = 10.0
POLL_SECONDS = 1.0
# Who is at work may have looked just before what we were woken for was there.
BUSY_SECONDS = 0.05


class Rounds:
    """Publishes what waits somewhere: when woken, else once a second."""

    batch_seconds = BATCH_SECONDS
    # Fewer were all that waited; who came meanwhile has rung.
    batch = 1

    def __init__(self) -> None:
        self.bell = Semaphore(0)
        self.pause = POLL_SECONDS
        self.stopping = False

    def publish_batch(self) -> int:
        """How many were published; raises ``Busy`` when somebody else is at work."""
        raise NotImplementedError

    def wake(self) -> None:
        # Not its balance, which counts who waits as well.
        if not self.bell.counter:
            self.bell.release()

    def stop(self) -> None:
        self.stopping = True
        self.wake()

    def run(self) -> None:
        while not self.stopping:
            self.bell.acquire(timeout=self.pause)
            self.drain()

    def drain(self) -> None:
        self.pause = POLL_SECONDS
        if is_stopped("outbox"):
            return
        try:
            while self.publish_in_time() >= self.batch:
                pass
        except Busy:
            self.pause = BUSY_SECONDS
        except (Exception, Timeout) as trouble:
            log.warning("the outbox waits: %s", type(trouble).__name__)

    def publish_in_time(self) -> int:
        with Timeout(self.batch_seconds):
            return self.publish_batch()


class Relay(Rounds):
    """Publishes the outbox of one database."""

    batch = BATCH

    def __init__(
        self,
        sessions: sessionmaker[Session],
        outbox: type[Any],
        publish: Callable[[str, dict], None],
    ) -> None:
        super().__init__()
        self.sessions, self.outbox, self.publish = sessions, outbox, publish

    def publish_batch(self) -> int:
        with self.sessions() as session, session.begin():
            return publish_waiting(session, self.outbox, self.publish)


class RelayedStore(PostgresStore):
    """A database with an outbox, whose ``repository`` says when it holds news.

    A repository is made of a session and the id of the request it works for.
    """

    def __init__(
        self,
        declarative_base: type,
        outbox: type[Any],
        repository: Callable[..., Any],
    ) -> None:
        super().__init__(declarative_base)
        self.outbox, self.repository = outbox, repository

    def setup(self) -> None:
        super().setup()
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.alone = sessionmaker(
            alone, class_=self.Session.class_, expire_on_commit=False
        )
        publish = publisher(self.container.service_name)
        self.relay = Relay(self.Session, self.outbox, publish)

    def start(self) -> None:
        self.relaying = self.container.spawn_managed_thread(self.relay.run)

    def stop(self) -> None:
        self.relay.stop()
        self.relaying.wait()
        super().stop()

    def readings(self) -> list[Metric]:
        """What Prometheus is told of the database."""
        with self.Session() as session, session.begin():
            return outbox_metrics(*waiting_in(session, self.outbox))

    def get_dependency(self, worker_ctx: WorkerContext) -> "Door":
        database = super().get_dependency(worker_ctx)
        correlation_id = worker_ctx.context_data.get("request_id")
        alone = DatabaseWrapper(self.alone)
        return Door(database, alone, self.repository, self.relay.wake, correlation_id)


@dataclass(frozen=True)
class Door:
    """A worker's way to its repository, one transaction at a time."""

    database: Any
    alone: Any
    repository: Callable[..., Any]
    wake: Callable[[], None]
    correlation_id: str | None

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with transaction(self.database) as session:
            repository = self.repository(session, self.correlation_id)
            yield repository
        if repository.has_news:
            self.wake()

    @contextmanager
    def statements(self) -> Iterator[Any]:
        """Each a transaction by itself: one round trip, where else there are three."""
        with transaction(self.alone) as session:
            yield self.repository(session, self.correlation_id)
