"""What is kept is true, public, and never more than there is room for."""

import random

import pytest

from common.ids import new_id
from gateway.cache import TAG_BYTES, Cache, tags_in

TEA, MUG = new_id(), new_id()
ROOM = 10_000


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return Cache(ROOM, clock)


def keep(cache, key, *ids, size=10, seconds=2.0, answer="kept"):
    with cache.filling() as fill:
        tags = tags_in(*(name.encode() for name in ids))
        cache.keep(key, answer, fill, tags=tags, size=size, seconds=seconds)


def test_what_is_kept_is_found(cache):
    keep(cache, b"/tea", TEA)

    assert cache.find(b"/tea") == "kept"
    assert cache.find(b"/mug") is None


def test_it_is_kept_for_its_time_only(cache, clock):
    keep(cache, b"/tea", TEA)
    clock.now += 2.1

    assert cache.find(b"/tea") is None


def test_its_age_counts_from_the_question(cache, clock):
    with cache.filling() as fill:
        clock.now += 1.5
        cache.keep(b"/tea", "kept", fill, tags=frozenset(), size=1, seconds=2)
    clock.now += 1

    assert cache.find(b"/tea") is None


def test_a_change_takes_everything_that_tells_of_it(cache):
    keep(cache, b"/tea", TEA)
    keep(cache, b"/list", MUG, TEA)
    keep(cache, b"/mug", MUG)

    cache.forget([TEA])

    assert [cache.find(key) for key in (b"/tea", b"/list", b"/mug")] == [
        None,
        None,
        "kept",
    ]


def test_none_means_everything(cache):
    keep(cache, b"/tea", TEA)

    cache.forget(None)

    assert (len(cache), cache.bytes, cache.find(b"/tea")) == (0, 0, None)


@pytest.mark.parametrize("news", [[TEA], None])
def test_what_was_asked_before_a_change_is_not_kept_after_it(cache, news):
    with cache.filling() as fill:
        cache.forget(news)
        cache.keep(b"/t", "old", fill, tags=tags_in(TEA.encode()), size=1, seconds=2)

    assert cache.find(b"/t") is None


def test_news_of_something_else_do_not_matter(cache):
    with cache.filling() as fill:
        cache.forget([MUG])
        cache.keep(b"/t", "kept", fill, tags=tags_in(TEA.encode()), size=1, seconds=2)

    assert cache.find(b"/t") == "kept"


def test_a_failed_question_leaves_nothing(cache):
    with pytest.raises(ZeroDivisionError), cache.filling():
        raise ZeroDivisionError

    assert not cache._fills


def test_who_is_asked_for_least_makes_room(cache):
    for name in "abcd":
        keep(cache, name.encode(), size=ROOM // 4 - 2)
    cache.find(b"a")

    keep(cache, b"e", size=ROOM // 4 - 2)

    assert cache.find(b"b") is None
    assert cache.find(b"a") == cache.find(b"e") == "kept"


def test_what_is_larger_than_all_the_room_is_not_kept(cache):
    keep(cache, b"small", size=10)
    keep(cache, b"large", size=ROOM + 1)

    assert cache.find(b"small") == "kept"
    assert cache.find(b"large") is None


def test_a_key_and_its_tags_take_room_too(cache):
    keep(cache, b"k" * 100, TEA, size=10)

    assert cache.bytes == 10 + 200 + TAG_BYTES
    keep(cache, b"k" * ROOM, size=10)
    assert len(cache) == 1


def test_what_is_over_is_dropped_when_it_is_found(cache, clock):
    keep(cache, b"/tea", TEA)
    clock.now += 2.1
    cache.find(b"/tea")

    assert (len(cache), cache.bytes) == (0, 0)


def test_what_is_over_is_dropped_when_more_comes(cache, clock):
    keep(cache, b"/tea")
    keep(cache, b"/mug")
    clock.now += 2.1
    keep(cache, b"/cup")

    assert len(cache) == 1


def test_without_room_nothing_is_kept(clock):
    cache = Cache(0, clock)
    keep(cache, b"/tea", size=1)

    assert len(cache) == 0


def test_the_books_are_right_after_many_turns(cache):
    dice = random.Random(7)  # noqa: S311
    ids = [new_id() for _ in range(20)]
    for _ in range(20_000):
        some = dice.sample(ids, dice.randrange(4))
        if dice.random() < 0.2:
            cache.forget(some)
        else:
            size = dice.randrange(1, 2000)
            keep(cache, dice.choice(ids).encode(), *some, size=size)

    assert cache.bytes == sum(kept.size for kept in cache._kept.values()) <= ROOM
    tagged = {(tag, key) for tag, keys in cache._tagged.items() for key in keys}
    kept = {(tag, key) for key, one in cache._kept.items() for tag in one.tags}
    assert tagged == kept


def test_every_identity_in_a_text_is_a_tag():
    found = tags_in(f"/v1/products/{TEA}".encode(), f'{{"id":"{MUG}"}}'.encode())

    assert found == {TEA.encode(), MUG.encode()}
