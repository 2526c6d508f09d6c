"""Prometheus finds in Consul whoever tells metrics, and knows the rules."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from ops.http import call
from tests.client import eventually
from tests.private_stack import PrivateStack

ENTRY = {
    "ID": "product_service-1",
    "Name": "product_service",
    "Address": "127.0.0.1",
    "Tags": ["nameko"],
}


@pytest.fixture
def watched(tmp_path):
    """A stack of Consul and Prometheus alone."""
    stack = PrivateStack(tmp_path / "run", PROMETHEUS="on")
    stack.start("consul", "prometheus")
    yield stack
    stack.wipe()


@pytest.fixture
def shelf_port():
    """Of a process that tells one metric."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"shopnow_teas 3\n")

        def log_message(self, *args):
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_it_finds_who_is_in_consul_and_knows_the_rules(watched, shelf_port):
    port = watched.settings.ports["prometheus"]
    api = f"http://127.0.0.1:{port}/api/v1"
    meta = {"metrics_port": str(shelf_port), "version": "9", "region": "moon"}
    told = watched.environment("product_service")
    register = f"{told['CONSUL_URI']}/v1/agent/service/register"
    call("PUT", register, ENTRY | {"Meta": meta}, told["CONSUL_TOKEN"])

    def found():
        data = call("GET", f"{api}/query?query=shopnow_teas")["data"]["result"]
        return [each["metric"] for each in data]

    labels = {
        "__name__": "shopnow_teas",
        "job": "shopnow",
        "service": "product_service",
    }
    labels |= {"instance": "product_service-1", "version": "9", "region": "moon"}
    eventually(found, [labels], seconds=60)
    groups = call("GET", f"{api}/rules")["data"]["groups"]
    assert {group["name"] for group in groups} == {"promises", "causes", "slo"}
