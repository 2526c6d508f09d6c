"""Nameko's RPC entrypoint on our line."""

import inspect
from typing import Any

import nameko.rpc
from nameko.containers import WorkerContext
from nameko.exceptions import IncorrectSignature

from common.tracing import Kind, Span
from common.tracing.workers import told_entry
from common.wire.server import Server


class Rpc(nameko.rpc.Rpc):
    """The signature of its method is read once, not for every call."""

    rpc_consumer = Server()

    def setup(self) -> None:
        super().setup()
        method = getattr(self.container.service_cls, self.method_name)
        self.signature = inspect.signature(method)
        parameters = list(self.signature.parameters.values())[1:]
        self.known = {each.name for each in parameters}
        self.needed = {
            each.name for each in parameters if each.default is inspect.Parameter.empty
        }

        service = self.container.service_name
        self.span_name = f"{service}/{self.method_name}"
        self.described = {
            "rpc.system": "nameko",
            "rpc.service": service,
            "rpc.method": self.method_name,
        }

    def traced(self, worker_ctx: WorkerContext) -> Span:
        return told_entry(self.span_name, Kind.SERVER, self.described, worker_ctx)

    def stop(self) -> None:
        self.rpc_consumer.stop()

    def check_signature(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        if not args and self.needed <= kwargs.keys() <= self.known:
            return
        try:
            self.signature.bind(None, *args, **kwargs)
        except TypeError as wrong:
            raise IncorrectSignature(str(wrong)) from None
