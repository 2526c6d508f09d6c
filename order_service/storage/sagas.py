"""How long orders have been on their way through the checkout."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from order_service.domain.steps import Step
from order_service.storage.models import OrderRow

UNDER_WAY = [step for step in Step if step is not Step.DONE]


def sagas(session: Session) -> Iterator[Metric]:
    """Every step is told of, so that there is a number before there is trouble."""
    age = func.extract("epoch", func.now() - func.min(OrderRow.placed_at))
    found = {
        step: (count, max(0.0, float(oldest)))
        for step, count, oldest in session.execute(
            select(OrderRow.step, func.count(), age)
            .where(OrderRow.step != Step.DONE.value)
            .group_by(OrderRow.step)
        )
    }
    orders = GaugeMetricFamily(
        "shopnow_saga_orders", "Orders that wait for this step", labels=("step",)
    )
    ages = GaugeMetricFamily(
        "shopnow_saga_oldest_seconds", "Age of the oldest of them", labels=("step",)
    )
    for step in UNDER_WAY:
        count, oldest = found.get(step.value, (0, 0.0))
        orders.add_metric((step.value,), count)
        ages.add_metric((step.value,), oldest)
    yield from (orders, ages)
