"""The chart: how many answers a second, and how long they took."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from bench.measurement import Measurement

# Told apart by the colour-blind as well.
STOCK, OURS, CACHED, BARE = "#8c8c8c", "#0072b2", "#009e73", "#d55e00"
PERCENTILES = (("p50", "o"), ("p90", "D"), ("p99", "s"))
ANSWERED_FROM_CACHE = ("cached", "not_modified")


def draw(measured: Mapping[str, Measurement], file: Path) -> None:
    mpl.use("Agg")
    figure = Figure(figsize=(13, 1.4 + 0.42 * len(measured)), layout="constrained")
    throughput, latency = figure.subplots(1, 2, sharey=True)
    colours = [colour(key) for key in measured]
    shown = list(measured.values())
    draw_throughput(throughput, shown, colours)
    draw_latency(latency, shown, colours)
    figure.suptitle(
        "ShopNow beside stock Nameko, in one run on one machine", fontsize=14
    )
    figure.legend(handles=legend(), loc="outside lower center", ncols=7, frameon=False)
    file.parent.mkdir(exist_ok=True)
    figure.savefig(file, dpi=110)


def legend() -> list[Any]:
    hues = [
        (STOCK, "stock Nameko"),
        (OURS, "ShopNow"),
        (CACHED, "ShopNow, from the gateway's cache"),
        (BARE, "py-amqp alone"),
    ]
    dots = [
        Line2D([], [], color="black", marker=marker, linestyle="", label=name)
        for name, marker in PERCENTILES
    ]
    return [*(Patch(color=hue, label=name) for hue, name in hues), *dots]


def colour(key: str) -> str:
    if key.startswith("stock"):
        return STOCK
    if key.startswith("bare"):
        return BARE
    return CACHED if key.startswith(ANSWERED_FROM_CACHE) else OURS


def draw_throughput(axes: Any, shown: list[Measurement], colours: list[str]) -> None:
    places = range(len(shown))
    rates = [max(each.rate, 1.0) for each in shown]
    axes.barh(places, rates, color=colours, height=0.7)
    for place, value in zip(places, rates, strict=True):
        axes.annotate(
            f"{value:,.0f}",
            (value, place),
            (4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set_yticks(places, [each.title for each in shown])
    axes.invert_yaxis()
    axes.set_xlim(min(rates) / 3, max(rates) * 3)
    finish(axes, "Good answers per second (log scale; more is better)")


def draw_latency(axes: Any, shown: list[Measurement], colours: list[str]) -> None:
    places = range(len(shown))
    spans = [(each.p50, each.p99) for each in shown]
    for place, (low, high), hue in zip(places, spans, colours, strict=True):
        axes.plot((low, high), (place, place), color=hue, linewidth=2, zorder=1)
    for name, marker in PERCENTILES:
        values = [getattr(each, name) for each in shown]
        axes.scatter(values, places, c=colours, marker=marker, s=42, zorder=2)
    finish(axes, "Latency in milliseconds (log scale; less is better)")


def finish(axes: Any, title: str) -> None:
    axes.set_xscale("log")
    axes.set_title(title, fontsize=11)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.grid(axis="x", which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
