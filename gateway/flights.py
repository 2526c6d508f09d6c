"""Of all who ask the same at the same time, one goes and the others wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventlet.event import Event

from common.errors import deadline_exceeded


class Flights:
    def __init__(self) -> None:
        self._under_way: dict[bytes, Event] = {}

    def wait_for(self, key: bytes, seconds: float) -> bool:
        """Wait until another's flight ends; False at once when there is none.

        Raises ``Unavailable`` when it takes longer than ``seconds``.
        """
        landed = self._under_way.get(key)
        if landed is None:
            return False
        if seconds <= 0 or not landed.wait(timeout=seconds):
            raise deadline_exceeded()
        return True

    @contextmanager
    def flying(self, key: bytes) -> Iterator[None]:
        landed = self._under_way[key] = Event()
        try:
            yield
        finally:
            del self._under_way[key]
            landed.send(True)
