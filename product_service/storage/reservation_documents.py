"""How MongoDB holds a reservation."""

from collections.abc import Iterable, Mapping
from typing import Any

from product_service.domain.reservation import Reservation, State


def to_document(reservation: Reservation) -> dict[str, Any]:
    return {
        "_id": reservation.order_id,
        "state": reservation.state.value,
        "items": to_lines(reservation.items),
        "expires_at": reservation.expires_at,
        "returned": to_lines(reservation.returned),
        "refunds": reservation.refunds,
        "cancelled": reservation.cancelled,
    }


def to_lines(pieces: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"product_id": p, "quantity": n} for p, n in pieces.items()]


def to_reservation(document: dict[str, Any]) -> Reservation:
    return Reservation(
        order_id=document["_id"],
        items=to_pieces(document["items"]),
        expires_at=document["expires_at"],
        state=State(document["state"]),
        returned=to_pieces(document["returned"]),
        refunds=document["refunds"],
        cancelled=document["cancelled"],
    )


def to_pieces(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {line["product_id"]: line["quantity"] for line in lines}
