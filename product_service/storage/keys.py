"""Where Idempotency-Keys live: each with the one answer given under it.

A key is kept in the transaction of what was asked for under it, so there is
never one without the other; and a request that comes while the first is at
work waits for it and has its answer.  A refusal keeps nothing: it changed
nothing, and asking again asks anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import MaxKey, MinKey
from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain import errors
from product_service.storage.transactions import transact


@dataclass(frozen=True)
class Claim:
    """An Idempotency-Key, whose it is, and the request it came with."""

    asker: dict[str, str]
    key: str
    fingerprint: str
    at: datetime

    @property
    def id(self) -> dict[str, str]:
        return self.asker | {"key": self.key}


def claimed(
    asker: dict[str, str], key: str | None, fingerprint: str | None, at: datetime
) -> Claim | None:
    """None for a request that came without a key."""
    if key is None or fingerprint is None:
        return None
    return Claim(asker, key, fingerprint, at)


Work = Callable[[ClientSession | None], dict[str, Any]]


class KeyRepository:
    def __init__(self, database: Database) -> None:
        self.database, self.keys = database, database.idempotency_keys

    def once(self, claim: Claim | None, work: Work) -> tuple[dict[str, Any], bool]:
        """What ``work`` answers, and whether it was answered before."""
        if claim is None:
            return work(None), False
        return transact(self.database, lambda s: self.answer(claim, work, s))

    def answered(self, claim: Claim | None) -> dict[str, Any] | None:
        """What was answered under the key before, if anything was."""
        known = self.keys.find_one({"_id": claim.id}) if claim else None
        return replay(known, claim) if known and claim else None

    def answer(
        self, claim: Claim, work: Work, session: ClientSession
    ) -> tuple[dict[str, Any], bool]:
        known = self.keys.find_one({"_id": claim.id}, session=session)
        if known is not None:
            return replay(known, claim), True
        answer = work(session)
        document = {"fingerprint": claim.fingerprint, "answer": answer, "at": claim.at}
        self.keys.insert_one({"_id": claim.id, **document}, session=session)
        return answer, False

    def forget(self, asker: dict[str, str]) -> None:
        """Drop all keys of ``asker``, whatever is behind them in the index."""
        first, last = asker | {"key": MinKey()}, asker | {"key": MaxKey()}
        self.keys.delete_many({"_id": {"$gt": first, "$lt": last}})


def replay(known: dict[str, Any], claim: Claim) -> dict[str, Any]:
    if known["fingerprint"] != claim.fingerprint:
        raise errors.idempotency_key_reused()
    answer: dict[str, Any] = known["answer"]
    return answer
