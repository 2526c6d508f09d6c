"""The report on the mix: its cost, its limit, and the law that fits them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bench import capacity_chart
from bench.capacity_aim import distance, judged, most
from bench.capacity_law import law
from bench.look import Look
from bench.mix import saturation
from bench.report import QUICK_LOOKS, RESULTS, table
from bench.shopping import SHARES
from ops.stack.logs import shown
from ops.stack.progress import tell

if TYPE_CHECKING:
    from bench.capacity import Found

HEAD = (
    *("", "asked/s", "answered/s", "p50", "p95", "p99", "errors", "CPU-ms"),
    *("beyond idle", "borne"),
)


def write(
    found: "Found", where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    capacity_chart.draw(found, place / "capacity.png")
    file = place / "capacity.md"
    file.write_text(render(found, where, seconds))
    tell(f"{shown(file)} and capacity.png are written ({seconds:.0f} s)")


def tell_all(found: "Found") -> None:
    for row in judged(found):
        tell(": ".join(row))
    for each in found.missing:
        tell(f"not measured: {each}")


def render(found: "Found", where: Mapping[str, str], seconds: float) -> str:
    parts = [
        "# The shop's mix, measured",
        "`make bench` wrote this; [README](../README.md) says how it measures. "
        f"It took {seconds:.0f} s.",
        *(f"**Not measured**: {each}" for each in found.missing),
        table(("machine", ""), where.items()),
        company(looks_of(found)),
        "![Latency, cost and the law](capacity.png)",
        "## The aim",
        distance(found),
        table(("aim", "measured", "met"), judged(found)),
        "## Saturation",
        "A rate is borne when p99 is at most 300 ms and at most one request in a "
        "thousand ends in an error, or without an answer. The saturation point "
        "is the greatest that was. Requests come at random, so that as many as were "
        "asked for come only in the long run. Latencies are milliseconds from the "
        "moment a request was due; CPU-ms of the mean of the mix; beyond idle is "
        "without what is used while nobody asks.",
        *(rates(n, looks) for n, looks in found.rates.items()),
        "## By kind of request",
        *by_kind(found),
        "## Data",
        "Orders are delivered ones, spread over the year before; all of them lie in "
        "the first partition, as it begins where the table did.",
        table(HEAD, map(row, [*found.sizes, *found.orders])),
        "## Cost of a request, by service",
        "CPU-milliseconds a good answer. What the servers do while nobody asks is in "
        "it, so it is less where more is asked; the first rows are of nobody asking, "
        "in CPU-milliseconds a second.",
        table(("", *services(found), "all"), costs(found)),
        "## Clients that wait, and the universal scalability law",
        *(law(n, looks) for n, looks in found.clients.items()),
    ]
    return "\n\n".join(parts) + "\n"


def company(looks: list[Look]) -> str:
    """How much the machine did beside, which makes every number worse."""
    shares = [each.elsewhere / each.seconds for each in looks] or [0.0]
    return (
        "What is no part of the run kept "
        f"{sum(shares) / len(shares):.2f} cores busy meanwhile, {max(shares):.2f} at "
        "the most: the kernel's interrupts, and whatever else ran on the machine."
    )


def rates(n: int, looks: list[Look]) -> str:
    best = saturation(looks)
    point = f"{best.rate:,.0f}/s" if best else "below all that was tried"
    title = f"### {n} of each service: {point}"
    return f"{title}\n\n{table(HEAD, map(row, looks))}"


def row(each: Look) -> list[str]:
    marks = [f"{each.percentiles.get(m, 0):.1f}" for m in ("p50", "p95", "p99")]
    return [
        f"{each.products:,} products, {each.orders:,} orders",
        f"{each.rate:,.0f}",
        f"{each.throughput:,.0f}",
        *marks,
        errors(each),
        f"**{each.cpu_ms():.3f}**",
        f"{each.beyond_idle:.3f}",
        "yes" if each.bears else "no",
    ]


def errors(each: Look) -> str:
    kinds = ", ".join(f"{n} x {status}" for status, n in sorted(each.statuses.items()))
    return f"{each.errors} ({kinds})" if each.errors else "0"


def looks_of(found: "Found") -> list[Look]:
    at_rates = [look for looks in found.rates.values() for look in looks]
    return [*at_rates, *found.sizes, *found.orders]


def services(found: "Found") -> list[str]:
    """The dearest first."""
    looks = looks_of(found)
    names = {name for each in looks for name in each.cpu}
    return sorted(names, key=lambda name: -sum(each.cpu.get(name, 0) for each in looks))


def costs(found: "Found") -> Iterator[list[str]]:
    names = services(found)
    for n, idle in found.idle.items():
        own = [f"{1000 * idle.get(name, 0.0):.0f}" for name in names]
        yield [f"idle, {n} of each", *own, f"**{1000 * sum(idle.values()):.0f}**"]
    for each in looks_of(found):
        title = (
            f"{each.rate:,.0f}/s, {each.processes} of each, {each.products:,} "
            f"products, {each.orders:,} orders"
        )
        own = [f"{each.cpu_ms(name):.3f}" for name in names]
        yield [title, *own, f"**{each.cpu_ms():.3f}**"]


def by_kind(found: "Found") -> Iterator[str]:
    if each := most(found):
        yield f"At {each.rate:,.0f}/s, {each.processes} of each service."
        head = ("kind", "share", "requests", "p50", "p95", "p99", "errors")
        yield table(head, kinds(each))


def kinds(each: Look) -> Iterator[list[str]]:
    for name, share in SHARES.items():
        one = each.kinds.get(name, {"requests": 0, "errors": {}})
        marks = [f"{one[m]:.1f}" if m in one else "-" for m in ("p50", "p95", "p99")]
        bad = sum(one["errors"].values())
        yield [name, f"{share} %", str(one["requests"]), *marks, str(bad)]
