"""A relay works when it is woken, and not only when it looks by itself."""

import eventlet
import pytest

from common.outbox import Busy
from common.relay import BUSY_SECONDS, POLL_SECONDS, Relay


class Waiting(Relay):
    """A relay whose outbox is told what it has to say."""

    def __init__(self):
        super().__init__(None, None, None)
        self.looked, self.said = eventlet.Queue(), []

    def publish_batch(self):
        self.looked.put(self.pause)
        if self.said:
            raise self.said.pop(0)
        return 0


@pytest.fixture
def relay():
    relay = Waiting()
    running = eventlet.spawn(relay.run)
    eventlet.sleep()
    yield relay
    relay.stop()
    running.wait()


def looked(relay, seconds):
    """Whether it looks into its outbox within so many seconds."""
    with eventlet.Timeout(seconds, False):
        relay.looked.get()
        return True
    return False


def test_it_looks_as_soon_as_it_is_woken(relay):
    for _ in range(3):
        relay.wake()
        assert looked(relay, POLL_SECONDS / 2)


def test_it_is_woken_once_for_all_that_came_before_it_looks(relay):
    for _ in range(3):
        relay.wake()

    assert looked(relay, POLL_SECONDS / 2)
    assert not looked(relay, POLL_SECONDS / 2)


def test_it_looks_by_itself_now_and_then(relay):
    assert looked(relay, POLL_SECONDS * 2)


@pytest.mark.parametrize("trouble", [ConnectionError(), eventlet.Timeout()])
def test_trouble_does_not_stop_it(relay, trouble):
    relay.said.append(trouble)
    relay.wake()
    assert looked(relay, POLL_SECONDS / 2)

    relay.wake()

    assert looked(relay, POLL_SECONDS / 2)


def test_while_another_is_at_work_it_looks_again_soon(relay):
    relay.said.append(Busy())
    relay.wake()
    assert looked(relay, POLL_SECONDS / 2)

    assert looked(relay, POLL_SECONDS / 2)
    assert BUSY_SECONDS < POLL_SECONDS / 2
