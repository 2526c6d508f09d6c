"""The report on the mix: its cost, its limit, and the law that fits them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bench import capacity_chart, usl
from bench.look import Look
from bench.mix import saturation
from bench.report import QUICK_LOOKS, RESULTS, table
from bench.shopping import SHARES
from ops.stack.logs import shown
from ops.stack.progress import tell

if TYPE_CHECKING:
    from bench.capacity import Found

# A hundred million a day, four times their mean, on a machine of two cores.
PEAK = 4_630
CORES = 2
MOST_CPU_MS = 0.4
HEAD = ("", "asked/s", "answered/s", "p50", "p95", "p99", "errors", "CPU-ms", "borne")


def write(
    found: "Found", where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    capacity_chart.draw(found, place / "capacity.png")
    file = place / "capacity.md"
    file.write_text(render(found, where, seconds))
    for row in judged(found):
        tell(": ".join(row))
    tell(f"{shown(file)} and capacity.png are written ({seconds:.0f} s)")


def render(found: "Found", where: Mapping[str, str], seconds: float) -> str:
    calm = found.orders[0]
    parts = [
        "# The shop's mix, measured",
        "`make bench` wrote this; [README](../README.md) says how it measures. "
        f"It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        "![Latency, cost and the law](capacity.png)",
        "## The aim",
        table(("aim", "measured", "met"), judged(found)),
        "## Cost of a request",
        "In CPU-milliseconds of the mean of the mix. What the servers do while nobody "
        "asks is in it, so it is less where more is asked.",
        table(("", *services(calm)), costs(found)),
        "## By kind of request",
        f"At {calm.rate:,.0f}/s, {calm.products:,} products.",
        table(
            ("kind", "share", "requests", "p50", "p95", "p99", "errors"), kinds(calm)
        ),
        "## Rates",
        "Latencies are milliseconds from the moment a request was due. A rate is borne "
        "when p99 is at most 300 ms, at most one answer in a thousand is an error, and "
        "98 % of what was asked for is answered.",
        *(
            f"### {n} of each service\n\n{table(HEAD, map(row, looks))}"
            for n, looks in found.rates.items()
        ),
        "## Data",
        table(HEAD, map(row, [*found.sizes, *found.orders])),
        "## Clients that wait, and the universal scalability law",
        *(law(n, looks) for n, looks in found.clients.items()),
    ]
    return "\n\n".join(parts) + "\n"


def row(each: Look) -> list[str]:
    marks = [f"{each.percentiles.get(m, 0):.1f}" for m in ("p50", "p95", "p99")]
    return [
        f"{each.products:,} products, {each.orders:,} orders",
        f"{each.rate:,.0f}" if each.rate else f"{each.clients} clients",
        f"{each.throughput:,.0f}",
        *marks,
        errors(each),
        f"**{each.cpu_ms():.3f}**",
        "yes" if each.bears else "no",
    ]


def errors(each: Look) -> str:
    kinds = ", ".join(f"{n} x {status}" for status, n in sorted(each.statuses.items()))
    return f"{each.errors} ({kinds})" if each.errors else "0"


def services(calm: Look) -> list[str]:
    return [*sorted(calm.cpu, key=lambda name: -calm.cpu[name]), "all"]


def costs(found: "Found") -> Iterator[list[str]]:
    names = services(found.orders[0])
    looks = [*found.sizes, *found.orders]
    looks += [s for each in found.rates.values() if (s := saturation(each))]
    for each in looks:
        title = (
            f"{each.products:,} products, {each.orders:,} orders, "
            f"{each.processes} of each, {each.rate:,.0f}/s"
        )
        own = [f"{each.cpu_ms(name):.3f}" for name in names[:-1]]
        yield [title, *own, f"**{each.cpu_ms():.3f}**"]


def kinds(each: Look) -> Iterator[list[str]]:
    for name, share in SHARES.items():
        one = each.kinds.get(name, {"requests": 0, "errors": {}})
        marks = [f"{one[m]:.1f}" if m in one else "-" for m in ("p50", "p95", "p99")]
        bad = sum(one["errors"].values())
        yield [name, f"{share} %", str(one["requests"]), *marks, str(bad)]


def points(looks: Sequence[Look]) -> list[usl.Point]:
    return [(each.clients, each.throughput) for each in looks]


def law(processes: int, looks: Sequence[Look]) -> str:
    fit = usl.fit(points(looks))
    peak = f"{fit.peak:,.0f} clients" if fit.peak else "nowhere"
    return "\n\n".join(
        [
            f"### {processes} of each service",
            f"One client alone: {fit.rate:,.0f}/s; contention {fit.contention:.4f}; "
            f"coherency {fit.coherency:.6f}; its peak is at {peak}. The fit is off by "
            f"{fit.worst:.0%} at the most.",
            table(
                ("clients", "measured/s", "law/s", "off by", "p99", "CPU-ms"),
                law_rows(fit, looks),
            ),
        ]
    )


def law_rows(fit: usl.Fit, looks: Iterable[Look]) -> Iterator[list[str]]:
    for each, off in zip(looks, fit.residuals, strict=True):
        yield [
            str(each.clients),
            f"{each.throughput:,.0f}",
            f"{fit.at(each.clients):,.0f}",
            f"{off:+.1%}",
            f"{each.p99:.1f}",
            f"{each.cpu_ms():.3f}",
        ]


def judged(found: "Found") -> Iterator[tuple[str, str, str]]:
    for n, looks in found.rates.items():
        best = saturation(looks)
        rate = best.rate if best else 0.0
        text = f"{PEAK:,}/s at p99 of at most 300 ms, {n} of each service"
        is_met = "yes" if rate >= PEAK else f"no: {rate / PEAK:.0%} of it"
        yield text, f"{rate:,.0f}/s borne", is_met
    best = saturation(found.rates[1]) or found.orders[0]
    text = f"at most {MOST_CPU_MS} CPU-ms for the mean of the mix, {CORES} cores"
    cost = best.cpu_ms()
    is_met = "yes" if cost <= MOST_CPU_MS else f"no: {cost / MOST_CPU_MS:.1f} times it"
    yield text, f"{cost:.3f} at {best.rate:,.0f}/s", is_met
