"""Money is whole minor units of one currency; there are no floats here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """``amount`` in minor units (pence, cents) of an ISO 4217 ``currency``."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)
