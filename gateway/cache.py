"""Public answers, kept in bounded memory for the moment that they are true.

Everything kept is tagged with the identities it tells of.  When one of them
changes, all that is tagged with it is forgotten, and what is just being
fetched is not kept either: it may have been read before the change.
"""

import re
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from common.ids import SHAPE

IDENTITY = re.compile(SHAPE.pattern.encode())
# What the books take, as measured: for a tag a set of its own, and a key twice.
TAG_BYTES = 400
KEY_TIMES = 2


def tags_in(*texts: bytes) -> frozenset[bytes]:
    """Every identity that is named, whatever it is of."""
    return frozenset(tag for text in texts for tag in identities(text))


def identities(text: bytes) -> Iterator[bytes]:
    return (found[0] for found in IDENTITY.finditer(text))


@dataclass(slots=True)
class Kept:
    answer: Any
    tags: frozenset[bytes]
    size: int
    until: float


@dataclass(slots=True, eq=False)
class Fill:
    """A question that is under way, and what has changed since it was asked."""

    began: float
    changed: set[bytes] = field(default_factory=set)
    everything_changed: bool = False

    def outdates(self, tags: frozenset[bytes]) -> bool:
        return self.everything_changed or not self.changed.isdisjoint(tags)


class Cache:
    """At most ``most_bytes`` of answers; those asked for least go first."""

    def __init__(
        self, most_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most_bytes, self.clock = most_bytes, clock
        # A fault on purpose: see docs/chaos.md.
        self.keep_nothing = False
        self.bytes = self.hits = self.misses = 0
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._tagged: defaultdict[bytes, set[bytes]] = defaultdict(set)
        self._fills: set[Fill] = set()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes) -> Any:
        """What is kept under ``key`` and still true, or None."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until < self.clock():
            self.drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.answer

    @contextmanager
    def filling(self) -> Iterator[Fill]:
        """While the shop is asked for something that ``keep`` may then be given."""
        fill = Fill(self.clock())
        self._fills.add(fill)
        try:
            yield fill
        finally:
            self._fills.discard(fill)

    def keep(
        self,
        key: bytes,
        answer: Any,
        fill: Fill,
        *,
        tags: frozenset[bytes],
        size: int,
        seconds: float,
    ) -> None:
        """Keep ``answer``, of ``size``, until ``seconds`` after it was asked for."""
        size += KEY_TIMES * len(key) + TAG_BYTES * len(tags)
        if self.keep_nothing or fill.outdates(tags) or size > self.most_bytes:
            return
        self.drop(key)
        self._kept[key] = Kept(answer, tags, size, fill.began + seconds)
        self.bytes += size
        for tag in tags:
            self._tagged[tag].add(key)
        self.make_room()

    def make_room(self) -> None:
        """Drop those asked for least, while they are over or there are too many."""
        now = self.clock()
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if self.bytes <= self.most_bytes and kept.until >= now:
                return
            self.drop(key)

    def drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self.bytes -= kept.size
        for tag in kept.tags:
            self._tagged[tag].discard(key)
            if not self._tagged[tag]:
                del self._tagged[tag]

    def forget(self, ids: Iterable[str] | None) -> None:
        """Forget what tells of ``ids``; None means everything."""
        if ids is None:
            self.forget_everything()
            return
        tags = {name.encode() for name in ids}
        for fill in self._fills:
            fill.changed |= tags
        for tag in tags & self._tagged.keys():
            for key in list(self._tagged.get(tag, ())):
                self.drop(key)

    def forget_everything(self) -> None:
        for fill in self._fills:
            fill.everything_changed = True
        self._kept.clear()
        self._tagged.clear()
        self.bytes = 0
