"""localstripe as a server of a test's own, and before it what it lacks of Stripe.

It knows no Idempotency-Key, takes no card when an intent is confirmed and has no least
charge: the front door adds all three.  It can also lose answers, as a network does.
"""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import urllib3

from tests.client import eventually
from tests.private_stack import free_ports

KEY = "sk_test_12345"
# Of pounds, in pence.
LEAST_CHARGE = 30
TOO_SMALL = {"error": {"type": "invalid_request_error", "code": "amount_too_small"}}
AUTHORISED = {"Authorization": f"Bearer {KEY}"}


class OwnStripe:
    def __init__(self):
        self.pool = urllib3.PoolManager(retries=False, timeout=10)
        self.known, self.lost, self.lock = {}, [], threading.Lock()

    def __enter__(self):
        port = next(free_ports())
        argv = [sys.executable, "-m", "localstripe", "--from-scratch", "--port"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.server = subprocess.Popen([*argv, str(port)], **quiet)
        self.back = f"http://localhost:{port}"
        eventually(self.answers, True, 30)
        self.door = ThreadingHTTPServer(("127.0.0.1", 0), door_of(self))
        self.url = f"http://127.0.0.1:{self.door.server_port}"
        threading.Thread(target=self.door.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.door.shutdown()
        self.door.server_close()
        self.server.kill()
        self.server.wait()

    def answers(self):
        try:
            return self.get("/v1/charges")[0] == 200
        except urllib3.exceptions.HTTPError:
            return False

    def get(self, path):
        got = self.pool.request("GET", self.back + path, headers=AUTHORISED)
        return got.status, got.json()

    def forget(self):
        self.known, self.lost = {}, []
        self.pool.request("DELETE", f"{self.back}/_config/data")

    def lose(self, verb):
        """Do the next request to a path that ends so, and give no answer."""
        self.lost.append(verb)

    @property
    def charges(self):
        """``[(amount, captured, refunded)]``"""
        return [
            (one["amount"], one["captured"], one["amount_refunded"])
            for one in self.get("/v1/charges?limit=100")[1]["data"]
        ]

    @property
    def intents(self):
        listed = self.get("/v1/payment_intents?limit=100")[1]["data"]
        return [(one["metadata"].get("order_id"), one["status"]) for one in listed]

    def ask(self, method, path, body, headers):
        """As Stripe: the same answer under the same key."""
        key = headers.get("Idempotency-Key")
        with self.lock:
            if key is None or key not in self.known:
                self.known[key] = self.forward(method, path, body, headers)
            return self.known[key]

    def forward(self, method, path, body, headers):
        sent = {name: headers[name] for name in ("Authorization", "Content-Type")}
        said = parse_qs(body.decode())
        is_new = method == "POST" and path.endswith("/payment_intents")
        if is_new and int(said["amount"][0]) < LEAST_CHARGE:
            return 400, json.dumps(TOO_SMALL).encode()
        card = said.get("payment_method")
        if path.endswith("/confirm") and card:
            chosen = urlencode({"payment_method": card[0]}).encode()
            intent = self.back + path.removesuffix("/confirm")
            self.pool.request("POST", intent, body=chosen, headers=sent)
            body = b""
        got = self.pool.request(method, self.back + path, body=body, headers=sent)
        return got.status, got.data


def door_of(stripe):
    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            headers |= dict(self.headers)
            status, answer = stripe.ask(self.command, self.path, body, headers)
            lost = [verb for verb in stripe.lost if self.path.endswith(verb)]
            if lost:
                stripe.lost.remove(lost[0])
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    return Door
