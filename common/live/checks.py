"""What a value may be; each check raises ``ValueError`` with a reason to read."""

import re
from collections.abc import Mapping
from typing import Any

from common.limiting import Quota
from common.resilience.settings import checked

LEAST_SECONDS, MOST_SECONDS = 0.01, 60.0
LONGEST_RETRY_AFTER = 86_400
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGER = re.compile(r"\w+(\.\w+)*")
# A driver's debug lines hold what people said, and passwords: those stay closed.
OURS = (
    "common",
    "gateway",
    "order_service",
    "product_service",
    "user_service",
)
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /\S*")
REFUSABLE = ("writes", "all")


def quota(name: str, value: Any) -> None:
    Quota(name, 1, 1).changed(value)


def seconds(name: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not LEAST_SECONDS <= value <= MOST_SECONDS:
        raise ValueError(
            f"{value!r} is no number of seconds from {LEAST_SECONDS} to {MOST_SECONDS}"
        )


def routes(name: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f'{value!r} is not {{"METHOD /path": seconds}}')
    for route, limit in value.items():
        if not ROUTE.fullmatch(route):
            raise ValueError(f"{route!r} is not METHOD /path")
        seconds(route, limit)


def switch(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")


def log_level(name: str, value: Any) -> None:
    if not LOGGER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a logger")
    if value not in LEVELS:
        raise ValueError(f"{value!r} is none of {', '.join(LEVELS)}")
    if value == "DEBUG" and name.partition(".")[0] not in OURS:
        raise ValueError(f"DEBUG is for loggers of {', '.join(OURS)}")


def maintenance(name: str, value: Any) -> None:
    told = value if isinstance(value, Mapping) else {"refuse": value}
    if told.get("refuse") not in REFUSABLE or told.keys() - {"refuse", "retry_after"}:
        raise ValueError(f'{value!r} is not writes, all or {{"refuse": one of them}}')
    wait = told.get("retry_after", 1)
    if type(wait) is not int or not 0 < wait <= LONGEST_RETRY_AFTER:
        raise ValueError(f"retry_after is {wait!r}, not seconds up to a day")


def resilience(name: str, value: Any) -> None:
    checked(name, value)
