import re

import pytest

from ops.stack import progress


@pytest.fixture
def supervising():
    progress.timed.set()
    yield
    progress.timed.clear()


@pytest.mark.usefixtures("supervising")
def test_a_supervisor_says_when(capsys):
    with progress.step("  redis stopped"):
        progress.tell("Stopping")

    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d Stopping", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d   redis stopped \(0\.0 s\)", second)


def test_a_command_does_not(capsys):
    progress.tell("Not running")

    assert capsys.readouterr().out == "Not running\n"
