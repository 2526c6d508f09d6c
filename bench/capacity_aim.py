"""How far the shop is from what was asked of one machine, and what is in the way."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.look import Look
from bench.mix import saturation

if TYPE_CHECKING:
    from bench.capacity import Found

# A hundred million a day, four times their mean, on a machine of two cores.
PEAK = 4_630
CORES = 2
MOST_CPU_MS = 0.4
DEAREST = 3
Row = tuple[str, str, str]


def judged(found: "Found") -> Iterator[Row]:
    for n, looks in found.rates.items():
        best = saturation(looks)
        rate = best.rate if best else 0.0
        text = f"{PEAK:,}/s at p99 of at most 300 ms, {n} of each service"
        is_met = "yes" if rate >= PEAK else f"no: {rate / PEAK:.1%} of it"
        yield text, f"{rate:,.0f}/s borne", is_met
    if best := most(found):
        text = f"at most {MOST_CPU_MS} CPU-ms for the mean of the mix, {CORES} cores"
        cost = best.cpu_ms()
        is_met = (
            "yes" if cost <= MOST_CPU_MS else f"no: {cost / MOST_CPU_MS:.1f} times it"
        )
        yield text, f"{cost:.3f} at {best.rate:,.0f}/s", is_met


def most(found: "Found") -> Look | None:
    """The greatest rate that was borne, with however many of each service."""
    borne = [best for looks in found.rates.values() if (best := saturation(looks))]
    return max(borne, key=lambda each: each.rate, default=None)


def distance(found: "Found") -> str:
    """In a few sentences."""
    best = most(found)
    if best is None:
        return "No rate that was tried was borne."
    cost = best.cpu_ms()
    dearest = sorted(best.cpu, key=lambda name: -best.cpu[name])[:DEAREST]
    shares = ", ".join(
        f"{name} {best.cpu_ms(name) / cost:.0%}" for name in dearest if cost
    )
    return (
        f"This machine, which carries servers and load as well, bears {best.rate:,.0f} "
        f"requests a second of the mix at p99 of at most 300 ms, with {best.processes} "
        f"of each service: {best.rate / PEAK:.1%} of the peak of {PEAK:,}/s. A request "
        f"costs {cost:.2f} CPU-ms there, {cost / MOST_CPU_MS:.1f} times the "
        f"{MOST_CPU_MS} of the aim, {best.beyond_idle:.2f} of them beyond what is used "
        f"while nobody asks. At that cost {CORES} cores and no more load are full at "
        f"{1000 * CORES / max(cost, 0.001):,.0f}/s, and {PEAK:,}/s take "
        f"{PEAK * cost / 1000:.0f} cores. Most of it is spent by {shares}. "
        "One request in fifty is a checkout: where those are the slowest, p99 of all "
        "is about their median."
    )
