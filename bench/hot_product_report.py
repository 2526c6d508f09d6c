"""The report on the hot product: which way holds the most orders, and how fast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.chart import BARE, OURS, STOCK
from bench.report import QUICK_LOOKS, RESULTS, table
from bench.tally import percentile
from ops.stack.logs import shown
from ops.stack.progress import tell

COLOURS = (STOCK, BARE, OURS)
HEAD = ("lines", "buyers", "way", "orders/s", "p50", "p99", "failed", "adds up")


@dataclass(frozen=True)
class Found:
    """Orders that were held, by their sorted milliseconds; and those that failed."""

    way: str
    lines: int
    crowd: int
    latencies: list[float]
    failed: int
    seconds: float
    whole: bool

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def at(self, percent: int) -> float:
        return percentile(self.latencies, percent) if self.latencies else float("nan")


def write(
    found: list[Found], where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place: Path = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    draw(found, place / "stock.png")
    file = place / "stock.md"
    file.write_text(render(found, where, seconds))
    tell(f"{shown(file)} and stock.png are written ({seconds:.0f} s)")


def render(found: list[Found], where: Mapping[str, str], seconds: float) -> str:
    parts = [
        "# A hot product, measured",
        "`make bench-stock` wrote this; [README](../README.md) says how it measures. "
        f"It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        "![Orders per second and latency by the number of buyers](stock.png)",
        "All buyers want the same products, one piece of each, all the time. "
        "Latencies are in milliseconds.",
        table(HEAD, map(row, found)),
        "## Targets",
        table(("target", "measured", "met"), judged(found)),
    ]
    return "\n\n".join(parts) + "\n"


def row(each: Found) -> list[str]:
    numbers = [f"{each.rate:,.0f}", f"{each.at(50):.1f}", f"{each.at(99):.1f}"]
    whole = "yes" if each.whole else "NO"
    return [
        str(each.lines),
        str(each.crowd),
        each.way,
        *numbers,
        str(each.failed),
        whole,
    ]


def judged(found: list[Found]) -> Iterator[tuple[str, str, str]]:
    """Of what the shop does: the last way, from the smallest crowd to the largest."""
    for lines in sorted({each.lines for each in found}):
        ours = [each for each in found if each.lines == lines][2::3]
        kept = ours[-1].rate / max(each.rate for each in ours)
        yield (
            f"{lines} lines: the largest crowd has at least 80% of the best rate",
            f"{kept:.0%}",
            "yes" if kept >= 0.8 and not ours[-1].failed else "no",
        )


def draw(found: list[Found], file: Path) -> None:
    mpl.use("Agg")
    figure = Figure(figsize=(12, 7), layout="constrained")
    counts = sorted({each.lines for each in found})
    rows = figure.subplots(len(counts), 2, sharex=True, squeeze=False)
    for (rates, tails), lines in zip(rows, counts, strict=True):
        some = [each for each in found if each.lines == lines]
        for way, hue in zip(dict.fromkeys(e.way for e in some), COLOURS, strict=True):
            mine = [each for each in some if each.way == way]
            crowds = [each.crowd for each in mine]
            rates.plot(crowds, [e.rate for e in mine], "o-", color=hue, label=way)
            tails.plot(crowds, [e.at(99) for e in mine], "o-", color=hue, label=way)
        rates.set_title(f"Orders of {lines} lines per second (more is better)")
        tails.set_title("p99 in milliseconds (log scale; less is better)")
        tails.set_yscale("log")
        for axes in (rates, tails):
            axes.set_xscale("log")
            axes.grid(alpha=0.3)
            axes.set_xlabel("buyers at once")
    figure.suptitle("One product that everybody wants", fontsize=14)
    rows[0][0].legend(frameon=False)
    figure.savefig(file, dpi=110)
