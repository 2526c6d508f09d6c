"""One replay, from the first seller to the last order."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ops.errors import Problem
from ops.replay import orders
from ops.replay.accounts import Account, Accounts
from ops.replay.catalogue import Catalogue, Stall, first_category
from ops.replay.crew import Crew
from ops.replay.invoices import Book, Invoice, Product
from ops.replay.orders import Sale
from ops.replay.progress import Phases
from ops.replay.refusals import Refused, Unreachable, given
from ops.replay.sellers import Sellers
from ops.replay.session import Session
from ops.replay.shop import Shop
from ops.replay.summary import Summary

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Run:
    book: Book
    shop: Shop
    accounts: Accounts
    crew: Crew
    phases: Phases

    def play(self, admin: Session) -> Summary:
        category = first_category(self.shop)
        stalls = self._open_stalls(Sellers(self.shop, self.accounts, admin))
        ids = self._fill(Catalogue(self.book, category, stalls))
        return self._sell(ids, self._admit())

    def _open_stalls(self, sellers: Sellers) -> dict[str, Stall]:
        prefixes = {product.seller for product in self.book.descriptions}
        stalls = self._each(
            "sellers", sorted(prefixes), lambda prefix: stall_of(prefix, sellers)
        )
        return {prefix: given(stall) for prefix, stall in stalls.items()}

    def _fill(self, catalogue: Catalogue) -> dict[Product, str | Refused]:
        return self._each("products", catalogue.demand, catalogue.offer)

    def _admit(self) -> dict[Account, Session | Refused]:
        invoices = self.book.invoices.values()
        buyers = dict.fromkeys(map(self.accounts.buyer, invoices))
        return self._each(
            "customers", buyers, lambda buyer: Session.open(self.shop, buyer)
        )

    def _sell(
        self,
        ids: Mapping[Product, str | Refused],
        sessions: Mapping[Account, Session | Refused],
    ) -> Summary:
        def place(number: str) -> Sale:
            invoice = self.book.invoices[number]
            buyer = self.accounts.buyer(invoice)
            return orders.place(
                invoice, ids_for(invoice, ids), buyer, given(sessions[buyer])
            )

        # What is sold by now has to be told, even if the gateway goes away.
        outcomes = self._each("orders", self.book.invoices, place, fatal=())
        summary = Summary.of(self.book)
        for number, invoice in self.book.invoices.items():
            buyer = self.accounts.buyer(invoice)
            summary.enter(number, buyer.email, outcomes[number])
        return summary

    def _each(
        self,
        name: str,
        items: Collection[T],
        work: Callable[[T], R],
        fatal: type[Refused] | tuple[()] = Unreachable,
    ) -> dict[T, R | Refused]:
        outcomes = {}
        with self.phases.phase(name, len(items)) as advance:
            for item, outcome in self.crew.each(items, work):
                if isinstance(outcome, fatal):
                    raise outcome
                outcomes[item] = outcome
                advance()
        return outcomes


def stall_of(prefix: str, sellers: Sellers) -> Stall:
    """Without its sellers the shop can sell next to nothing: say so and stop."""
    try:
        return Stall.open(sellers.open(prefix))
    except Unreachable:
        raise
    except Refused as refused:
        raise Problem(f"seller {prefix}: {refused}") from None


def ids_for(
    invoice: Invoice, ids: Mapping[Product, str | Refused]
) -> dict[Product, str]:
    return {product: given(ids[product]) for product in invoice.lines}
