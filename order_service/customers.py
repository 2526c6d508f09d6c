"""What user_service says of customers."""

from typing import Any

from common.errors import NotFound
from common.schemas import parse
from order_service.domain import errors
from order_service.schemas import SavedAddress


def address_of(users: Any, address_id: str) -> dict[str, Any]:
    """An address of the caller; raises ``Invalid`` when it is none of theirs."""
    try:
        answer = users.get_address(address_id=address_id)
    except NotFound:
        raise errors.no_such_address() from None
    found: dict[str, Any] = parse(SavedAddress, answer)
    return found
