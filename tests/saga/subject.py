"""order_service, except that one step of each order goes wrong, once.

Run by ``nameko run`` in place of the real one; ``SAGA_FAULTS`` is a folder that
tells which faults have happened, and whether the shelf is away at all.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.errors import deadline_exceeded, service_unavailable
from order_service import service
from order_service.checkout import Checkout, Pace
from order_service.domain import errors
from order_service.domain.order import Order
from order_service.domain.steps import Step
from tests.saga.cases import AWAY, BY_SKU, Case

PLACE = Path(os.environ["SAGA_FAULTS"])
OF_THE_SHELF = (Step.COMMIT, Step.RELEASE)
# Longer than anybody waits for a step.
LATE_SECONDS = 2.0


def fail(_: Callable[[], Any]) -> None:
    raise RuntimeError("a bug")


def answer_late(step: Callable[[], Any]) -> None:
    step()
    time.sleep(LATE_SECONDS)
    raise deadline_exceeded()


def die(_: Callable[[], Any]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(step: Callable[[], Any]) -> None:
    step()
    die(step)


FAULTS = {
    "exception": fail,
    "timeout": answer_late,
    "kill_before": die,
    "kill_after": die_after,
}


class FaultyCheckout(Checkout):
    def take(self, order: Order, asking: Any) -> Any:
        if order.step in OF_THE_SHELF and (PLACE / AWAY).exists():
            raise service_unavailable()
        case = BY_SKU.get(order.items[0].sku)
        if case is None:
            return super().take(order, asking)
        if order.step is case.step and is_first(case):
            take = super().take
            return FAULTS[case.fault](lambda: take(order, asking))
        done = super().take(order, asking)
        if case.way == "taken" and order.step is Step.CAPTURE:
            raise errors.payment_declined("changed_its_mind")
        return done


def is_first(case: Case) -> bool:
    try:
        (PLACE / case.sku).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


class OrderService(service.OrderService):
    @property
    def checkout(self) -> Checkout:
        # Who is killed beside the one who was meant has lost a try.
        pace = Pace(most_attempts=50)
        return FaultyCheckout(
            self.store, self.products, self.payments, self.clock, pace
        )
