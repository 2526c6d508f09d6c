"""The report on the Online Marketplace: transactions, aborts, and the criteria."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bench import marketplace_chart
from bench.market import SHARES
from bench.marketplace_chart import cpu_ms, done
from bench.report import QUICK_LOOKS, RESULTS, table
from ops.stack.logs import shown
from ops.stack.progress import tell

if TYPE_CHECKING:
    from bench.marketplace import Found

MARKS = ("p50", "p95", "p99")
HEAD = (
    *("", "of each", "clients", "tx/s", "tx/s a core", "nothing to deliver"),
    *("CPU-ms a tx", "aborts", "anomalies"),
)


def line(run: Mapping[str, Any]) -> str:
    return (
        f"{run['distribution']:>8}, {run['processes']} of each, {run['clients']:2} "
        f"clients: {done(run) / run['seconds']:6,.0f} tx/s  "
        f"{cpu_ms(run):.2f} CPU-ms  {sum(run['aborts'].values())} aborts"
    )


def write(
    found: "Found", where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    marketplace_chart.draw(found.runs, place / "marketplace.png")
    file = place / "marketplace.md"
    file.write_text(render(found, where, seconds))


def tell_all(found: "Found", counts: bool) -> None:
    for each in found.verdicts:
        met = "met   " if each.met else "MISSED"
        tell(f"{met}  {each.criterion}: {each.check}: {each.found}")
    for missing in found.missing:
        tell(f"not measured to its end: {missing}")
    file = (RESULTS if counts else QUICK_LOOKS) / "marketplace.md"
    tell(f"{shown(file)} and marketplace.png are written")


def render(found: "Found", where: Mapping[str, str], seconds: float) -> str:
    size = found.size
    parts = [
        "# The Online Marketplace, measured",
        "`make bench` wrote this; [README](../README.md) says how it measures, and "
        f"what differs from the paper. It took {seconds:.0f} s.",
        *(f"**Not measured to its end**: {each}" for each in found.missing),
        table(("machine", ""), where.items()),
        f"{size.sellers} shops of ten products, {size.customers} customers, "
        f"{size.seconds:.0f} s each; the paper's own set is 10,000 shops and 100,000 "
        "customers, and 60 s.",
        "![Transactions a second, latency and cost](marketplace.png)",
        "## Criteria",
        table(("criterion", "what is checked", "found", "met"), criteria(found)),
        "## Runs",
        saturation(found),
        "Most transactions are deliveries, and many of them find that nothing is to "
        "be delivered: that costs nothing and counts, as it does with the authors, "
        "in a column of its own.",
        table(HEAD, rows(found)),
        "## Cost of a transaction, by service",
        "CPU-milliseconds.",
        table(("", "of each", "clients", *services(found), "all"), costs(found)),
        "## Transactions",
        "Milliseconds; a customer session is its checkout, till its order has ended.",
        table(
            ("", "of each", "clients", "transaction", "share", "done", *MARKS),
            kinds(found),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def criteria(found: "Found") -> Iterator[list[str]]:
    for each in found.verdicts:
        met = "yes" if each.met else "**no**"
        yield [each.criterion, each.check, each.found, met]


def saturation(found: "Found") -> str:
    """Where more clients no longer bring more."""
    said = []
    for runs in marketplace_chart.lines(found.runs):
        best = max(runs, key=lambda run: done(run) / run["seconds"])
        said.append(
            f"{best['distribution']}, {best['processes']} of each: "
            f"{done(best) / best['seconds']:,.0f} tx/s with {best['clients']} clients"
        )
    return f"The most that got done: {'; '.join(said)}."


def head(run: Mapping[str, Any]) -> list[str]:
    return [run["distribution"], str(run["processes"]), str(run["clients"])]


def rows(found: "Found") -> Iterator[list[str]]:
    for run in found.runs:
        rate = done(run) / run["seconds"]
        yield [
            *head(run),
            f"{rate:,.1f}",
            f"{rate / (os.cpu_count() or 1):,.1f}",
            f"{run['nothing to deliver'] / max(done(run), 1):.0%}",
            f"{cpu_ms(run):.2f}",
            named(run["aborts"]),
            named(run["anomalies"]),
        ]


def services(found: "Found") -> list[str]:
    """The dearest first."""
    names = {name for run in found.runs for name in run["cpu"]}
    return sorted(names, key=lambda n: -sum(r["cpu"].get(n, 0) for r in found.runs))


def costs(found: "Found") -> Iterator[list[str]]:
    for run in found.runs:
        own = [f"{cpu_ms(run, name):.2f}" for name in services(found)]
        yield [*head(run), *own, f"**{cpu_ms(run):.2f}**"]


def named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} x {name}" for name, n in counts.items()) or "0"


def kinds(found: "Found") -> Iterator[list[str]]:
    for run in found.runs:
        for kind, share in SHARES.items():
            one = run["kinds"].get(kind, {"requests": 0})
            marks = [f"{one[m]:.1f}" if m in one else "-" for m in MARKS]
            yield [*head(run), kind, f"{share}/101", str(one["requests"]), *marks]
