"""How things of the catalogue look on the wire, a module for each kind."""

from product_service.schemas.batches import (
    BatchDraft,
    BatchView,
    ProductRow,
    RowField,
    RowResult,
)
from product_service.schemas.neighbours import (
    OrderCancelled,
    OrderConfirmed,
    OrderRefunded,
    ReturnedItem,
    UserErased,
)
from product_service.schemas.products import (
    CategoryView,
    MoneyPatch,
    ProductDraft,
    ProductPatch,
    ProductQueryDraft,
    ProductView,
    QuoteView,
)
from product_service.schemas.reviews import ReviewDraft, ReviewView
from product_service.schemas.sellers import SellerDraft, SellerStatusDraft, SellerView
from product_service.schemas.stock import (
    AdjustedView,
    AdjustmentDraft,
    LevelView,
    ReservationDraft,
    WantedItem,
)

__all__ = [
    "AdjustedView",
    "AdjustmentDraft",
    "BatchDraft",
    "BatchView",
    "CategoryView",
    "LevelView",
    "MoneyPatch",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderRefunded",
    "ProductDraft",
    "ProductPatch",
    "ProductQueryDraft",
    "ProductRow",
    "ProductView",
    "QuoteView",
    "ReservationDraft",
    "ReturnedItem",
    "ReviewDraft",
    "ReviewView",
    "RowField",
    "RowResult",
    "SellerDraft",
    "SellerStatusDraft",
    "SellerView",
    "UserErased",
    "WantedItem",
]
