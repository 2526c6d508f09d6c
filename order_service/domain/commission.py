"""What the marketplace takes of a sale, by rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# One in ten thousand.
ALL_BP = 10_000
DEFAULT_BP = 1_000

# A seller and a category; None is any.
Scope = tuple[str | None, str | None]
Rates = Mapping[Scope, int]


@dataclass(frozen=True)
class Rule:
    """The rate of a seller, a category, both or, with neither, of all.

    A rule without a rate ends the one before it: the next wider holds again.
    """

    id: str
    seller_id: str | None
    category: str | None
    rate_bp: int | None
    created_at: datetime

    @property
    def scope(self) -> Scope:
        return self.seller_id, self.category


def in_force(rules: Iterable[Rule]) -> list[Rule]:
    """Of each scope the newest, unless it is the end of one."""
    by_age = sorted(rules, key=lambda rule: (rule.created_at, rule.id))
    newest = {rule.scope: rule for rule in by_age}
    return [rule for rule in newest.values() if rule.rate_bp is not None]


def rates(rules: Iterable[Rule]) -> dict[Scope, int]:
    return {rule.scope: rule.rate_bp or 0 for rule in in_force(rules)}


def rate_of(rates: Rates, seller_id: str, categories: Sequence[str]) -> int:
    """The most specific rate of a product, whose ``categories`` go from root to leaf.

    A seller's own rate goes before a category's, a near category before a far one.
    """
    near: list[str | None] = [*reversed(categories), None]
    for seller in (seller_id, None):
        for category in near:
            if (seller, category) in rates:
                return rates[seller, category]
    return DEFAULT_BP


def commission_of(amount: int, rate_bp: int) -> int:
    """In minor units, half a unit up."""
    return (amount * rate_bp + ALL_BP // 2) // ALL_BP
