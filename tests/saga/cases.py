"""What may go wrong in a checkout: each step, in each way."""

from dataclasses import dataclass
from itertools import product

from order_service.domain.steps import FORWARD, Step

FAULTS = ("exception", "timeout", "kill_before", "kill_after")
# In the folder of the faults, as long as nobody can reach the shelf.
AWAY = "away"
# Undoing begins with a card that is declined, or with money that was taken already.
WAYS = {
    "forward": [Step.RESERVE, Step.AUTHORISE, Step.COMMIT, Step.CAPTURE],
    "declined": [Step.VOID, Step.RELEASE],
    "taken": [Step.VOID, Step.RELEASE],
}


@dataclass(frozen=True)
class Case:
    way: str
    step: Step
    fault: str

    @property
    def sku(self) -> str:
        """By which order_service finds it in an order."""
        return f"{self.way}.{self.step}.{self.fault}"

    @property
    def token(self) -> str:
        return "tok_declined" if self.way == "declined" else "tok_visa"

    @property
    def kills(self) -> bool:
        return self.fault.startswith("kill")

    @property
    def end(self) -> str:
        return "confirmed" if self.step in FORWARD else "rejected"


CASES = [
    Case(way, step, fault)
    for way, steps in WAYS.items()
    for step, fault in product(steps, FAULTS)
]
BY_SKU = {case.sku: case for case in CASES}
