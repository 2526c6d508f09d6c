"""An RPC echo through the shop's own wire."""

from nameko.testing.services import once

from bench.asking import keep_asking
from common.wire import ServiceRpc, rpc


class Echo:
    name = "bench_echo"

    @rpc
    def echo(self, value):
        return value


class Asker:
    name = "bench_asker"

    service = ServiceRpc("bench_echo")

    @once
    def ask(self):
        keep_asking(self.service.echo)
