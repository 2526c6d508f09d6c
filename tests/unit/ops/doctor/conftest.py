"""A run directory in which nothing runs, and what a check says of it."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops.doctor.case import Case
from ops.doctor.finding import Standing
from ops.stack.secrets import write_private
from ops.stack.settings import Settings
from tests.private_stack import free_ports


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "run"
    place.mkdir()
    return place


@pytest.fixture
def case_of(place):
    """``case_of(REDIS_URI=…)``, on ports of its own."""
    ports = zip(Settings.load({}).ports, free_ports(), strict=False)
    mine = {f"{name}_PORT".upper(): str(port) for name, port in ports}
    mine |= {"SHOPNOW_RUN_DIR": str(place)}

    def make(**environ):
        variables = environ.pop("variables", None)
        case = Case.of(mine | environ)
        return case if variables is None else replace(case, variables=variables)

    return make


@pytest.fixture
def write(place):
    """``write("env", text)`` as the stack would."""
    return lambda name, text: write_private(place / name, text)


@pytest.fixture
def page():
    """``page(status, body, **headers)``: the address of somebody who answers so."""
    running = []

    def serve(status, body, **headers):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


def bad(findings):
    """What is not fine, as ``[(standing, told, remedy)]``."""
    fine = (Standing.OK, Standing.LEFT_OUT)
    return [(f.standing, f.told, f.remedy) for f in findings if f.standing not in fine]


def only(findings):
    (found,) = bad(findings)
    return found
