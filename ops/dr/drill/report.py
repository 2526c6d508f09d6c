"""Performs the drill, and says what it was worth."""

from collections.abc import Iterator
from pathlib import Path

from ops.dr.drill.run import Drill, Verdict
from ops.dr.drill.world import World
from ops.errors import Problem

RTO_SECONDS = 60.0


def perform(
    place: Path, synchronous: bool, distance: float, seconds: float, keep: bool
) -> Verdict:
    """On servers of its own, which are gone when this is over."""
    if place.exists():
        raise Problem(f"{place} is there already; --place names another")
    world = World(place, synchronous, distance)
    world.install()
    try:
        world.build()
        return Drill(world, seconds).run()
    finally:
        world.end()
        if not keep:
            world.wipe()


def is_good(verdict: Verdict) -> bool:
    """Whether it was in time, fenced and whole, and lost nothing that was promised."""
    kept = not verdict.lost or not verdict.synchronous
    fenced = "TAKEN" not in verdict.refused_writes.values()
    in_time = verdict.rto <= RTO_SECONDS
    return in_time and kept and fenced and not verdict.audit


def table(verdict: Verdict) -> str:
    return "\n".join(f"{name:<24}{value}" for name, value in rows(verdict))


def rows(verdict: Verdict) -> Iterator[tuple[str, str]]:
    copies = "synchronous" if verdict.synchronous else "asynchronous"
    yield "between the regions", copies
    yield "acknowledged by A", f"{verdict.acknowledged} orders"
    lost = f"{len(verdict.lost)} orders"
    spread = f", of the last {verdict.lost_seconds:.2f} s" if verdict.lost else ""
    yield "RPO: lost of them", lost + spread
    yield "events of A in B", f"{verdict.events_in_b} waited for handlers"
    yield "B's query for gateway", " then ".join(verdict.query_found)
    yield "detected after", f"{verdict.detected_after:.1f} s"
    yield "B promoted after", f"{verdict.promoted_after:.1f} s"
    yield "RTO: first order in B", f"{verdict.rto:.1f} s (target {RTO_SECONDS:g} s)"
    yield "taken by B", f"{verdict.served_by_b} orders"
    yield from verdict.refused_writes.items()
    yield "audit of B", f"{verdict.found} violations"
    yield "reconcile --fix", verdict.reconciled
    yield "A follows again after", f"{verdict.rejoined_after:.1f} s"
    yield (
        "audit after it",
        f"{len(verdict.audit)} violations"
        + "".join(f"\n    {each}" for each in verdict.audit),
    )
