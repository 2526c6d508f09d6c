import pytest

from ops.stack.logs import Follower, Tail, last_words


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "it.log"
    file.write_text("old\n")
    return file


def write(log, text):
    with log.open("a") as stream:
        stream.write(text)


def test_the_last_line_is_of_this_start(log):
    start = log.stat().st_size
    assert last_words(log, start) == ""
    write(log, "new\n\n")
    assert last_words(log, start) == "new"


def test_half_a_line_is_waited_for(log):
    tail = Tail(log, log.stat().st_size)
    write(log, "one\ntw")
    assert tail.lines() == ["one"]
    assert tail.lines() == []
    write(log, "o\n")
    assert tail.lines() == ["two"]


def test_each_line_has_its_speaker(log, capsys):
    follower = Follower({"gateway.1": (log, 0), "it": (log, 0)})
    follower.print_news()
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown == [["gateway.1", "old"], ["it", "old"]]
