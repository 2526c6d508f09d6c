"""The report: machine, table, ratios, targets, and the chart beside them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bench import chart, cpu, targets
from bench.measurement import Measurement
from ops.stack.logs import shown
from ops.stack.progress import tell
from ops.stack.settings import ROOT

RESULTS = ROOT / "bench/results"
# For what was measured too briefly to be kept.
QUICK_LOOKS = ROOT / ".run/bench"
COLUMNS = ("variant", "req/s", "p50", "p90", "p99", "errors", "CPU-ms", *cpu.ORDER)
# What is over what.
RATIOS = (
    ("product", "stock"),
    ("list", "stock"),
    ("cached", "stock"),
    ("cached", "product"),
    ("cached_list", "list"),
    ("healthz", "stock_ping"),
    ("product_2", "product"),
    ("cached_2", "cached"),
    ("echo", "stock_echo"),
    ("echo", "bare_echo"),
    ("stock_echo", "bare_echo"),
)
Measured = Mapping[str, Measurement]


def write(
    measured: Measured, where: Mapping[str, str], seconds: float, place: Path = RESULTS
) -> None:
    place.mkdir(parents=True, exist_ok=True)
    chart.draw(measured, place / "wire.png")
    file = place / "wire.md"
    file.write_text(render(measured, where, seconds))
    for target in targets.judged(measured):
        tell(target.line())
    tell(f"{shown(file)} and wire.png are written ({seconds:.0f} s)")


def render(measured: Measured, where: Mapping[str, str], seconds: float) -> str:
    judged = targets.judged(measured)
    parts = [
        "# The wire, measured",
        "`make bench-wire` wrote this; [README](../README.md) says how it measures. "
        f"It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        "![Throughput and latency of each variant](wire.png)",
        "## Variants",
        "Latencies are in milliseconds. CPU-ms is what all processes but the load "
        "generator used per good answer; the columns after it say which of them.",
        table(COLUMNS, map(row, measured.values())),
        notes(measured.values()),
        company(measured.values()),
        "## Ratios",
        table(("of requests/s in this run", ""), ratios(measured)),
        "## Targets",
        table(
            ("target", "measured", "met"),
            ((each.text, each.found, each.verdict) for each in judged),
        ),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def row(each: Measurement) -> list[str]:
    speed = [f"{each.rate:,.0f}", f"{each.p50:.1f}", f"{each.p90:.1f}"]
    more = [f"{each.p99:.1f}", str(each.errors), f"**{each.cpu_ms():.3f}**"]
    groups = [f"{each.cpu_ms(group):.3f}" for group in cpu.ORDER]
    return [each.title, *speed, *more, *groups]


def notes(measured: Iterable[Measurement]) -> str:
    found = [(each.title, each.trouble()) for each in measured]
    return "\n".join(f"- {title}: {trouble}." for title, trouble in found if trouble)


def company(measured: Iterable[Measurement]) -> str:
    """How much the machine did beside, which makes every number worse."""
    shares = [each.elsewhere / each.seconds for each in measured]
    if not shares:
        return ""
    mean, most = sum(shares) / len(shares), max(shares)
    return (
        "What is no part of the run, the kernel's interrupts included, kept "
        f"{mean:.2f} cores busy meanwhile, {most:.2f} at the most."
    )


def ratios(measured: Measured) -> list[tuple[str, str]]:
    return [
        (
            f"{measured[over].title} / {measured[under].title}",
            f"{measured[over].rate / measured[under].rate:.2f}",
        )
        for over, under in RATIOS
        if over in measured and under in measured and measured[under].rate
    ]
