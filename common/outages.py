"""What a driver raises when its server is away is no bug of ours.

Each provider names such exceptions once; entrypoints then answer
``Unavailable`` and log one line instead of a stack.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from common.errors import service_unavailable

log = logging.getLogger(__name__)

OUTAGES: set[type[BaseException]] = set()


def count_as_outage(*kinds: type[BaseException]) -> None:
    OUTAGES.update(kinds)


def answering_outages(method: Callable[..., Any]) -> Callable[..., Any]:
    """``method``, with every outage turned into ``Unavailable``."""

    @wraps(method)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except tuple(OUTAGES) as outage:
            log.warning("%s: %s", method.__name__, type(outage).__name__)
            raise service_unavailable() from None

    return answer
