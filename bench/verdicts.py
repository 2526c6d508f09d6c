"""The Online Marketplace's criteria, as far as they are known, held against the shop.

The wording and the numbers are a reconstruction: see bench/README.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from common.database import with_driver
from ops.audit.checks import CHECKS
from ops.audit.faults import Violation
from ops.audit.looks import look
from ops.audit.stores import RELATIONAL, Stores

# Kinds of the audit begin so.
INTEGRITY = ("stock_", "reservation_")
ATOMICITY = ("ledger_", "payment_", "charge_", "order_total", "order_parts")
EVENTS = ("order_event", "order_history", "order_step", "refund_", "event_", "key_")
MOST_SLOWER = 0.10
DASHBOARD = "a dashboard that does not add up"
PRICE = "a price that was not the product's"
TWICE = "one key, two orders"


@dataclass(frozen=True)
class Verdict:
    criterion: str
    check: str
    found: str
    met: bool


@dataclass(frozen=True)
class Alone:
    """p99 of a checkout, in milliseconds: by itself, and beside busy dashboards."""

    alone: float
    beside: float

    @property
    def slower(self) -> float:
        return self.beside / self.alone - 1


def verdicts(
    variables: Mapping[str, str], runs: Sequence[Mapping[str, Any]], alone: Alone
) -> Iterator[Verdict]:
    audited = audit(variables)
    anomalies: dict[str, int] = {}
    for run in runs:
        for name, count in run["anomalies"].items():
            anomalies[name] = anomalies.get(name, 0) + count
    acknowledged = [order_id for run in runs for order_id in run["orders"]]
    opened, tried = doors(variables)
    yield Verdict(
        "C1 functional decomposition",
        "no service's user gets into another's database",
        f"{opened} of {tried} doors open",
        not opened,
    )
    yield Verdict(
        "C2 resource isolation",
        f"p99 of checkout at most {MOST_SLOWER:.0%} slower beside busy dashboards",
        f"{alone.alone:.0f} ms alone, {alone.beside:.0f} ms beside",
        alone.slower <= MOST_SLOWER,
    )
    yield audit_verdict("C3 atomicity of the checkout", ATOMICITY, audited)
    yield counted("C4 replication of prices", PRICE, anomalies)
    yield counted("C5 consistent dashboard", DASHBOARD, anomalies)
    yield audit_verdict("C6 integrity across services", INTEGRITY, audited)
    yield audit_verdict("C7 order of events", EVENTS, audited)
    yield counted("C7 effect exactly once", TWICE, anomalies)
    lost = missing(variables, acknowledged)
    yield Verdict(
        "durability",
        "every order that was acknowledged is there",
        f"{lost} of {len(acknowledged):,} lost",
        not lost,
    )


def counted(criterion: str, anomaly: str, found: Mapping[str, int]) -> Verdict:
    count = found.get(anomaly, 0)
    return Verdict(criterion, f"never {anomaly}", f"{count} times", not count)


def audit_verdict(
    criterion: str, kinds: tuple[str, ...], audited: Iterable[Violation]
) -> Verdict:
    mine = [each for each in audited if each.kind.startswith(kinds)]
    names = ", ".join(sorted({each.kind for each in mine}))
    check = f"shopnow audit finds nothing of {', '.join(kinds)}".replace("_,", "_*,")
    return Verdict(criterion, check, f"{len(mine)} {names}".strip(), not mine)


def audit(variables: Mapping[str, str]) -> list[Violation]:
    with closing(Stores(variables)) as stores:
        return look(CHECKS, stores.view)


def doors(variables: Mapping[str, str]) -> tuple[int, int]:
    """How many open that should not, and how many were tried."""
    uris = [variables[name] for name in RELATIONAL.values()]
    pairs = list(permutations(uris, 2))
    return sum(opens(own, other) for own, other in pairs), len(pairs)


def opens(own: str, other: str) -> bool:
    """Whether the user of the one gets into the database of the other."""
    name = other.rsplit("/", 1)[1].partition("?")[0]
    place, query = own.rsplit("/", 1)[0], own.partition("?")[2]
    uri = f"{place}/{name}" + (f"?{query}" if query else "")
    engine = create_engine(with_driver(uri))
    try:
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def missing(variables: Mapping[str, str], ids: list[str]) -> int:
    engine = create_engine(with_driver(variables["ORDER_DB_URI"]))
    with engine.connect() as database:
        query = text("SELECT count(*) FROM orders WHERE id = ANY(:ids)")
        known = database.scalar(query, {"ids": ids}) or 0
    engine.dispose()
    return len(ids) - int(known)
