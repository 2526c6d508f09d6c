"""Entrypoints of product_service for what buyers say."""

from typing import Any

from common.ids import new_id
from common.pages import PageDraft, page
from common.schemas import parse, show
from common.wire import rpc
from product_service.domain.review import Review
from product_service.schemas import ReviewDraft, ReviewView
from product_service.storage.keys import claimed


class ReviewEntrypoints:
    store: Any
    changes: Any
    identity: Any
    clock: Any

    @rpc
    def list_reviews(self, product_id: str, query: dict) -> dict[str, Any]:
        wanted = parse(PageDraft, query)
        self.store.products.find(product_id)
        return page(
            self.store.reviews.of_product(product_id, **wanted),
            wanted["limit"],
            dump=lambda review: show(ReviewView, review),
            position=lambda review: [review.id],
        )

    @rpc
    def add_review(
        self,
        product_id: str,
        draft: dict,
        key: str | None = None,
        fingerprint: str | None = None,
    ) -> dict[str, Any]:
        """``{"review": ..., "replayed": bool}``; one by each buyer of the product."""
        customer_id, now = self.identity.only("customer").id, self.clock.now()
        fields = parse(ReviewDraft, draft)
        self.store.products.find(product_id)
        review = Review(new_id(), product_id, customer_id, created_at=now, **fields)
        answer, replayed = self.store.keys.once(
            claimed({"user_id": customer_id}, key, fingerprint, now),
            lambda session: self.publish(review, session),
        )
        self.changes.announce([product_id])
        return {"review": answer, "replayed": replayed}

    def publish(self, review: Review, session: Any) -> dict[str, Any]:
        self.store.reviews.add(review, session)
        return show(ReviewView, review)
