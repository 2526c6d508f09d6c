"""What becomes of reservations: decided together, stored together, or not at all.

What is asked for while a decision is being stored gathers for the next, which
takes one transaction for all of it.  So a product that everybody wants is
changed once for many orders, and they do not fight for it (docs/adr/0014).
What an event asks for waits a moment for somebody's transaction to go with.
"""

from collections.abc import Iterable

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.database import Database

from common.errors import Unavailable
from common.gathering import Gathering
from common.outages import OUTAGES
from product_service.domain.reservation import Reservation
from product_service.domain.stock import Movement
from product_service.storage.asking import opened
from product_service.storage.inbox import Heard, Inbox
from product_service.storage.movements import move
from product_service.storage.purchases import PurchaseRepository
from product_service.storage.reservation_documents import to_document
from product_service.storage.rounds import Outcome, Request
from product_service.storage.transactions import transact

# As much as one request of a line or two; a round takes some hundreds of that.
LINES = 10
# Nobody waits for what follows from an event; alone, it costs a transaction.
PATIENCE_SECONDS = 0.1


def weight(request: Request) -> float:
    return max(1, len(list(request.wanted)) / LINES)


class Decisions:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.reservations = database.stock_reservations
        self.inbox = Inbox(database)
        self.purchases = PurchaseRepository(database)
        # One at a time: two would only be in each other's way.
        self.together = Gathering(self.decide, most_readers=1, weigh=weight)

    def ask(self, request: Request) -> list[Movement]:
        """What has moved; raises what was refused."""
        patience = PATIENCE_SECONDS if request.heard else 0.0
        outcome = self.together.get(request, patience)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def decide(self, requests: list[Request]) -> dict[Request, Outcome]:
        """One that cannot be stored is nobody else's trouble."""
        try:
            return transact(self.database, lambda s: self.decide_once(requests, s))
        except tuple(OUTAGES | {Unavailable}):
            raise
        except Exception:
            # Maybe of an event that comes again, whose note is there already.
            return {request: self.decide_alone(request) for request in requests}

    def decide_alone(self, request: Request) -> Outcome:
        heard = [request.heard] if request.heard else []
        try:
            outcomes = transact(
                self.database, lambda s: self.decide_once([request], s, heard)
            )
        except Exception as trouble:
            return trouble
        return outcomes[request]

    def decide_once(
        self,
        requests: list[Request],
        session: ClientSession,
        doubtful: Iterable[Heard] = (),
    ) -> dict[Request, Outcome]:
        """Events are taken for new, but for those that are ``doubtful``.

        No note can be there twice, so what is wrongly taken for new is not stored.
        """
        round_ = opened(self.database, requests, session, doubtful)
        outcomes = {request: round_.decide(request) for request in requests}
        move(self.database, round_.movements, session)
        self.keep(round_.changed, session)
        self.inbox.note(round_.handled, session)
        self.purchases.follow(round_, session)
        return outcomes

    def keep(self, changed: list[Reservation], session: ClientSession) -> None:
        if changed:
            documents = [to_document(reservation) for reservation in changed]
            self.reservations.bulk_write(
                [ReplaceOne({"_id": d["_id"]}, d, upsert=True) for d in documents],
                session=session,
            )
