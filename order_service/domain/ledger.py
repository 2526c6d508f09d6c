"""The double-entry ledger: each movement of money, and from where to where.

Debits are positive and credits negative; what is posted together sums to nothing,
and nothing that was posted is ever changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from common.money import Money

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


# Of an order, all that are written.
EntriesOf = Callable[[str], Iterable[Entry]]


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

    def written(self, _: EntriesOf) -> "Posting":
        return self


def sale(order: "Order") -> Posting:
    """The customer has paid: to each line's seller, less the commission."""
    entries = [Entry(Account.CUSTOMER, order.total.amount)]
    for place, line in enumerate(order.items):
        payable = line.line_total.amount - line.commission_minor
        entries += of_line(place, line.seller_id, -payable, -line.commission_minor)
    return Posting(
        order.id, Kind.SALE, order.total.currency, worth(entries), order_id=order.id
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
