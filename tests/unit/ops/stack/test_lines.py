import json
from datetime import datetime

import pytest

from ops.stack.lines import gist, readable

TIME = "2026-11-22T05:15:12.685214+00:00"
SQLALCHEMY = """\
Traceback (most recent call last):
  File "ops/migrate.py", line 56, in run
psycopg2.OperationalError: connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "ops/migrate.py", line 56, in run
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused
\tIs the server running on that host?
DETAIL:  it is not

(Background on this error at: https://sqlalche.me/e/20/e3q8)
"""


def written(message, **more):
    line = {"time": TIME, "level": "warning", "logger": "x", "pid": 7}
    return json.dumps(line | {"message": message} | more)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("first\nlast\n\n", "last"),
        (written("it is late", order="1"), "it is late"),
        (written("lost", exception=SQLALCHEMY), None),
        (SQLALCHEMY, None),
        ("Traceback (most recent call last):\nKeyError: 'x'\n", "KeyError: 'x'"),
        (
            f"{SQLALCHEMY}Error: AMQP_URI is wrong\nAborted!\n",
            "Error: AMQP_URI is wrong",
        ),
        (f"{SQLALCHEMY}{written('up again')}\n", "up again"),
        ("DETAIL: no traceback\n(Background)\n", "(Background)"),
        ("{not json", "{not json"),
    ],
)
def test_the_gist_is_one_line_that_says_what_is_wrong(text, words):
    exception = "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) "
    said = gist(text.split("\n"))
    if words is None:
        assert said.removeprefix("lost: ") == f"{exception}connection refused"
    else:
        assert said == words


def test_a_line_of_ours_is_made_readable(monkeypatch):
    line = written("request", path="/v1", status=404, why="not here", request_id="a-1")
    clock = f"{datetime.fromisoformat(TIME).astimezone():%H:%M:%S}"
    assert shown(line) == (
        f"{clock} it  warning  request "
        'path=/v1 status=404 why="not here" request_id=a-1'
    )


def shown(line):
    said = readable("it", line)
    return said and said.replace("\x1b[2m", "").replace("\x1b[0m", "").replace(
        "\x1b[33m", ""
    )


def test_an_exception_stays_on_one_line():
    said = shown(written("lost", exception="Traceback\nKeyError: 'x'"))
    assert said.endswith("lost exception=\"KeyError: 'x'\"")


def test_what_a_client_has_sent_does_not_steer_the_terminal():
    said = shown(written("request", path="/\x1b[2J", agent="a\nb"))
    assert said.endswith('request path=/\\x1b[2J agent="a\\nb"')


@pytest.mark.parametrize("line", ["plain", "{half", '{"no": "text"}', "  File x"])
def test_a_line_of_somebody_else_is_left_as_it_is(line):
    assert shown(line) == f"{'':8} it  {line}"


def call(**said):
    told = {"kind": "rpc", "entrypoint": "get_signing_keys", "outcome": "ok"}
    return written("rpc", **(told | said))


def test_the_shops_own_polling_is_not_worth_a_line_while_all_is_well():
    assert readable("it", call()) is None
    assert readable("it", call(outcome="unexpected")) is not None
    assert readable("it", call(request_id="r1")) is not None
    assert readable("it", call(entrypoint="reserve_stock")) is not None

    probe = {"kind": "http", "path": "/readyz", "request_id": "r1", "status": 200}
    assert readable("it", call(**probe)) is None
    assert readable("it", call(**probe | {"outcome": "not_ready"})) is not None


def test_a_call_is_told_shortly():
    said = shown(call(request_id="r1", trace_id="t1", duration_ms=1.5, user_id="u1"))
    assert said.endswith("rpc get_signing_keys ok 1.5 ms request_id=r1")

    http = {"kind": "http", "method": "GET", "path": "/v1/cart", "status": 404}
    said = shown(call(**http, outcome="no_cart", arguments={"order_id": "o1"}))
    assert said.endswith("GET /v1/cart 404 no_cart order_id=o1")


def test_connections_to_the_broker_are_not_worth_a_line():
    words = "Connected to amqp://gateway:**@127.0.0.1:5690/shopnow"
    assert readable("it", written(words, logger="kombu.mixins")) is None
    assert readable("it", written(words, logger="elsewhere")) is not None
