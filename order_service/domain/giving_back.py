"""What goes back to a customer, and who bears it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from common.money import Money
from order_service.domain.ledger import (
    Account,
    EntriesOf,
    Entry,
    Kind,
    Posting,
    of_line,
    worth,
)
from order_service.domain.split import split


@dataclass(frozen=True)
class GivenBack:
    """A refund whose shares are known once it is written: they depend on what was
    given back before it."""

    order_id: str
    refund_id: str
    amount: Money
    returned: frozenset[int] = frozenset()

    def written(self, of_order: EntriesOf) -> Posting:
        before = of_order(self.order_id)
        return refund(self.order_id, self.refund_id, self.amount, before, self.returned)


def refund(
    order_id: str,
    refund_id: str,
    amount: Money,
    before: Iterable[Entry],
    returned: Collection[int] = (),
) -> Posting:
    """Money back to the customer, from the sellers and from the commission.

    ``before`` are all entries of the order.  The lines that were ``returned`` bear
    it as far as they go, then the others; each in proportion to what is left of it.
    """
    left = left_of(before)
    entries = [Entry(Account.REFUNDS, -amount.amount)]
    for place, part in spread(amount.amount, left, returned).items():
        payable, commission = split(part, left[place].shares)
        entries += of_line(place, left[place].seller_id, payable, commission)
    return Posting(
        refund_id, Kind.REFUND, amount.currency, worth(entries), order_id=order_id
    )


@dataclass
class Left:
    """What is left of a line: its seller's share, and the marketplace's."""

    seller_id: str
    payable: int = 0
    commission: int = 0

    @property
    def shares(self) -> tuple[int, int]:
        return self.payable, self.commission

    @property
    def total(self) -> int:
        return sum(self.shares)


def left_of(entries: Iterable[Entry]) -> dict[int, Left]:
    """By the place of the line, in the order of their places."""
    left: dict[int, Left] = {}
    for entry in entries:
        if entry.line is None or entry.seller_id is None:
            continue
        line = left.setdefault(entry.line, Left(entry.seller_id))
        if entry.account is Account.COMMISSION:
            line.commission -= entry.amount
        else:
            line.payable -= entry.amount
    return dict(sorted(left.items()))


def spread(
    amount: int, left: Mapping[int, Left], first: Collection[int]
) -> dict[int, int]:
    """What each line bears of ``amount``, those that come ``first`` before others."""
    borne: dict[int, int] = {}
    for is_first in (True, False):
        lines = [place for place in left if (place in first) is is_first]
        weights = [left[place].total for place in lines]
        share = min(amount - sum(borne.values()), sum(weights))
        borne |= zip(lines, split(share, weights), strict=True)
    if sum(borne.values()) != amount:
        raise ValueError(f"less than {amount} is left to give back")
    return borne
