"""What the orders database holds of people: sealed, and opened again.

Of an address the country stays legible.  What was kept before there were keys
lies in the clear, reads the same, and is sealed by ``shopnow reseal``.
"""

from typing import Any

from common.json import dumps, loads
from common.sealing import Seal


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


def of_address(order_id: str) -> str:
    return f"orders.shipping_address/{order_id}"


def of_answer(order_id: str) -> str:
    return f"idempotency_keys.answer/{order_id}"
