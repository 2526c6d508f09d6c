"""Whatever people write is text: kept as it is or refused, and never obeyed."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.access import RULES
from tests.client import Answer
from tests.e2e.recipes import recipe_of
from tests.e2e.using import Use, well
from tests.stores import names

INJECTED = "x-injected"
PAYLOADS: list[Any] = [
    "' OR '1'='1' --  ",
    "'; DROP TABLE accounts; DROP TABLE profiles; --",
    "x'); SELECT pg_sleep(10); --",
    "admin@example.com'--",
    "$where: sleep(10000)",
    '{"$gt": ""}',
    {"$gt": ""},
    {"$ne": None},
    ["$ne", 1],
    {"__type__": "datetime", "__value__": "x"},
    f"a\r\n{INJECTED}: 1",
    f"a\nBcc: everybody@example.com\n{INJECTED}: 1",
    f"a\u2028{INJECTED}: 1",
    f"a@example.com\r\nBcc: b@example.com\r\n{INJECTED}: 1",
    "{{7777*7777}}${7777*7777}#{7777*7777}<%= 7777*7777 %>%(x)s{0.__class__}",
    "../../../../etc/passwd",
    "/etc/passwd\0.png",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "<script>alert(1)</script>",
    "`id`; $(id) | id & id",
    "*)(uid=*))(|(uid=*",
    "%00%0d%0a",
    "\ud800",
    "\ufeff\u202e\u0000",
    "A" * 20_000,
]
COMPUTED = str(7777 * 7777)
WRITES = [rule for rule in RULES if recipe_of(rule.route).body]


def leaves(body: Any, *trail: Any) -> Iterator[tuple[Any, ...]]:
    """Where in ``body`` there is text."""
    inside = body.items() if isinstance(body, dict) else ()
    inside = enumerate(body) if isinstance(body, list) else inside
    for name, value in inside:
        yield from leaves(value, *trail, name)
    if isinstance(body, str):
        yield trail


def changed(body: Any, trail: tuple[Any, ...], value: Any) -> Any:
    body = deepcopy(body)
    place = body
    for name in trail[:-1]:
        place = place[name]
    place[trail[-1]] = value
    return body


@pytest.mark.parametrize("rule", WRITES, ids=lambda rule: rule.route)
def test_what_is_written_is_not_obeyed(stack, cast, rule):
    tables = names(stack)
    use = well(cast, rule)
    for place, trail in enumerate(leaves(use.body)):
        for payload in payloads(use, place):
            got = use.ask(changed(use.body, trail, payload))
            said = f"{trail} {payload!r}: {got.raw!r}"
            assert got.status < 500, said
            assert INJECTED not in map(str.lower, got.headers), said
            assert COMPUTED.encode() not in got.raw, said
            if got.status < 300 and not refused_in(got):
                assert kept(got, trail[-1], payload), said
                if got.status == 204 or not use.recipe.survive:
                    use = well(cast, rule)
    assert names(stack) == tables


def payloads(use: Use, place: int) -> list[Any]:
    """A third where each needs somebody or something new; in every place another."""
    return PAYLOADS if use.recipe.survive else PAYLOADS[place % 3 :: 3]


def refused_in(answer: Answer) -> bool:
    """Whether one of many things is refused in the answer to all of them."""
    rows = answer.body.get("items", []) if answer.raw else []
    return any(isinstance(row, dict) and "code" in row for row in rows)


def kept(answer: Answer, name: Any, payload: Any) -> bool:
    """Whether the answer tells the text again, if it tells such a field at all."""
    told = list(fields(answer.body, name)) if answer.raw else []
    return not told or str(payload).strip().lower() in (str(t).lower() for t in told)


def fields(answer: Any, name: Any) -> Iterator[Any]:
    inside = answer.items() if isinstance(answer, dict) else enumerate(answer)
    for key, value in inside:
        if key == name:
            yield value
        if isinstance(value, dict | list):
            yield from fields(value, name)
