"""What the customer pays, at the shop's prices of this moment."""

from collections.abc import Iterable, Mapping, Sequence

from common.money import Money
from order_service.domain import errors
from order_service.domain.commission import Rates, commission_of, rate_of
from order_service.domain.order import Line, total_of


def merged(wanted: Iterable[Mapping]) -> dict[str, int]:
    """Pieces by product: asking twice for one product makes one line."""
    pieces: dict[str, int] = {}
    for item in wanted:
        product_id = item["product_id"]
        pieces[product_id] = pieces.get(product_id, 0) + item["quantity"]
    return pieces


def price_lines(
    pieces: Mapping[str, int], quotes: Mapping[str, Mapping], rates: Rates
) -> tuple[Line, ...]:
    """The lines of an order; the price is the shop's, never the caller's.

    What the marketplace takes is settled here, and follows no rule made later.
    """
    missing = [product_id for product_id in pieces if product_id not in quotes]
    if missing:
        raise errors.not_for_sale(missing)
    return tuple(
        line(quotes[product_id], quantity, rates)
        for product_id, quantity in pieces.items()
    )


def line(quote: Mapping, quantity: int, rates: Rates) -> Line:
    categories = quote["categories"]
    rate_bp = rate_of(rates, quote["seller_id"], categories)
    return Line(
        product_id=quote["id"],
        seller_id=quote["seller_id"],
        sku=quote["sku"],
        title=quote["title"],
        quantity=quantity,
        unit_price=quote["price"],
        category=categories[-1] if categories else None,
        commission_bp=rate_bp,
        commission_minor=commission_of(quote["price"].amount * quantity, rate_bp),
    )


def must_cost(lines: Sequence[Line], expected: Money | None) -> None:
    """Refuse a total that is not the one the customer saw."""
    if expected is not None and total_of(lines) != expected:
        raise errors.price_changed(total_of(lines))
