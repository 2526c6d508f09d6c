import sys
from time import monotonic, sleep

import pytest

from ops.errors import Problem
from ops.stack.child import Command, end
from ops.stack.crew import FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS, Crew


@pytest.fixture
def crew(tmp_path):
    crew = Crew()
    words = [sys.executable, "-c", "raise SystemExit('bad day')"]
    crew.hire(Command("it.1", words, tmp_path / "it.log", tmp_path))
    yield crew
    end(crew.children)


def die(post, now):
    while post.child.alive:
        sleep(0.01)
    return post.tend(now)


def test_the_dead_are_replaced_after_a_while(crew, capsys):
    (post,) = crew.posts
    first, now = post.child, monotonic()
    assert not die(post, now)
    assert "bad day" in capsys.readouterr().out
    assert not post.tend(now + FIRST_DELAY / 2)
    assert post.tend(now + FIRST_DELAY)
    assert post.child is not first


def test_who_dies_again_and_again_waits_longer_and_longer(crew):
    (post,) = crew.posts
    now, delays = monotonic(), []
    for _ in range(6):
        die(post, now)
        delays.append(post.vacant_until - now)
        now = post.vacant_until
        post.tend(now)
    assert delays == pytest.approx([0.5, 1, 2, 4, 8, LONGEST_DELAY])
    die(post, now)
    with pytest.raises(Problem, match=r"it\.1 died 5 times within a minute: bad day"):
        crew.demand_steady()


def test_who_has_lasted_is_replaced_at_once(crew):
    (post,) = crew.posts
    now = monotonic()
    die(post, now)
    post.tend(now + FIRST_DELAY)
    later = now + FIRST_DELAY + STEADY_SECONDS
    die(post, later)
    assert post.vacant_until - later == pytest.approx(FIRST_DELAY)


def test_what_was_started_again_is_written_down(crew):
    (post,) = crew.posts
    assert crew.saved()[0]["restarts"] == 0
    now = monotonic()
    die(post, now)
    post.tend(now + FIRST_DELAY)

    (saved,) = crew.saved()

    assert saved["restarts"] == 1
    assert saved["pid"] == post.child.process.pid
    assert "it exited with code 1: bad day" in saved["last_end"]
