"""Performs the drill, and says what it was worth."""

from collections.abc import Iterator
from pathlib import Path

from ops.dr.drill.places import B
from ops.dr.drill.run import Drill, Verdict
from ops.dr.drill.world import World
from ops.errors import Problem

RTO_SECONDS = 60.0


def perform(
    place: Path, waits: str, distance: float, seconds: float, keep: bool
) -> Verdict:
    """On servers of its own, which are gone when this is over."""
    if place.exists():
        raise Problem(f"{place} is there already; --place names another")
    world = World(place, waits, distance)
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
    kept = not verdict.lost or verdict.waits != B
    kept = kept and not (verdict.within and verdict.within.lost)
    fenced = "TAKEN" not in verdict.refused_writes.values()
    in_time = verdict.rto <= RTO_SECONDS
    return in_time and kept and fenced and not verdict.audit


def table(verdict: Verdict) -> str:
    return "\n".join(f"{name:<24}{value}" for name, value in rows(verdict))


def rows(verdict: Verdict) -> Iterator[tuple[str, str]]:
    yield "a commit waits for", verdict.waits or "no other server"
    if told := verdict.within:
        yield "acknowledged at first", f"{told.acknowledged} orders"
        yield "RPO in region-a", f"{len(told.lost)} orders, its PostgreSQL killed"
        yield "RTO in region-a", f"{told.first_after:.1f} s"
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
    yield "reconcile once more", verdict.reconciled_again
    yield (
        "audit after it",
        f"{len(verdict.audit)} violations"
        + "".join(f"\n    {each}" for each in verdict.audit),
    )
