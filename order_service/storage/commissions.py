"""Where the rules of commission live."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, insert, select
from sqlalchemy.orm import Session

from order_service.domain import commission
from order_service.domain.commission import Rule, Scope
from order_service.storage.models import CommissionRuleRow, OrderBase

RULES = OrderBase.metadata.tables["commission_rules"]
EVERY = select(*(RULES.c[field.name] for field in fields(Rule)))


def any_or(column: ColumnElement[Any], names: str) -> ColumnElement[bool]:
    return column.is_(None) | column.in_(bindparam(names, expanding=True))


THEIRS = EVERY.where(
    any_or(RULES.c.seller_id, "sellers"), any_or(RULES.c.category, "categories")
)


class CommissionRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, rule: Rule) -> None:
        self.session.execute(insert(CommissionRuleRow).values(vars(rule)))

    def all(self) -> list[Rule]:
        """The oldest first."""
        return self.found(EVERY.order_by(RULES.c.created_at, RULES.c.id))

    def rates(self, quotes: Iterable[Mapping]) -> dict[Scope, int]:
        """The rates of the moment that these products may be sold at."""
        quotes = list(quotes)
        sellers = {quote["seller_id"] for quote in quotes}
        categories = {one for quote in quotes for one in quote["categories"]}
        scopes = {"sellers": list(sellers), "categories": list(categories)}
        return commission.rates(self.found(THEIRS, scopes))

    def found(
        self, wanted: Select[Any], values: dict[str, Any] | None = None
    ) -> list[Rule]:
        return [Rule(*row) for row in self.session.execute(wanted, values)]
