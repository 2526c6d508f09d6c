"""The report on the Online Marketplace: transactions, aborts, and the criteria."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bench.market import SHARES
from bench.report import QUICK_LOOKS, RESULTS, table
from ops.stack.logs import shown
from ops.stack.progress import tell

if TYPE_CHECKING:
    from bench.marketplace import Found

MARKS = ("p50", "p95", "p99")


def transactions(run: Mapping[str, Any]) -> int:
    return sum(each["requests"] for each in run["kinds"].values())


def line(run: Mapping[str, Any]) -> str:
    rate, spent = transactions(run) / run["seconds"], sum(run["cpu"].values())
    return (
        f"{run['distribution']:>8}, {run['clients']:2} clients: {rate:6,.0f} tx/s  "
        f"{1000 * spent / max(transactions(run), 1):.2f} CPU-ms  "
        f"{sum(run['aborts'].values())} aborts"
    )


def write(
    found: "Found", where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    file = place / "marketplace.md"
    file.write_text(render(found, where, seconds))
    for each in found.verdicts:
        met = "met   " if each.met else "MISSED"
        tell(f"{met}  {each.criterion}: {each.check}: {each.found}")
    tell(f"{shown(file)} is written ({seconds:.0f} s)")


def render(found: "Found", where: Mapping[str, str], seconds: float) -> str:
    size = found.size
    parts = [
        "# The Online Marketplace, measured",
        "`make bench` wrote this; [README](../README.md) says how it measures, and "
        f"what differs from the paper. It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        f"{size.sellers} shops of ten products, {size.customers} customers, "
        f"{size.seconds:.0f} s each; the paper's own set is 10,000 shops and 100,000 "
        "customers.",
        "## Runs",
        table(
            (
                "",
                "clients",
                "tx/s",
                "tx/s a core",
                "CPU-ms a tx",
                "aborts",
                "anomalies",
            ),
            rows(found),
        ),
        "## Transactions",
        "Milliseconds; a customer session is its checkout, till its order has ended.",
        table(("", "clients", "transaction", "share", "done", *MARKS), kinds(found)),
        "## Criteria",
        table(
            ("criterion", "what is checked", "found", "met"),
            (
                (
                    each.criterion,
                    each.check,
                    each.found,
                    "yes" if each.met else "**no**",
                )
                for each in found.verdicts
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def rows(found: "Found") -> Iterator[list[str]]:
    for run in found.runs:
        rate = transactions(run) / run["seconds"]
        spent = sum(run["cpu"].values())
        yield [
            run["distribution"],
            str(run["clients"]),
            f"{rate:,.0f}",
            f"{rate / (os.cpu_count() or 1):,.0f}",
            f"{1000 * spent / max(transactions(run), 1):.2f}",
            named(run["aborts"]),
            named(run["anomalies"]),
        ]


def named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} x {name}" for name, n in counts.items()) or "0"


def kinds(found: "Found") -> Iterator[list[str]]:
    for run in found.runs:
        for kind, share in SHARES.items():
            one = run["kinds"].get(kind, {"requests": 0})
            marks = [f"{one[m]:.1f}" if m in one else "-" for m in MARKS]
            yield [
                run["distribution"],
                str(run["clients"]),
                kind,
                f"{share}/101",
                str(one["requests"]),
                *marks,
            ]
