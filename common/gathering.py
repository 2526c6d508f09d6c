"""One read for everybody who asks at the same time."""

from collections.abc import Callable, Mapping
from typing import Any

import eventlet
from eventlet.event import Event

from common import tracing

# More than one, so that a read that hangs does not hold up all others.
READERS = 2
MOST = 200


class Asked(Event):
    """A read that several may wait for belongs to the trace of the first of them."""

    def __init__(self) -> None:
        super().__init__()
        self.span = tracing.current()
        # Whether it is a reason to read; else it waits for the read of others.
        self.pressing = False


class Gathering:
    """``get(key)`` is what ``read(keys)`` finds for it, or None.

    While a read is under way, those who ask gather for the next one.  Nobody
    joins a read that has begun: what they get is never older than their asking.
    Who asks with ``patience`` waits so many seconds for others to share a read with.
    """

    def __init__(
        self,
        read: Callable[[list[Any]], Mapping[Any, Any]],
        most_readers: int = READERS,
        weigh: Callable[[Any], float] = lambda key: 1,
    ) -> None:
        self.read, self.most_readers, self.weigh = read, most_readers, weigh
        self.readers = 0
        self.waiting: dict[Any, Asked] = {}

    def get(self, key: Any, patience: float = 0.0) -> Any:
        found = self.waiting.get(key)
        if found is None:
            found = self.waiting[key] = Asked()
            if patience:
                eventlet.spawn_after(patience, self.press, key)
        if not patience:
            self.press(key)
        return found.wait()

    def press(self, key: Any) -> None:
        """Have it read, unless somebody does already."""
        asked = self.waiting.get(key)
        if asked is None or asked.pressing:
            return
        asked.pressing = True
        if self.readers < self.most_readers:
            self.readers += 1
            eventlet.spawn_n(self.serve)

    def serve(self) -> None:
        try:
            while any(each.pressing for each in self.waiting.values()):
                self.answer(self.take())
        finally:
            self.readers -= 1

    def take(self) -> dict[Any, Asked]:
        """The one who waits longest, then the lightest of all others that fit."""
        first, *others = self.waiting
        keys, left = [first], MOST - self.weigh(first)
        for key in sorted(others, key=self.weigh):
            left -= self.weigh(key)
            if left < 0:
                break
            keys.append(key)
        return {key: self.waiting.pop(key) for key in keys}

    def answer(self, asked: dict[Any, Asked]) -> None:
        first = next(iter(asked.values()))
        try:
            with tracing.under(first.span):
                found = self.read(list(asked))
        except Exception as trouble:
            for event in asked.values():
                event.send_exception(trouble)
        else:
            for key, event in asked.items():
                event.send(found.get(key))
