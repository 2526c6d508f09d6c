"""The universal scalability law in the report, with how far each point is off."""

from collections.abc import Iterable, Iterator, Sequence

from bench import usl
from bench.look import Look
from bench.report import table

# As many as the law has unknowns.
LEAST_POINTS = 3


def points(looks: Iterable[Look]) -> list[usl.Point]:
    return [(each.clients, each.throughput) for each in looks if each.answered]


def law(processes: int, looks: Sequence[Look]) -> str:
    title, answered = f"### {processes} of each service", points(looks)
    if len(answered) < LEAST_POINTS:
        return f"{title}\n\nToo little was answered to fit anything to it."
    fit = usl.fit(answered)
    peak = (
        f"its peak is at {fit.peak:,.0f} clients"
        if fit.peak is not None
        else "it has no peak"
    )
    said = (
        f"One client alone: {fit.rate:,.0f}/s; contention {fit.contention:.4f}; "
        f"coherency {fit.coherency:.6f}; {peak}. The fit is off by {fit.worst:.0%} at "
        "the most."
    )
    head = ("clients", "measured/s", "law/s", "off by", "p50", "p99", "CPU-ms")
    return "\n\n".join([title, said, table(head, rows(fit, looks))])


def rows(fit: usl.Fit, looks: Iterable[Look]) -> Iterator[list[str]]:
    residuals = iter(fit.residuals)
    for each in looks:
        off = f"{next(residuals):+.1%}" if each.answered else "-"
        yield [
            str(each.clients),
            f"{each.throughput:,.0f}",
            f"{fit.at(each.clients):,.0f}",
            off,
            f"{each.percentiles.get('p50', 0):.1f}",
            f"{each.p99:.1f}",
            f"{each.cpu_ms():.3f}",
        ]
