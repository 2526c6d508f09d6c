"""Work beside the other work: in native threads, or waiting side by side."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from eventlet import GreenPool, tpool

from common import tracing

# All but one of the processors: the last is for those who wait for less.
tpool.set_num_threads(max(1, (os.cpu_count() or 2) - 1))


def in_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Run ``work(*args)`` in a native thread while other requests go on."""
    return tpool.execute(work, *args)


def at_once(work: Callable[[Any], None], items: Iterable[Any], most: int = 1000) -> int:
    """Run ``work`` for all items, up to ``most`` side by side, until all are done.

    How many there were.

    An item is taken when there is room for it.  Whoever is at work is waited for even
    if ``items`` raises: what they work with is taken from them when the caller ends,
    and a connection that two of them hold at once stops the whole process.
    """
    pool, span, count = GreenPool(most), tracing.current(), 0

    def traced(item: Any) -> None:
        with tracing.under(span):
            work(item)

    try:
        for item in items:
            pool.spawn_n(traced, item)
            count += 1
    finally:
        pool.waitall()
    return count
