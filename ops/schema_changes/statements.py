"""What squawk does not tell: rows that are rewritten, tables that stand still."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Words in quotes and in a function's body are no statements.
PARTS = re.compile(
    r"(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<text>'(?:[^']|'')*')"
    r"|(?P<comment>--[^\n]*)|(?P<end>;)",
    re.DOTALL,
)
NAME = r'"?(?P<table>\w+)"?'
CREATED = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{NAME}", re.IGNORECASE)
WRITES = re.compile(
    rf"(?:WITH .*(?<!FOR) )?(?:UPDATE|DELETE FROM|MERGE INTO) (?:ONLY )?{NAME}",
    re.IGNORECASE,
)
HIDES = re.compile(r"(?P<table>DO) ", re.IGNORECASE)
STANDS = re.compile(
    rf"(?:LOCK(?: TABLE)?|TRUNCATE(?: TABLE)?|CLUSTER|VACUUM \(?FULL\)?) {NAME}",
    re.IGNORECASE,
)
ATTACHES = re.compile(rf"ALTER TABLE (?:ONLY )?{NAME} ATTACH PARTITION", re.IGNORECASE)
DROPPED = re.compile(
    rf"ALTER TABLE (?:ONLY )?{NAME} DROP COLUMN (?:IF EXISTS )?\"?(?P<column>\w+)\"?",
    re.IGNORECASE,
)

ADVICE = {
    "whole-table-write": (
        "rows are locked, and the old ones kept, until all of it is done: fill in "
        "batches, by a command of its own, between two migrations"
    ),
    "table-stands-still": "everybody waits for it, for as long as it takes",
    "hidden-in-do": (
        "what a DO block does is done at once, and nobody sees it here: say it as "
        "statements of its own"
    ),
    "attach-needs-check": (
        "all rows are read while others wait, unless a valid CHECK says what the "
        "partition holds: say in `accepted` which one does"
    ),
}


class Statement(NamedTuple):
    """``line`` is where it begins, from 0."""

    line: int
    text: str


def statements(sql: str) -> Iterator[Statement]:
    begin = 0
    for part in PARTS.finditer(f"{sql};"):
        if part["end"]:
            words = sql[begin : part.start()]
            text = re.sub(r"^(\s|--[^\n]*\n)+", "", words)
            if text.strip():
                line = sql.count("\n", 0, part.start() - len(text))
                yield Statement(line, " ".join(text.split()))
            begin = part.end()


def faults(sql: str) -> Iterator[tuple[str, Statement]]:
    """The rule and the statement, of tables that were there before."""
    said = list(statements(sql))
    new = {made["table"] for each in said if (made := CREATED.match(each.text))}
    for each in said:
        for rule, pattern in (
            ("whole-table-write", WRITES),
            ("table-stands-still", STANDS),
            ("attach-needs-check", ATTACHES),
            ("hidden-in-do", HIDES),
        ):
            found = pattern.match(each.text)
            if found and found["table"] not in new:
                yield rule, each


def dropped_columns(sql: str) -> Iterator[tuple[str, str]]:
    for each in statements(sql):
        for found in DROPPED.finditer(each.text):
            yield found["table"], found["column"]
