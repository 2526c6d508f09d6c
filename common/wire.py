"""RPC as this shop speaks it: refusals survive the trip, calls give up."""

from collections.abc import Callable
from functools import partial
from typing import Any

import nameko.rpc
from amqp.exceptions import AMQPError
from eventlet import Timeout
from kombu.exceptions import OperationalError
from nameko import config
from nameko.containers import WorkerContext
from nameko.exceptions import UnknownService, deserialize_to_instance
from nameko.rpc import Client

from common.errors import KINDS, Refusal, deadline_exceeded, service_unavailable
from common.outages import answering_outages

for kind in KINDS:
    deserialize_to_instance(kind)


def rpc(method: Callable[..., Any]) -> Callable[..., Any]:
    """An RPC entrypoint that answers refusals, and outages as ``Unavailable``."""
    return nameko.rpc.rpc(expected_exceptions=Refusal)(answering_outages(method))


DEFAULT_DEADLINE = 5.0
# The broker starts to count when the request arrives, the caller before it leaves.
EXPIRES_BEFORE_DEADLINE = 0.8


class ServiceRpc(nameko.rpc.ServiceRpc):
    """Nameko's client, except that it gives up.

    A call that has no answer after ``deadline`` seconds (of the constructor,
    else ``RPC_DEADLINE`` in the configuration) raises ``Unavailable``, and so
    does one that finds no service or no broker.  The request expires a
    little before, so that a service which comes back late does not run it.
    """

    def __init__(
        self, target_service: str, deadline: float | None = None, **options: Any
    ) -> None:
        self.deadline = deadline
        super().__init__(target_service, **options)

    @property
    def seconds(self) -> float:
        return self.deadline or config.get("RPC_DEADLINE", DEFAULT_DEADLINE)

    def get_dependency(self, worker_ctx: WorkerContext) -> "Neighbour":
        return Neighbour(self, worker_ctx.context_data)


class Neighbour:
    """Another service: ``neighbour.method(**kwargs)`` calls it."""

    def __init__(self, provider: ServiceRpc, context: dict[str, Any]) -> None:
        self._provider = provider
        self._context = context

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return partial(self._call, method)

    def _call(self, method: str, /, **kwargs: Any) -> Any:
        provider = self._provider
        reply = Reply(provider.reply_listener)
        # Kombu takes the expiration in seconds, whatever Nameko's docstring says.
        lifetime = provider.seconds * EXPIRES_BEFORE_DEADLINE
        publish = partial(provider.publisher.publish, expiration=lifetime)
        call = Client(
            publish, reply.expect, self._context, provider.target_service, method
        )
        try:
            with Timeout(provider.seconds, deadline_exceeded()):
                return call(**kwargs)
        except (UnknownService, OperationalError, AMQPError, OSError):
            raise service_unavailable() from None
        finally:
            reply.forget()


class Reply:
    """One awaited reply; Nameko would keep that of a failed call for ever."""

    def __init__(self, listener: nameko.rpc.ReplyListener) -> None:
        self.listener = listener
        self.correlation_id: str | None = None

    def expect(self, correlation_id: str) -> Callable[[], Any]:
        self.correlation_id = correlation_id
        return self.listener.register_for_reply(correlation_id)

    def forget(self) -> None:
        self.listener.pending.pop(self.correlation_id, None)
