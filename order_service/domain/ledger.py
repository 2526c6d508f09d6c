"""The double-entry ledger: each movement of money, and from where to where.

Debits are positive and credits negative; what is posted together sums to nothing,
and nothing that was posted is ever changed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.money import Money
from order_service.domain.split import split

if TYPE_CHECKING:
    from order_service.domain.order import Order


class Account(StrEnum):
    """``customer`` is what came in, ``refunds`` what went back to customers, and
    ``payouts`` what went to sellers; the others are whose it is meanwhile."""

    CUSTOMER = "customer"
    SELLER_PAYABLE = "seller_payable"
    COMMISSION = "commission"
    REFUNDS = "refunds"
    PAYOUTS = "payouts"


class Kind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    PAYOUT = "payout"


@dataclass(frozen=True)
class Entry:
    """``amount`` in minor units; ``line`` is the place of a line in its order."""

    account: Account
    amount: int
    seller_id: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Posting:
    """Entries of one cause; ``id`` is that of the order, the refund or the payout.

    So the same thing cannot be posted twice.
    """

    id: str
    kind: Kind
    currency: str
    entries: tuple[Entry, ...]
    order_id: str | None = None

    def __post_init__(self) -> None:
        if sum(entry.amount for entry in self.entries):
            raise ValueError(f"debits and credits of {self.kind} {self.id} differ")


def sale(order: "Order") -> Posting:
    """The customer has paid: to each line's seller, less the commission."""
    entries = [Entry(Account.CUSTOMER, order.total.amount)]
    for place, line in enumerate(order.items):
        payable = line.line_total.amount - line.commission_minor
        entries += of_line(place, line.seller_id, -payable, -line.commission_minor)
    return Posting(
        order.id, Kind.SALE, order.total.currency, worth(entries), order_id=order.id
    )


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


def payout(payout_id: str, seller_id: str, amount: Money) -> Posting:
    """A seller has been paid."""
    entries = (
        Entry(Account.SELLER_PAYABLE, amount.amount, seller_id),
        Entry(Account.PAYOUTS, -amount.amount),
    )
    return Posting(payout_id, Kind.PAYOUT, amount.currency, entries)


def of_line(place: int, seller_id: str, payable: int, commission: int) -> list[Entry]:
    return [
        Entry(Account.SELLER_PAYABLE, payable, seller_id, place),
        Entry(Account.COMMISSION, commission, seller_id, place),
    ]


def worth(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.amount)


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
