"""A client in a Nameko worker that always has the same number of calls in flight."""

from collections.abc import Callable
from typing import Any

import eventlet

from bench.tally import IN_FLIGHT, VALUE, Tally

BREATH_SECONDS = 0.01


def keep_asking(call: Callable[..., Any]) -> None:
    tally = Tally.asked_for()
    pool = eventlet.GreenPool(IN_FLIGHT)
    for _ in range(IN_FLIGHT):
        pool.spawn_n(ask, call, tally)
    pool.waitall()


def ask(call: Callable[..., Any], tally: Tally) -> None:
    while not tally.is_full:
        began = tally.clock()
        try:
            is_echo = call(value=VALUE) == VALUE
        except Exception:
            is_echo = False
        if is_echo:
            tally.add(began)
        else:
            # The next try may have an answer, if it has some time to come.
            tally.fail()
            eventlet.sleep(BREATH_SECONDS)
