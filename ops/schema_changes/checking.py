"""All that is wrong with one migration that has not been released yet."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from ops.schema_changes import squawk, statements
from ops.schema_changes.finding import Finding
from ops.schema_changes.revisions import Revision
from ops.schema_changes.rules import CONTRACTS
from ops.schema_changes.statements import Statement

PHASES = ("expand", "contract")
ASKS = "asks-the-database"
ADVICE = (
    squawk.ADVICE
    | statements.ADVICE
    | {
        ASKS: (
            "what it does depends on what it finds, so nobody can see it beforehand: "
            "say it in SQL alone, or say in `accepted` what it does at the worst"
        )
    }
)
# Tables and columns that the code knows, by database.
Columns = Collection[tuple[str, str]]


def check(
    revision: Revision, released: Collection[str], columns: Columns = ()
) -> Iterator[Finding]:
    """What speaks against it; what it accepts with a reason does not."""
    found = list(against(revision))
    for rule, statement in found:
        if rule not in revision.accepted and not contracting(revision, rule):
            yield Finding(revision.name, rule, advice(rule), statement)
    yield from phase(revision, released, columns)
    for rule, why in revision.accepted.items():
        if rule not in {each for each, _ in found}:
            text = f"it accepts {rule}, which it has no need of"
            yield Finding(revision.name, "accepted-in-vain", text)
        elif not why.strip():
            text = f"it accepts {rule} and does not say why"
            yield Finding(revision.name, "accepted-unsaid", text)


def contracting(revision: Revision, rule: str) -> bool:
    return revision.phase == "contract" and rule in CONTRACTS


def advice(rule: str) -> str:
    if rule in CONTRACTS:
        return (
            f"{CONTRACTS[rule]}: do without it in one release, and remove it in a "
            'later one, by a migration that says phase = "contract"'
        )
    return ADVICE[rule]


def against(revision: Revision) -> Iterator[tuple[str, str]]:
    """Rules and the statements they are about."""
    if revision.asks:
        yield ASKS, revision.asks
    known = list(statements.statements(revision.sql))
    for said in squawk.ask(revision.sql):
        yield said.rule, at(known, said.line)
    for rule, statement in statements.faults(revision.sql):
        yield rule, statement.text


def at(known: list[Statement], line: int) -> str:
    for one, following in pairwise([*known, Statement(2**31, "")]):
        if one.line <= line < following.line:
            return one.text
    return ""


def phase(
    revision: Revision, released: Collection[str], columns: Columns
) -> Iterator[Finding]:
    if revision.phase not in PHASES:
        text = f"phase is {revision.phase!r}, and neither of {', '.join(PHASES)}"
        yield Finding(revision.name, "phase", text)
    if revision.phase != "contract":
        return
    if f"{revision.database}/{revision.after}" not in released:
        text = (
            f"after = {revision.after!r} names no released migration: contract once "
            "the release that expanded, and needs no more of the old, is everywhere"
        )
        yield Finding(revision.name, "contract-too-early", text)
    for table, column in statements.dropped_columns(revision.sql):
        if (table, column) in columns:
            text = f"{table}.{column} is still in the models: take it out of them first"
            yield Finding(revision.name, "contract-in-use", text)
