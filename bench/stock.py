"""A gateway and a service as Nameko's manual writes them, with all of its defaults."""

import json

from nameko.rpc import ServiceRpc, rpc
from nameko.testing.services import once
from nameko.web.handlers import http

from bench.asking import keep_asking


class Products:
    """Answers from memory: what Nameko costs is all that it costs."""

    name = "bench_products"

    @rpc
    def get(self, product_id):
        return {"id": product_id, "title": "x" * 100}

    @rpc
    def echo(self, value):
        return value


class Gateway:
    name = "bench_gateway"

    products = ServiceRpc("bench_products")

    @http("GET", "/ping")
    def ping(self, request):
        return "pong"

    @http("GET", "/products/<int:product_id>")
    def get_product(self, request, product_id):
        return json.dumps(self.products.get(product_id))


class Asker:
    name = "bench_asker"

    products = ServiceRpc("bench_products")

    @once
    def ask(self):
        keep_asking(self.products.echo)
