"""What a shop sees of its business at a glance: days are days of UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from common.money import Money
from order_service.domain.cart import CURRENCY


@dataclass(frozen=True)
class Day:
    """``earned`` is in minor units, before commission and refunds of a part."""

    date: date
    orders: int = 0
    units: int = 0
    earned: int = 0

    @property
    def revenue(self) -> Money:
        return Money(self.earned, CURRENCY)


@dataclass(frozen=True)
class Dashboard:
    open_orders: int
    by_day: tuple[Day, ...]

    @property
    def units(self) -> int:
        return sum(day.units for day in self.by_day)

    @property
    def revenue(self) -> Money:
        return Money(sum(day.earned for day in self.by_day), CURRENCY)


def first_day(today: date, days: int) -> date:
    """Of the last ``days`` days; today is one of them."""
    return today - timedelta(days=days - 1)


def dashboard(
    open_orders: int, sold: Iterable[Day], today: date, days: int
) -> Dashboard:
    """Each of the last ``days`` days, also those on which nothing was sold."""
    first, known = first_day(today, days), {day.date: day for day in sold}
    wanted = (first + timedelta(days=n) for n in range(days))
    return Dashboard(open_orders, tuple(known.get(day, Day(day)) for day in wanted))
