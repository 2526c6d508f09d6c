"""Where reviews live: one of each product by each of its buyers."""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from product_service.domain import errors
from product_service.domain.review import Review
from product_service.storage.purchases import PurchaseRepository
from product_service.storage.transactions import transact


class ReviewRepository:
    def __init__(self, database: Database) -> None:
        self.database, self.reviews = database, database.reviews
        self.purchases = PurchaseRepository(database)

    def add(self, review: Review, session: ClientSession | None = None) -> None:
        if session is None:
            transact(self.database, lambda own: self.add_once(review, own))
        else:
            self.add_once(review, session)

    def add_once(self, review: Review, session: ClientSession) -> None:
        if not self.purchases.mark(review.customer_id, review.product_id, session):
            raise errors.not_a_buyer()
        whose = {"product_id": review.product_id, "customer_id": review.customer_id}
        if self.reviews.find_one(whose, session=session):
            raise errors.already_reviewed()
        self.reviews.insert_one(to_document(review), session=session)

    def of_product(
        self, product_id: str, limit: int, cursor: list | None
    ) -> list[Review]:
        """Up to ``limit + 1`` of them, the newest first."""
        wanted: dict[str, Any] = {"product_id": product_id}
        if cursor:
            wanted["_id"] = {"$lt": cursor[-1]}
        found = self.reviews.find(wanted).sort("_id", -1).limit(limit + 1)
        return [to_review(document) for document in found]

    def forget(self, customer_id: str) -> list[str]:
        """Delete what somebody said and bought; the products it was about."""
        self.purchases.forget(customer_id)
        theirs = {"customer_id": customer_id}
        about: list[str] = self.reviews.distinct("product_id", theirs)
        self.reviews.delete_many(theirs)
        return about


def to_document(review: Review) -> dict[str, Any]:
    fields = dict(vars(review))
    return {"_id": fields.pop("id"), **fields}


def to_review(document: dict[str, Any]) -> Review:
    fields = dict(document)
    return Review(id=fields.pop("_id"), **fields)
