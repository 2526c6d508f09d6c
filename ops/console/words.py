"""Figures as people read them."""

from datetime import datetime

MINUTE, HOUR, DAY = 60, 3600, 86400
UNKNOWN = "\N{EN DASH}"
# From so much on, what comes after the point says nothing.
MANY = 10


def duration(seconds: float | None) -> str:
    """``3.4 ms``, ``340 ms``, ``1.2 s``, ``4 m 07 s``, ``3 h 05 m``, ``2 d 4 h``."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{number(seconds * 1000)} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} m {seconds % MINUTE // 1:02.0f} s"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h {seconds % HOUR // MINUTE:02.0f} m"
    return f"{seconds // DAY:.0f} d {seconds % DAY // HOUR:.0f} h"


def number(value: float | None) -> str:
    """Digits after the point where there is little before it."""
    if value is None:
        return UNKNOWN
    if value >= MANY or value == int(value):
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 1 else f"{value:.1g}"


def percent(share: float | None) -> str:
    """``0 %`` for nothing at all and for nothing else."""
    if share is None:
        return UNKNOWN
    least = 0.0001
    return "< 0.01 %" if 0 < share < least else f"{round(share * 100, 2):g} %"


def load(share: float | None) -> str:
    """Of one core."""
    return UNKNOWN if share is None else f"{100 * share:.0f} %"


def memory(octets: float | None) -> str:
    return UNKNOWN if octets is None else f"{octets / 2**20:.0f} MB"


def clock(time: str | datetime) -> str:
    """The time of day, in UTC like the logs."""
    if isinstance(time, datetime):
        return f"{time:%H:%M:%S}"
    return time[11:19] or time
