"""Work side by side is waited for, whatever happens to whoever handed it out."""

import eventlet
import pytest

from common.threads import at_once


def test_what_was_begun_is_finished_even_if_there_is_no_next():
    finished = []

    def work(item):
        eventlet.sleep(0)
        finished.append(item)

    def items():
        yield 1
        yield 2
        raise OSError("no next")

    with pytest.raises(OSError, match="no next"):
        at_once(work, items())

    assert finished == [1, 2]


def test_no_more_than_so_many_work_at_once():
    working, seen = [], []

    def work(item):
        working.append(item)
        seen.append(len(working))
        eventlet.sleep(0)
        working.remove(item)

    at_once(work, range(10), 3)

    assert (len(seen), max(seen)) == (10, 3)
