"""The universal scalability law, fitted by least squares.

X(N) = rate N / (1 + contention (N - 1) + coherency N (N - 1)), after N. J. Gunther,
*Guerrilla Capacity Planning*, 2007.  N / X is linear in what is sought, so no start
values are needed; each point is weighed by its X, so that it is the relative errors
of X that are least.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

Point = tuple[float, float]
# What N / X is made of: 1 / rate, and then times contention, times coherency.
PARTS: tuple[Callable[[float], float], ...] = (
    lambda n: 1.0,
    lambda n: n - 1,
    lambda n: n * (n - 1),
)


@dataclass(frozen=True)
class Fit:
    """``rate`` is of one alone; ``residuals`` are relative, one for each point."""

    rate: float
    contention: float
    coherency: float
    residuals: tuple[float, ...]

    def at(self, n: float) -> float:
        slowed = 1 + self.contention * (n - 1) + self.coherency * n * (n - 1)
        return self.rate * n / slowed

    @property
    def peak(self) -> float | None:
        """The N of the greatest X; None where more always brings more."""
        if not self.coherency:
            return None
        return sqrt(max(1 - self.contention, 0) / self.coherency)

    @property
    def worst(self) -> float:
        return max(map(abs, self.residuals))


def fit(points: Sequence[Point]) -> Fit:
    """The law nearest to ``points`` ``(N, X)``; neither delay is less than none."""
    fits = [
        found
        for size in range(len(PARTS))
        for more in combinations((1, 2), size)
        if (found := fitted(points, (0, *more))) is not None
    ]
    return min(fits, key=lambda one: sum(each**2 for each in one.residuals))


def fitted(points: Sequence[Point], used: tuple[int, ...]) -> Fit | None:
    """With these parts alone; None where one of them comes out below zero."""
    if len(points) < len(used):
        return None
    rows = [[PARTS[part](n) * x / n for part in used] for n, x in points]
    normal = [
        [sum(row[i] * row[j] for row in rows) for j in range(len(used))]
        + [sum(row[i] for row in rows)]
        for i in range(len(used))
    ]
    solved = solve(normal)
    if solved is None or min(solved) < 0 or not solved[0]:
        return None
    found = dict(zip(used, solved, strict=True))
    one = found[0]
    law = Fit(1 / one, found.get(1, 0.0) / one, found.get(2, 0.0) / one, ())
    residuals = tuple(x / law.at(n) - 1 for n, x in points)
    return Fit(law.rate, law.contention, law.coherency, residuals)


def solve(rows: list[list[float]]) -> list[float] | None:
    """Gauss and Jordan; None where there is no single answer."""
    rows = [list(row) for row in rows]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        if abs(rows[i][i]) < 1e-12:
            return None
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [
                    a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)
                ]
    return [row[-1] for row in rows]
