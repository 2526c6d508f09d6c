"""The tables of payments, and the ledger of the sandbox provider."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from order_service.storage.models.base import Identity, OrderBase


class SandboxChargeRow(OrderBase):
    """The ledger of the sandbox payment provider."""

    __tablename__ = "sandbox_charges"

    order_id: Mapped[str] = mapped_column(Identity, primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    outcome: Mapped[str]
    attempts: Mapped[int]
