"""The terminal's table fits into 80 columns and tells what the page tells."""

from io import StringIO

import pytest
from rich.console import Console

from ops.console import words
from ops.console.terminal import screen
from tests.watched import ERROR, Watched, watching


def shown(**changes):
    shop = Watched()
    gatherer, clock = watching(shop)
    gatherer.look()
    vars(shop).update(changes)
    clock.seconds += 5
    out = StringIO()
    Console(file=out, width=80).print(screen(gatherer.look(), "ShopNow local"))
    return out.getvalue()


def test_it_tells_what_the_page_tells():
    told = shown(good=40, lines=[ERROR])

    for fact in ("8 requests/s", "all is well", "gateway", "11815", "redis",
                 "GET /v1/products", "rpc-order_service", "place_order"):  # fmt: skip
        assert fact in told


def test_it_fits_however_long_the_words_are():
    long = ERROR | {"message": "word " * 40}
    told = shown(good=40, lines=[long], passing=False, kv={"chaos/payment": "x" * 100})

    assert max(map(len, told.splitlines())) <= 80
    assert "✕ gateway 11815 is critical" in told


def test_what_a_process_says_does_not_colour_the_terminal():
    assert "[red]no[/red]" in shown(lines=[ERROR | {"message": "[red]no[/red]"}])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "\N{EN DASH}"),
        (0, "0 ms"),
        (0.0034, "3.4 ms"),
        (0.34, "340 ms"),
        (1.23, "1.2 s"),
        (247, "4 m 07 s"),
        (11_100, "3 h 05 m"),
        (187_300, "2 d 4 h"),
    ],
)
def test_durations_are_told_as_people_say_them(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.00001, "< 0.01 %"), (0.3562, "35.62 %"), (1, "100 %")],
)
def test_a_share_is_nothing_only_when_it_is(share, said):
    assert words.percent(share) == said
