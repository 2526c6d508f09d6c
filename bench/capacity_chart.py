"""Curves of latency and cost against load, of cost against data, and the law."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bench import usl
from bench.capacity_law import LEAST_POINTS, points
from bench.chart import BARE, CACHED, OURS, STOCK
from bench.look import MOST_P99_MS, Look

if TYPE_CHECKING:
    from bench.capacity import Found

COLOURS = {1: OURS, 2: BARE}
STEPS = 100


def draw(found: "Found", file: Path) -> None:
    mpl.use("Agg")
    picture(found).savefig(file, dpi=110)


def picture(found: "Found") -> Figure:
    figure = Figure(figsize=(13, 9), layout="constrained")
    (latency, cost), (data, law) = figure.subplots(2, 2)
    for n, looks in found.rates.items():
        draw_latency(latency, n, looks)
        draw_cost(cost, n, looks)
    draw_data(data, found.sizes, "products", CACHED)
    draw_data(data, found.orders, "orders", OURS)
    for n, looks in found.clients.items():
        draw_law(law, n, looks)
    latency.axhline(MOST_P99_MS, color=STOCK, linestyle=":", label="300 ms")
    latency.set_yscale("log")
    # No orders are a size as well, and it is not far from the first.
    data.set_xscale("symlog", linthresh=1_000, linscale=0.5)
    sizes = {each.products for each in found.sizes} | {e.orders for e in found.orders}
    data.set_xticks(sorted(sizes))
    data.minorticks_off()
    for axis in (latency.yaxis, data.xaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    titles = {
        latency: ("p99 against load", "requests a second", "ms"),
        cost: ("Cost against load", "requests a second", "CPU-ms a request"),
        data: ("Cost against data", "products or orders", "CPU-ms a request"),
        law: ("Universal scalability law", "clients", "requests a second"),
    }
    for axes, words in titles.items():
        finish(axes, *words)
    figure.suptitle("The shop's mix, in one run on one machine", fontsize=14)
    return figure


def draw_latency(axes: Any, n: int, looks: Sequence[Look]) -> None:
    for mark, style in (("p50", "--"), ("p99", "-")):
        axes.plot(
            [each.rate for each in looks],
            [each.percentiles.get(mark, 0) for each in looks],
            color=COLOURS[n],
            linestyle=style,
            marker="o",
            label=f"{mark}, {n} of each",
        )


def draw_cost(axes: Any, n: int, looks: Sequence[Look]) -> None:
    axes.plot(
        [each.rate for each in looks],
        [each.cpu_ms() for each in looks],
        color=COLOURS[n],
        marker="o",
        label=f"{n} of each",
    )
    axes.plot(
        [each.rate for each in looks],
        [each.beyond_idle for each in looks],
        color=COLOURS[n],
        linestyle=":",
        label=f"beyond idle, {n} of each",
    )


def draw_data(axes: Any, looks: Sequence[Look], what: str, colour: str) -> None:
    if not looks:
        return
    axes.plot(
        [getattr(each, what) for each in looks],
        [each.cpu_ms() for each in looks],
        color=colour,
        marker="o",
        label=f"{what}, at {looks[0].rate:,.0f}/s",
    )


def draw_law(axes: Any, n: int, looks: Sequence[Look]) -> None:
    measured = points(looks)
    if len(measured) < LEAST_POINTS:
        return
    axes.scatter(*zip(*measured, strict=True), color=COLOURS[n], label=f"{n} of each")
    fit, most = usl.fit(measured), max(n for n, _ in measured)
    where = [1 + (most - 1) * step / STEPS for step in range(STEPS + 1)]
    axes.plot(where, [fit.at(each) for each in where], color=COLOURS[n], linewidth=1)


def finish(axes: Any, title: str, across: str, up: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if axes.get_yscale() != "log":
        axes.set_ylim(bottom=0)
    if axes.get_xscale() != "log":
        axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
