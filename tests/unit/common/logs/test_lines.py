"""What is logged: a line a fact, and nothing that a person has said."""

import json
import logging
import sys
from dataclasses import dataclass

import pytest

from common import tracing
from common.logs.lines import JsonLines, Pretty, formatter
from common.logs.redaction import Secret

SECRET = "ada@example.com"


def line(**said):
    return JsonLines().format(record(**said))


def record(**said):
    plain = {"name": "shop", "msg": "it is so", "levelno": logging.INFO}
    return logging.makeLogRecord({"levelname": "INFO"} | plain | said)


def logged(work):
    try:
        work()
    except Exception:
        return line(msg="it failed", exc_info=sys.exc_info(), request_id="r1")


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


@pytest.mark.parametrize("odd", ["\ud800", 2**70, {2**70: "\udfff"}])
def test_what_is_no_json_breaks_no_line(odd):
    assert json.loads(line(odd=odd))["message"] == "it is so"


def test_it_says_in_whose_trace_it_was_written():
    with tracing.entry("GET /v1/cart") as span:
        said = json.loads(line())

    assert (said["trace_id"], said["span_id"]) == (span.trace_id, span.span_id)
    assert "trace_id" not in json.loads(line())


class TestWhatIsNotShown:
    def test_a_secret_is_not_wherever_it_stands(self):
        secret = Secret(SECRET)
        said = line(msg="%s", args=(secret,), token=secret, within={"list": [secret]})

        assert json.loads(said)["within"] == {"list": ["***"]}
        assert SECRET not in said + f"{secret} {secret!r} {secret:>9}"
        assert secret.reveal() == SECRET

    def test_an_object_is_told_by_its_kind(self):
        @dataclass
        class Person:
            email: str

        said = line(person=Person(SECRET), trouble=ValueError(SECRET))

        assert SECRET not in said
        assert json.loads(said)["trouble"] == "<ValueError>"

    @pytest.mark.parametrize(
        ("name", "level"),
        [("sqlalchemy.engine.Engine", "INFO"), ("pymongo.command", "DEBUG")],
    )
    def test_what_a_driver_is_given_is_not(self, name, level):
        number = logging.getLevelName(level)
        said = line(name=name, levelno=number, msg="INSERT %s", args=(SECRET,))

        assert json.loads(said)["message"] == "INSERT %s"


class TestTheFormOfALine:
    def test_it_is_json_unless_somebody_asks_for_words(self):
        assert type(formatter()) is JsonLines
        assert type(formatter("pretty")) is Pretty

    def test_an_unknown_form_is_refused(self):
        with pytest.raises(ValueError, match="LOG_FORMAT is 'yaml'"):
            formatter("yaml")

    def test_no_colours_go_where_nobody_sees_them(self):
        said = Pretty().format(record(msg="late", levelname="ERROR", to=5))

        assert said.endswith("error    late to=5")
        assert "\x1b" not in said
