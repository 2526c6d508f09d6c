"""What somebody who bought a product says of it."""

from dataclasses import dataclass
from datetime import datetime

LEAST, MOST = 1, 5


@dataclass(frozen=True)
class Review:
    id: str
    product_id: str
    customer_id: str
    rating: int
    title: str
    text: str
    created_at: datetime
