"""RPC as this shop speaks it: refusals survive the trip, and no call waits for ever.

It is Nameko's RPC on the broker: a stock client calls these services, and
``ServiceRpc`` calls stock ones.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from nameko.exceptions import deserialize_to_instance

from common.errors import KINDS, Refusal
from common.outages import answering_outages
from common.wire.caller import Caller
from common.wire.client import Neighbour, ServiceRpc
from common.wire.entrypoint import Rpc
from common.wire.server import Server

__all__ = ["Caller", "Neighbour", "Rpc", "Server", "ServiceRpc", "rpc"]

for kind in KINDS:
    deserialize_to_instance(kind)


def rpc(method: Callable[..., Any] | None = None, **options: Any) -> Callable[..., Any]:
    """An RPC entrypoint that answers refusals, and outages as ``Unavailable``.

    ``@rpc``, or with Nameko's options: ``@rpc(sensitive_arguments="order_id")``.
    """
    if method is None:
        return partial(rpc, **options)
    entrypoint = Rpc.decorator(expected_exceptions=Refusal, **options)
    return entrypoint(answering_outages(method))
