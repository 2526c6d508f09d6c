"""Whether the time of a refusal tells who has an account."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import median
from time import perf_counter

KINDS = ("known", "unknown")


@dataclass(frozen=True)
class Guesses:
    """Milliseconds of refused sign-ins, of known and of unknown addresses."""

    known: list[float]
    unknown: list[float]

    @property
    def difference(self) -> float:
        """Of the medians, as a share of that of the unknown."""
        return abs(median(self.known) / median(self.unknown) - 1)

    @property
    def chance(self) -> float:
        """That two samples of one kind would differ as much (Mann-Whitney U)."""
        n, m = len(self.known), len(self.unknown)
        ranks = ranked(self.known + self.unknown)
        u = sum(ranks[:n]) - n * (n + 1) / 2
        z = (u - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
        return erfc(abs(z) / sqrt(2))


def ranked(values: list[float]) -> list[float]:
    """The rank of each, from 1; measured times are hardly ever the same."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    for rank, place in enumerate(order, start=1):
        ranks[place] = float(rank)
    return ranks


def guess(
    refuse: Callable[[str], None], known: list[str], unknown: list[str], seed: int = 1
) -> Guesses:
    """Let ``refuse`` be timed for each address, in no order."""
    waiting = [("known", one) for one in known] + [("unknown", one) for one in unknown]
    random.Random(seed).shuffle(waiting)  # noqa: S311 - no secret, but the same again
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind, address in waiting:
        asked = perf_counter()
        refuse(address)
        taken[kind].append(1000 * (perf_counter() - asked))
    return Guesses(**taken)
