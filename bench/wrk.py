"""wrk, the load generator: how it is called, and what it says."""

import re
from pathlib import Path
from typing import Any

from ops.errors import Problem
from ops.stack import programs

Words = list[str | Path]

CONNECTIONS = 32
SCRIPT = Path(__file__).parent / "paths.lua"
TO_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
TO_SECONDS = {"us": 0.000_001, "ms": 0.001, "s": 1.0, "m": 60.0}
# It pads a short unit with a space.
LATENCY = r"^ +{percent}% +([\d.]+)(us|ms|s|m) *$"
TOTAL = r"(\d+) requests in ([\d.]+)(us|ms|s|m),"
REFUSED = r"Non-2xx or 3xx responses: (\d+)"
BROKEN = r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)"


def words(
    url: str,
    paths: Path,
    seconds: int,
    script: Path = SCRIPT,
    connections: int = CONNECTIONS,
) -> Words:
    load = ["--threads", "1", "--connections", str(connections), "--latency"]
    patience = ["--duration", f"{seconds}s", "--timeout", "10s"]
    wrk = programs.demand("wrk")
    return [wrk, *load, *patience, "--script", script, url, "--", paths]


def parse(said: str) -> dict[str, Any]:
    """The counts and latencies of a report, as a `Measurement` takes them."""
    total = re.search(TOTAL, said)
    if total is None:
        raise Problem(f"wrk has measured nothing: {said.strip()[-200:]}")
    return {
        "requests": int(total[1]),
        "seconds": float(total[2]) * TO_SECONDS[total[3]],
        "errors": errors(said),
    } | {f"p{percent}": latency(said, percent) for percent in (50, 90, 99)}


def errors(said: str) -> int:
    found = [re.search(REFUSED, said), re.search(BROKEN, said)]
    return sum(int(count) for match in found if match for count in match.groups())


def latency(said: str, percent: int) -> float:
    found = re.search(LATENCY.format(percent=percent), said, re.MULTILINE)
    return float(found[1]) * TO_MS[found[2]] if found else float("nan")
