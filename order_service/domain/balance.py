"""What a seller has sold, was charged and paid, and is owed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from common.money import Money
from order_service.domain.ledger import Account, Kind

# Of one seller: what all the entries of a kind on an account come to.
Sum = tuple[Kind, Account, int]


@dataclass(frozen=True)
class Balance:
    """``payable`` is below zero for who was paid for what went back since."""

    currency: str
    sales: Money
    commission: Money
    refunds: Money
    paid_out: Money

    @property
    def payable(self) -> Money:
        taken = (self.commission, self.refunds, self.paid_out)
        left = self.sales.amount - sum(money.amount for money in taken)
        return Money(left, self.currency)


def balance(sums: Iterable[Sum], currency: str) -> Balance:
    """``sales`` and ``refunds`` are what customers paid and got back; what the
    marketplace gave back of its part in refunds is off the ``commission``."""
    of_kind: dict[Kind, int] = defaultdict(int)
    commission = 0
    for kind, account, amount in sums:
        of_kind[kind] += amount
        commission -= amount if account is Account.COMMISSION else 0
    return Balance(
        currency,
        sales=Money(-of_kind[Kind.SALE], currency),
        commission=Money(commission, currency),
        refunds=Money(of_kind[Kind.REFUND], currency),
        paid_out=Money(of_kind[Kind.PAYOUT], currency),
    )
