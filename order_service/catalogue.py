"""What product_service says of products."""

from typing import Any

from common.schemas import parse
from order_service.schemas import Quote


def quotes(products: Any, product_ids: list[str]) -> dict[str, dict[str, Any]]:
    """What is for sale of these products, by id, at the prices of this moment."""
    if not product_ids:
        return {}
    answer = products.quote_products(product_ids=product_ids)
    return {quote["id"]: quote for quote in parse(Quote, answer, many=True)}
