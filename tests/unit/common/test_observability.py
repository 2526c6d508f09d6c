"""What is logged: a line a fact, and nothing that a person has said."""

import json
import logging
import sys

from common.observability import JsonLines

SECRET = "ada@example.com"


def logged(work):
    try:
        work()
    except Exception:
        record = logging.makeLogRecord(
            {"msg": "it failed", "exc_info": sys.exc_info(), "request_id": "r1"}
        )
    return JsonLines().format(record)


def fails():
    raise ValueError(f"Key (email)=({SECRET}) already exists")


def fails_again():
    try:
        fails()
    except ValueError as trouble:
        raise RuntimeError(SECRET) from trouble


def test_a_failure_tells_what_and_where_but_not_what_it_says():
    line = logged(fails_again)
    told = json.loads(line)["exception"].splitlines()

    assert SECRET not in line
    assert [each for each in told if " in " not in each] == [
        "ValueError",
        "RuntimeError",
    ]
    assert told[-2].endswith("in fails_again")


def test_what_was_hidden_stays_hidden():
    def hide():
        try:
            fails()
        except ValueError:
            raise RuntimeError from None

    assert "ValueError" not in logged(hide)


def test_it_is_one_line():
    line = logged(fails)

    assert "\n" not in line
    assert json.loads(line)["request_id"] == "r1"
