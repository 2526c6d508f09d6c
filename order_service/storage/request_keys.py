"""Idempotency-Keys of requests about an order that stands, and their answers.

A key is kept in the transaction of what was asked for under it, so that there
is never one without the other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from common.idempotency import prune
from common.sealing import Seal
from order_service.domain import errors
from order_service.storage import rows, sealed
from order_service.storage.claims import Claim
from order_service.storage.models import RequestKeyRow


class RequestKeys:
    """Of ``claim`` None, a request without a key, nothing is kept or known."""

    def __init__(self, session: Session, seal: Seal) -> None:
        self.session, self.seal = session, seal

    def answered(self, claim: Claim | None) -> dict | None:
        """The answer given before; raises when the key came with another request."""
        if claim is None:
            return None
        known = self.session.get(RequestKeyRow, (claim.customer_id, claim.key))
        if known is None:
            return None
        if known.fingerprint != claim.fingerprint:
            raise errors.idempotency_key_reused()
        return sealed.opened_request(self.seal, known.order_id, known.answer)

    def keep(
        self, claim: Claim | None, order_id: str, answer: dict, now: datetime
    ) -> None:
        """Raises when the key is at work for another order at this moment."""
        if claim is None:
            return
        row = {
            "asker_id": claim.customer_id,
            "key": claim.key,
            "fingerprint": claim.fingerprint,
            "order_id": order_id,
            "answer": sealed.closed_request(self.seal, order_id, answer),
            "created_at": now,
        }
        if self.session.scalar(rows.once(RequestKeyRow), row) is None:
            raise errors.request_in_progress()

    def amend(self, claim: Claim | None, order_id: str, answer: dict) -> None:
        """What was not told to anybody yet turned out better."""
        if claim is not None:
            self.session.execute(
                update(RequestKeyRow)
                .filter_by(asker_id=claim.customer_id, key=claim.key)
                .values(answer=sealed.closed_request(self.seal, order_id, answer))
            )

    def prune(self, before: datetime) -> None:
        prune(self.session, RequestKeyRow, RequestKeyRow.created_at < before)


def forget(session: Session, order_ids: Any) -> None:
    session.execute(
        delete(RequestKeyRow).where(RequestKeyRow.order_id.in_(order_ids)),
        execution_options={"synchronize_session": False},
    )
