import io

import pytest
from rich.console import Console
from rich.progress import Progress

from ops.replay.progress import Bars, Lines, RateColumn, for_stderr, rate


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_phase_ends_with_a_line_and_a_rate(capsys):
    clock = Clock()

    with Lines(clock).phase("orders", 1_500) as advance:
        for _ in range(1_500):
            advance()
        clock.now += 3

    out, err = capsys.readouterr()
    assert out == ""
    assert err == "orders: 1,500/1,500 in 3.0 s (500.0/s)\n"


def test_a_long_phase_is_heard_of_every_ten_seconds(capsys):
    clock = Clock()

    with Lines(clock).phase("orders", 30) as advance:
        for _ in range(30):
            clock.now += 1
            advance()

    said = capsys.readouterr().err.splitlines()
    assert said[:3] == [f"orders: {n}/30 in {n}.0 s (1.0/s)" for n in (10, 20, 30)]
    assert len(said) == 4


def test_no_time_is_no_rate(capsys):
    with Lines(Clock()).phase("orders", 0):
        pass

    assert capsys.readouterr().err == "orders: 0/0 in 0.0 s (0.0/s)\n"


def test_a_terminal_sees_a_bar_with_count_and_rate():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)

    with Bars(console).phase("orders", 2) as advance:
        advance()
        advance()

    drawn = console.file.getvalue()
    assert "orders" in drawn
    assert "2/2" in drawn
    assert "/s" in drawn


def test_two_phases_follow_each_other_on_one_terminal():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    bars = Bars(console)

    for name in ("sellers", "products"):
        with bars.phase(name, 1) as advance:
            advance()

    assert "products" in console.file.getvalue()


@pytest.mark.parametrize(
    ("done", "seconds", "shown"),
    [
        (1, 0.25, "4.0/s"),
        (1, 0.0005, "2,000.0/s"),
        (1, 25.0, "0.04/s"),
        (0, 3.0, "0.0/s"),
    ],
)
def test_a_rate_is_that_of_the_time_it_took(done, seconds, shown):
    assert rate(done, seconds) == shown


def test_a_phase_of_one_has_a_rate_on_a_terminal_and_keeps_it():
    clock = Clock()
    bar = Progress(get_time=clock)
    task = bar.add_task("sellers", total=1)
    clock.now += 0.5
    bar.advance(task)
    clock.now += 60

    assert RateColumn().render(bar.tasks[0]).plain == "2.0/s"


def test_a_bar_under_way_shows_the_rate_so_far():
    clock = Clock()
    bar = Progress(get_time=clock)
    task = bar.add_task("sellers", total=9)
    clock.now += 2
    bar.advance(task, 3)

    assert RateColumn().render(bar.tasks[0]).plain == "1.5/s"


def test_a_log_gets_lines():
    assert isinstance(for_stderr(), Lines)
