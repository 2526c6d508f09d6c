"""Where the rules of commission live."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from order_service.domain import commission
from order_service.domain.commission import Rule, Scope
from order_service.storage.models import CommissionRuleRow


class CommissionRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, rule: Rule) -> None:
        self.session.execute(insert(CommissionRuleRow).values(vars(rule)))

    def all(self) -> list[Rule]:
        """The oldest first."""
        by_age = CommissionRuleRow.created_at, CommissionRuleRow.id
        return self.found(select(CommissionRuleRow).order_by(*by_age))

    def rates(self, quotes: Iterable[Mapping]) -> dict[Scope, int]:
        """The rates of the moment that these products may be sold at."""
        row, quotes = CommissionRuleRow, list(quotes)
        sellers = {quote["seller_id"] for quote in quotes}
        categories = {one for quote in quotes for one in quote["categories"]}
        theirs = any_or(row.seller_id, sellers), any_or(row.category, categories)
        return commission.rates(self.found(select(row).where(*theirs)))

    def found(self, wanted: Any) -> list[Rule]:
        return [
            Rule(row.id, row.seller_id, row.category, row.rate_bp, row.created_at)
            for row in self.session.scalars(wanted)
        ]


def any_or(
    column: InstrumentedAttribute[str | None], names: Iterable[str]
) -> ColumnElement[bool]:
    return column.is_(None) | column.in_(list(names))
