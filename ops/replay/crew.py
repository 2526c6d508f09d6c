"""A few hands that work through a pile at the same time."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from ops.replay.refusals import Refused

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Crew:
    """Daemons rather than a pool, whose threads the interpreter would wait for.

    Who presses Ctrl-C while the gateway hangs wants to leave now.
    """

    hands: int

    def each(
        self, items: Collection[T], work: Callable[[T], R]
    ) -> Iterator[tuple[T, R | Refused]]:
        """Yield every item with what came of it, the quickest first."""
        pile, done = deque(items), SimpleQueue[tuple[T, R | Exception]]()
        try:
            for _ in range(min(self.hands, len(items))):
                Thread(target=labour, args=(pile, work, done), daemon=True).start()
            for _ in range(len(items)):
                yield finished(*done.get())
        finally:
            pile.clear()


def labour(
    pile: deque[T],
    work: Callable[[T], R],
    done: "SimpleQueue[tuple[T, R | Exception]]",
) -> None:
    while pile:
        try:
            item = pile.popleft()
        except IndexError:  # another hand took the last one
            return
        done.put((item, attempt(work, item)))


def attempt(work: Callable[[T], R], item: T) -> R | Exception:
    """No failure may die with its thread: somebody waits for every item."""
    try:
        return work(item)
    except Exception as exc:
        return exc


def finished(item: T, outcome: R | Exception) -> tuple[T, R | Refused]:
    """A refusal is an outcome; anything else is a fault of ours."""
    if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
        raise outcome
    return item, outcome
