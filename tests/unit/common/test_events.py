"""A handler gets its tries, each later than the one before."""

from itertools import pairwise

import pytest

from common import events
from common.errors import Conflict, Unavailable
from common.events import LONGEST_PAUSE, TRIES, outlasting_outages, persevering


class Handler:
    """Fails with each of ``troubles``, then no more."""

    __name__ = "handler"

    def __init__(self, *troubles):
        self.troubles, self.tried = list(troubles), 0

    def __call__(self):
        self.tried += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return "done"


@pytest.fixture
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(events.time, "sleep", slept.append)
    return slept


def test_a_handler_that_fails_is_tried_again(pauses):
    handler = Handler(ValueError(), Conflict("gone", "Gone"))

    assert persevering(handler)() == "done"
    assert handler.tried == 3


def test_it_is_tried_five_times_with_growing_pauses(pauses):
    handler = Handler(*[ValueError(number) for number in range(10)])

    with pytest.raises(ValueError, match="4"):
        persevering(handler)()

    assert handler.tried == TRIES == 5
    assert len(pauses) == TRIES - 1
    assert all(later > sooner for sooner, later in pairwise(pauses))


def test_a_store_that_is_away_uses_up_no_try(pauses):
    away = [Unavailable("service_unavailable", "Away") for _ in range(20)]
    handler = Handler(*away)

    assert persevering(outlasting_outages(handler))() == "done"
    assert max(pauses) == LONGEST_PAUSE
