"""Of all who ask the same at the same time, one goes and the others wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eventlet.event import Event

from common.errors import deadline_exceeded


class Flight:
    """``answer`` is for all who waited; None when there is none to share.

    One that is ``outdated`` is only for those who came before the flight took off.
    """

    answer: Any = None
    outdated = False

    def __init__(self) -> None:
        self.landed = Event()


class Flights:
    def __init__(self) -> None:
        self._under_way: dict[bytes, Flight] = {}

    def wait_for(self, key: bytes, seconds: float) -> Flight | None:
        """Another's flight, when it has ended; None at once when there is none.

        Raises ``Unavailable`` when it takes longer than ``seconds``.
        """
        flight = self._under_way.get(key)
        if flight is None:
            return None
        if seconds <= 0 or not flight.landed.wait(timeout=seconds):
            raise deadline_exceeded()
        return flight

    @contextmanager
    def flying(self, key: bytes) -> Iterator[Flight]:
        flight = self._under_way[key] = Flight()
        try:
            yield flight
        finally:
            del self._under_way[key]
            flight.landed.send(True)
