"""Curves of the Online Marketplace: how much gets done, how long, and its cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.capacity_chart import COLOURS, finish

STYLES = {"uniform": ("-", "o"), "zipf": ("--", "s")}
SESSION = "customer session"
Run = Mapping[str, Any]


def draw(runs: Sequence[Run], file: Path) -> None:
    mpl.use("Agg")
    picture(runs).savefig(file, dpi=110)


def picture(runs: Sequence[Run]) -> Figure:
    figure = Figure(figsize=(13, 4.6), layout="constrained")
    rate, latency, cost = figure.subplots(1, 3)
    for line in lines(runs):
        n, distribution = line[0]["processes"], line[0]["distribution"]
        style, marker = STYLES[distribution]
        look = {"color": COLOURS[n], "linestyle": style, "marker": marker}
        label = f"{distribution}, {n} of each"
        clients = [each["clients"] for each in line]
        rate.plot(clients, [done(e) / e["seconds"] for e in line], label=label, **look)
        latency.plot(clients, [p95(each) for each in line], label=label, **look)
        cost.plot(clients, [cpu_ms(each) for each in line], label=label, **look)
    finish(rate, "Transactions a second", "clients", "tx/s")
    finish(latency, "p95 of a checkout, till its order has ended", "clients", "ms")
    finish(cost, "Cost of a transaction", "clients", "CPU-ms")
    figure.suptitle("The Online Marketplace, in one run on one machine", fontsize=14)
    return figure


def lines(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs of each distribution and number of processes, by clients."""
    found: dict[tuple[int, str], list[Run]] = {}
    for run in runs:
        found.setdefault((run["processes"], run["distribution"]), []).append(run)
    return [sorted(found[key], key=lambda run: run["clients"]) for key in sorted(found)]


def done(run: Run) -> int:
    """How many transactions."""
    return sum(each["requests"] for each in run["kinds"].values())


def cpu_ms(run: Run, name: str | None = None) -> float:
    """CPU-milliseconds a transaction: of one service, or of all."""
    spent = sum(run["cpu"].values()) if name is None else run["cpu"].get(name, 0.0)
    return float(1000 * spent / max(done(run), 1))


def p95(run: Run) -> float:
    return float(run["kinds"].get(SESSION, {}).get("p95", float("nan")))
