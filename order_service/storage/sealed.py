"""What the orders database holds of people: sealed, and opened again.

Of an address the country stays legible.  What was kept before there were keys
lies in the clear, reads the same, and is sealed by ``shopnow migrate``.
"""

from typing import Any

from sqlalchemy import case, func

from common.json import dumps, loads
from common.resealing import CLEAR, SealedColumn
from common.sealing import Seal
from order_service.storage.models import IdempotencyKeyRow, OrderRow, RequestKeyRow


def closed_address(seal: Seal, order_id: str, address: dict) -> dict[str, Any]:
    private = {name: value for name, value in address.items() if name != "country"}
    sealed = seal.close(dumps(private).decode(), of_address(order_id))
    return {"country": address["country"], "sealed": sealed}


def opened_address(seal: Seal, order_id: str, kept: dict[str, Any]) -> dict[str, Any]:
    if "sealed" not in kept:
        return kept
    private = loads(seal.open(kept["sealed"], of_address(order_id)))
    return private | {"country": kept["country"]}


def closed_answer(seal: Seal, order_id: str, answer: dict) -> str:
    return seal.close(dumps(answer).decode(), of_answer(order_id))


def opened_answer(seal: Seal, order_id: str, kept: Any) -> dict[str, Any]:
    if isinstance(kept, str):
        kept = loads(seal.open(kept, of_answer(order_id)))
    answer: dict[str, Any] = kept
    return answer


def closed_request(seal: Seal, order_id: str, answer: dict) -> str:
    return seal.close(dumps(answer).decode(), of_request(order_id))


def opened_request(seal: Seal, order_id: str, kept: str) -> dict[str, Any]:
    answer: dict[str, Any] = loads(seal.open(kept, of_request(order_id)))
    return answer


def of_address(order_id: str) -> str:
    return f"orders.shipping_address/{order_id}"


def of_answer(order_id: str) -> str:
    return f"idempotency_keys.answer/{order_id}"


def of_request(order_id: str) -> str:
    return f"request_keys.answer/{order_id}"


def address_again(seal: Seal, row: OrderRow) -> None:
    address = opened_address(seal, row.id, row.shipping_address)
    row.shipping_address = closed_address(seal, row.id, address)


def answer_again(seal: Seal, row: IdempotencyKeyRow) -> None:
    answer = opened_answer(seal, row.order_id, row.answer)
    row.answer = closed_answer(seal, row.order_id, answer)


def request_again(seal: Seal, row: RequestKeyRow) -> None:
    answer = opened_request(seal, row.order_id, row.answer)
    row.answer = closed_request(seal, row.order_id, answer)


def key_id(sealed: Any, is_clear: Any) -> Any:
    return case((is_clear, CLEAR), else_=func.split_part(sealed, ".", 1))


ANSWER = IdempotencyKeyRow.answer
SEALED = (
    SealedColumn(
        "orders.shipping_address",
        OrderRow,
        key_id(
            OrderRow.shipping_address["sealed"].astext,
            OrderRow.shipping_address.has_key("line1"),
        ),
        address_again,
    ),
    SealedColumn(
        "idempotency_keys.answer",
        IdempotencyKeyRow,
        key_id(ANSWER.op("#>>")("{}"), func.json_typeof(ANSWER) == "object"),
        answer_again,
    ),
    SealedColumn(
        "request_keys.answer",
        RequestKeyRow,
        func.split_part(RequestKeyRow.answer, ".", 1),
        request_again,
    ),
)
