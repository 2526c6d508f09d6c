"""The guards of this process, one per target, and what Prometheus reads of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nameko import config
from prometheus_client import REGISTRY, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from common.resilience.guard import Guard
from common.resilience.settings import Settings, read

OUTCOMES = ("succeeded", "failed", "abandoned")

GUARDS: dict[str, Guard] = {}
# What an operator has set while we run, over what is configured.
LIVE: dict[str, Mapping[str, Any]] = {}


def guard_of(target: str) -> Guard:
    """The one guard of ``target`` in this process, as ``RESILIENCE`` configures it.

    Raises ``ValueError`` if the configuration makes no sense.
    """
    if target not in GUARDS:
        GUARDS[target] = Guard(target, settings_of(target, LIVE.get(target) or {}))
    return GUARDS[target]


def settings_of(target: str, live: Mapping[str, Any]) -> Settings:
    sections = config.get("RESILIENCE") or {}
    own = {**(sections.get(target) or {}), **live}
    return read(target, {**sections, target: own})


def change_guard(target: str, live: Mapping[str, Any] | None) -> None:
    """Put ``live`` over what is configured, None for nothing; calls go on.

    Raises ``ValueError`` if both together make no sense.
    """
    settings = settings_of(target, live or {})
    LIVE[target] = live or {}
    if target in GUARDS:
        GUARDS[target].change(settings)


class GuardMetrics:
    """Reads the guards' plain numbers when somebody scrapes them, not before."""

    def __init__(self, guards: dict[str, Guard]) -> None:
        self.guards = guards

    def collect(self) -> Iterator[Metric]:
        guards = self.guards.values()
        yield gauge(
            "shopnow_breaker_state",
            "Circuit to a target: 0 closed, 1 half-open, 2 open",
            ((guard.target, guard.breaker.state) for guard in guards),
        )
        yield counter(
            "shopnow_breaker_rejected_total",
            "Calls refused because the circuit was open",
            (((guard.target,), guard.rejected) for guard in guards),
        )
        yield counter(
            "shopnow_away_rejected_total",
            "Calls refused because no instance of the target was well",
            (((guard.target,), guard.away) for guard in guards),
        )
        yield gauge(
            "shopnow_bulkhead_in_flight",
            "Calls to a target that are under way",
            ((guard.target, guard.bulkhead.in_flight) for guard in guards),
        )
        yield counter(
            "shopnow_shed_total",
            "Calls refused because slots or queue were full",
            (
                ((guard.target, value), count)
                for guard in guards
                for value, count in guard.shed.items()
            ),
            "value",
        )
        yield counter(
            "shopnow_retries_total",
            "Calls made once more",
            (((guard.target,), guard.retries.spent) for guard in guards),
        )
        yield counter(
            "shopnow_rpc_calls_total",
            "Calls that left, by how they ended",
            (
                ((guard.target, outcome), getattr(guard, outcome))
                for guard in guards
                for outcome in OUTCOMES
            ),
            "outcome",
        )


def gauge(name: str, text: str, samples: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=("target",))
    for target, value in samples:
        family.add_metric((target,), value)
    return family


def counter(
    name: str, text: str, samples: Iterable[tuple[tuple[str, ...], float]], *more: str
) -> Metric:
    family = CounterMetricFamily(name, text, labels=("target", *more))
    for labels, value in samples:
        family.add_metric(labels, value)
    return family


REGISTRY.register(GuardMetrics(GUARDS))
