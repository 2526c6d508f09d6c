"""When a request is due: at random moments of an even rate, or one at once.

What is late in being sent counts from when it was due, as somebody who waits does
(Gil Tene's coordinated omission).
"""

from collections.abc import Iterator
from random import Random


def open_arrivals(rate: float, seconds: float, seed: int = 1) -> Iterator[float]:
    """Moments of a Poisson process, in seconds from the start."""
    random = Random(seed)  # noqa: S311 - the same moments in every run
    moment = random.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += random.expovariate(rate)
