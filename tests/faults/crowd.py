"""Many clients at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(work: Callable[[int], Any], times: int) -> list[Any]:
    """What ``work(0)``, ``work(1)``, … give, an exception among it as a value."""

    def quietly(number: int) -> Any:
        try:
            return work(number)
        except Exception as trouble:
            return trouble

    with ThreadPoolExecutor(times) as crowd:
        return list(crowd.map(quietly, range(times)))
