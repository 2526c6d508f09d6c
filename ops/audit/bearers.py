"""Who bears each refund, against the shares that were agreed when the lines were sold.

It is settled again as the domain does it, refund after refund: what may be rounded
depends on all that went back before, and on nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.money import Money
from ops.audit.faults import Check, Fault, Violation
from ops.audit.ledger import CORRECT
from ops.audit.stores import View
from order_service.domain.giving_back import refund
from order_service.domain.ledger import Account, Entry, of_line

SHARES = Fault(
    "refund_shares",
    "line {line} was to bear {payable:money} of seller {seller} and"
    " {commission:money} of the commission, {posted_payable:money} and"
    " {posted_commission:money} are posted",
    CORRECT.replace("{which}", "transaction_id = '{subject}'"),
)

Shares = dict[tuple[int, str], dict[str, int]]


@dataclass(frozen=True)
class Paid:
    """A refund that is done: what is ``posted`` of it, and the lines ``returned``."""

    id: str
    amount: int
    posted: tuple[Entry, ...]
    returned: frozenset[int] = frozenset()


def judge(
    order_id: str, currency: str, sold: Iterable[Entry], paid: Sequence[Paid]
) -> Iterator[Violation]:
    """``sold`` are the shares of the lines; ``paid`` is in the order of settlement."""
    before = list(sold)
    for each in paid:
        # What is not posted at all is found with the ledger.
        if each.posted:
            amount = Money(each.amount, currency)
            due = due_of(order_id, each, amount, before)
            yield from differences(each, shares(due), shares(each.posted))
        before += each.posted


def due_of(
    order_id: str, paid: Paid, amount: Money, before: Iterable[Entry]
) -> tuple[Entry, ...]:
    try:
        return refund(order_id, paid.id, amount, before, paid.returned).entries
    except ValueError:
        # More than is left: nobody was to bear it.
        return ()


def shares(entries: Iterable[Entry]) -> Shares:
    """By line and seller; -1 is no line."""
    borne: Shares = defaultdict(lambda: dict.fromkeys(OF_LINES, 0))
    for entry in entries:
        if entry.account in OF_LINES:
            line = -1 if entry.line is None else entry.line
            borne[line, entry.seller_id or ""][entry.account] += entry.amount
    return borne


def differences(paid: Paid, due: Shares, posted: Shares) -> Iterator[Violation]:
    for line, seller in sorted(due.keys() | posted.keys()):
        right, wrong = due[line, seller], posted[line, seller]
        if right != wrong:
            yield SHARES.of(
                paid.id,
                line=line,
                seller=seller,
                payable=right[Account.SELLER_PAYABLE],
                commission=right[Account.COMMISSION],
                posted_payable=wrong[Account.SELLER_PAYABLE],
                posted_commission=wrong[Account.COMMISSION],
            )


def find(view: View) -> Iterator[Violation]:
    for row in view.rows("orders", REFUNDED):
        lines = row["lines"] or ()
        sold = [entry for line in lines for entry in to_sold(**line)]
        paid = [to_paid(one, lines) for one in row["paid"]]
        yield from judge(row["id"], row["currency"], sold, paid)


def to_sold(
    place: int, seller_id: str, payable: int, commission: int, **_: Any
) -> list[Entry]:
    return of_line(place, seller_id, -payable, -commission)


def to_paid(row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Paid:
    back = {piece["product_id"] for piece in row["returned"]}
    posted = tuple(
        Entry(Account(one["account"]), one["amount"], one["seller_id"], one["line"])
        for one in row["posted"] or ()
    )
    returned = frozenset(one["place"] for one in lines if one["product_id"] in back)
    return Paid(row["id"], row["amount"], posted, returned)


OF_LINES = (Account.SELLER_PAYABLE, Account.COMMISSION)
# The history is written while the order is locked, so it has them as they were settled.
REFUNDED = """
SELECT id, currency, (
    SELECT jsonb_agg(jsonb_build_object(
        'place', position, 'seller_id', seller_id, 'product_id', product_id,
        'payable', quantity * unit_price_minor - commission_minor,
        'commission', commission_minor
    )) FROM order_lines WHERE order_id = orders.id
) AS lines, (
    SELECT jsonb_agg(jsonb_build_object(
        'id', refunds.id, 'amount', amount_minor, 'returned', returned_items,
        'posted', (
            SELECT jsonb_agg(jsonb_build_object(
                'account', account, 'amount', amount_minor,
                'seller_id', seller_id, 'line', line
            )) FROM ledger_entries
            WHERE order_id = orders.id AND transaction_id = refunds.id
        )
    ) ORDER BY settled.position, done_at)
    FROM refunds LEFT JOIN LATERAL (
        SELECT max(position) AS position FROM order_history
        WHERE order_id = orders.id AND event = 'refund.done'
            AND details ->> 'refund_id' = refunds.id
    ) AS settled ON true
    WHERE order_id = orders.id AND refunds.status = 'done'
) AS paid
FROM orders
WHERE EXISTS (SELECT FROM refunds WHERE order_id = orders.id AND status = 'done')
"""

CHECKS = (Check("shares of refunds", (SHARES,), find),)
