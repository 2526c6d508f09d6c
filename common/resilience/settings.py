"""How cautious a caller is with one target, from the configuration."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

# What a call is worth: the first is shed first.
VALUES = ("low", "normal", "high")
DEFAULT = "default"
# Each of these may not be larger than the one behind it.
ASCENDING = (
    ("least_calls", "most_outcomes"),
    ("open_seconds", "open_seconds_most"),
    ("slots_low", "slots_normal", "slots_high"),
    ("wait_low", "wait_normal", "wait_high"),
    ("queue_seconds", "unknown_after_seconds"),
)


def between(least: float, most: float, default: Any) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True)
class Settings:
    """Seconds are seconds, shares are fractions of one; the names are the keys."""

    # The breaker opens when of the last outcomes too many failed or were slow.
    window_seconds: float = between(0.1, 600, 10.0)
    most_outcomes: int = between(1, 10_000, 100)
    least_calls: int = between(1, 10_000, 20)
    failure_share: float = between(0.01, 1, 0.5)
    # Failures without a success in between open it whatever the shares are.
    most_in_row: int = between(1, 1_000_000, 1_000_000)
    slow_seconds: float | None = between(0.001, 600, None)
    slow_share: float = between(0.01, 1, 0.8)
    open_seconds: float = between(0.01, 600, 2.0)
    open_seconds_most: float = between(0.01, 3600, 30.0)
    probes: int = between(1, 100, 3)
    # Calls in flight, and which part of the slots each value may use.
    max_in_flight: int = between(1, 100_000, 100)
    slots_low: float = between(0.01, 1, 0.5)
    slots_normal: float = between(0.01, 1, 0.8)
    slots_high: float = between(0.01, 1, 1.0)
    # Retries for each first attempt, how many may come in a burst, their pauses.
    retry_ratio: float = between(0, 1, 0.1)
    retry_reserve: int = between(0, 10_000, 10)
    retry_pause_seconds: float = between(0, 60, 0.02)
    # How much of its remaining time a call may spend in the target's queue.
    queue_seconds: float = between(0.01, 60, 0.5)
    unknown_after_seconds: float = between(0.01, 600, 1.0)
    trickle_seconds: float = between(0.001, 60, 0.1)
    wait_low: float = between(0.01, 1, 0.25)
    wait_normal: float = between(0.01, 1, 0.5)
    wait_high: float = between(0.01, 1, 0.9)

    def by_value(self, name: str) -> dict[str, float]:
        return {value: getattr(self, f"{name}_{value}") for value in VALUES}


def read(target: str, sections: Mapping[str, Any]) -> Settings:
    """What ``sections`` (``RESILIENCE`` of the configuration) says of ``target``.

    A target's own section overrides ``default`` key by key.  All sections are
    checked, so that a slip shows at the start; raises ``ValueError``.
    """
    if not isinstance(sections, Mapping):
        raise ValueError("RESILIENCE is not a mapping of targets to settings")
    default = sections.get(DEFAULT) or {}
    for name, section in sections.items():
        merged(name, default, section or {})
    return merged(target, default, sections.get(target) or {})


def merged(target: str, default: Any, section: Any) -> Settings:
    where = f"RESILIENCE.{target}"
    if not isinstance(default, Mapping) or not isinstance(section, Mapping):
        raise ValueError(f"{where} is not a mapping of settings")
    given = checked(where, {**default, **section})
    return in_order(where, Settings(**given))


def checked(where: str, given: Any) -> dict[str, Any]:
    """``given``, each setting of it by itself; raises ``ValueError``."""
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is not a mapping of settings")
    known = {each.name: each for each in fields(Settings)}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"{where} has no setting {name!r}{hint(name, known)}")
        check(f"{where}.{name}", value, known[name])
    return dict(given)


def hint(name: object, known: Mapping[str, Any]) -> str:
    close = get_close_matches(str(name), known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def check(where: str, value: Any, setting: Field[Any]) -> None:
    if value is None and setting.default is None:
        return
    least, most = setting.metadata["least"], setting.metadata["most"]
    kinds = (int,) if setting.type is int else (int, float)
    if type(value) not in kinds or not least <= value <= most:
        noun = "a whole number" if setting.type is int else "a number"
        raise ValueError(f"{where} is {value!r}, not {noun} from {least} to {most}")


def in_order(where: str, settings: Settings) -> Settings:
    for names in ASCENDING:
        values = [getattr(settings, name) for name in names]
        if values != sorted(values):
            raise ValueError(f"{where}: {' <= '.join(names)} does not hold: {values}")
    return settings
