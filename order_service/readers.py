"""Whose orders somebody may read: customers their own, support those of anybody."""

from common.tokens import Caller, role_required
from order_service.domain import errors

READERS = ("customer", "support")


def whose(caller: Caller, customer_id: str | None) -> str:
    """The customer whose orders are listed; support has to say which."""
    if customer_id is not None and "support" in caller.roles:
        return customer_id
    if "customer" not in caller.roles:
        raise errors.customer_not_named()
    if customer_id not in (None, caller.id):
        raise role_required(["support"])
    return caller.id


def only_of(caller: Caller) -> str | None:
    """Whose orders the caller may see, one by one; None for everybody's."""
    return None if "support" in caller.roles else caller.id
