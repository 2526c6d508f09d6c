"""Whole minor units shared out so that no cent is lost or made."""

from collections.abc import Sequence


def split(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in proportion to ``weights``, by largest remainder.

    Each part is its exact share rounded down or up, so that none is larger than
    its weight where the total is not; of equal remainders the first is served
    first.  Raises ``ValueError`` when there is nobody to bear the total.
    """
    whole = sum(weights)
    if not whole:
        return nothing(total, weights)
    parts = [total * weight // whole for weight in weights]
    short = total - sum(parts)
    by_remainder = sorted(
        range(len(weights)), key=lambda one: -(total * weights[one] % whole)
    )
    for one in by_remainder[:short]:
        parts[one] += 1
    return parts


def nothing(total: int, weights: Sequence[int]) -> list[int]:
    if total:
        raise ValueError(f"nobody bears {total}")
    return [0 for _ in weights]
