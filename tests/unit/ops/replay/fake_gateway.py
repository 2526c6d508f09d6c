"""A gateway small enough to read, with the behaviour a replay leans on."""

import base64
import json
import re
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, RLock, Thread
from urllib.parse import SplitResult, parse_qs, urlsplit

CATEGORIES = [{"slug": "home", "name": "Home", "parent": None}]
ADMIN = {"email": "admin@shopnow.example", "password": "the-admin", "roles": ["admin"]}


class Problem(Exception):
    def __init__(self, status, code, detail="", headers=None, **more):
        super().__init__(code)
        self.status, self.headers = status, headers or {}
        self.document = {"status": status, "code": code, "detail": detail, **more}


class Dropped(Exception):
    """The connection ends without an answer."""


class FakeGateway:
    """Keeps its state between replays; `faults` are spent one per request."""

    def __init__(self):
        self.lock = RLock()
        self.numbers = count(1)
        self.users = {}
        self.tokens = {}
        self.sellers = {}
        self.products = {}
        self.on_hand = defaultdict(int)
        self.movements = {}
        self.orders = {}
        self.placed = {}
        self.bodies = []
        self.requests = []
        self.categories = list(CATEGORIES)
        self.faults = defaultdict(deque)
        self.sign_ins_before_the_role_is_there = 1
        self.patch_needs_if_match = False
        self.caches_lists = False
        self.cache = {}
        self.questions_before_decided = 2
        self.verdict = "confirmed"
        self.release = Event()
        self.reached = Event()
        self._sign_up(dict(ADMIN, full_name="Admin"))["roles"] = {"admin"}

    # What a test asks afterwards

    def stock_of(self, sku):
        return next(
            self.on_hand[id_] for id_, p in self.products.items() if p["sku"] == sku
        )

    def stock_and_sales(self):
        return dict(self.on_hand), sorted(self.orders)

    def count_of(self, method, path):
        return sum(r == (method, path) for r in self.requests)

    # Doors

    def handle(self, method, target, headers, body):
        url = urlsplit(target)
        with self.lock:
            self.requests.append((method, url.path))
            kind = f"{method} {re.sub('/[0-9]+', '/{id}', url.path)}"
            fault = self.faults[kind].popleft() if self.faults[kind] else None
        if fault == "hang":
            self.reached.set()
            self.release.wait(30)
        if fault == "drop":
            raise Dropped
        self._refuse_by(fault)
        with self.lock:
            answer = self._route(method, url, headers, body, fault)
        if fault == "drop_after":
            raise Dropped
        return answer

    def _refuse_by(self, fault):
        later = {"Retry-After": "1"}
        if fault == "busy":
            raise Problem(429, "rate_limited", headers=later)
        if fault == "in_progress":
            raise Problem(409, "request_in_progress", headers=later)
        if fault == "unavailable":
            raise Problem(503, "unavailable", headers={"Retry-After": "7"})
        if fault == "expired":
            raise Problem(401, "bad_token")
        if fault == "declined":
            raise Problem(402, "payment_declined", "The bank\nsaid \x1b[31mno")

    def _route(self, method, url, headers, body, fault):
        for verb, pattern, action in ROUTES:
            match = re.fullmatch(pattern, url.path)
            if verb == method and match:
                document = json.loads(body) if body else {}
                call = Call(url, headers, body, document, match.groups(), fault)
                return action(self, call)
        raise Problem(404, "not_found", url.path)

    def _caller(self, call):
        token = call.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Problem(401, "bad_token")
        return self.users[self.tokens[token]]

    # Accounts

    def _sign_up(self, form):
        user = {**form, "roles": {"customer"}, "seller_id": None, "waits": 0}
        self.users[form["email"]] = user
        return user

    def post_user(self, call):
        if call.document["email"] in self.users:
            raise Problem(409, "email_taken")
        self._sign_up(call.document)
        return 201, {"email": call.document["email"]}

    def post_token(self, call):
        user = self.users.get(call.document["email"])
        if not user or user["password"] != call.document["password"]:
            raise Problem(401, "invalid_credentials")
        token = self._token_for(user)
        self.tokens[token] = user["email"]
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 600}

    def _token_for(self, user):
        roles, claims = set(user["roles"]), {"jti": next(self.numbers)}
        if "seller" in roles and user["waits"] > 0:
            user["waits"] -= 1
            roles.discard("seller")
        if "seller" in roles:
            claims["seller_id"] = user["seller_id"]
        payload = json.dumps({**claims, "roles": sorted(roles)}).encode()
        return f"h.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.s"

    # Sellers

    def post_seller(self, call):
        user = self._caller(call)
        if user["seller_id"]:
            details = {"seller_id": user["seller_id"]}
            raise Problem(409, "already_a_seller", details=details)
        user["seller_id"] = str(next(self.numbers))
        self.sellers[user["seller_id"]] = {"status": "pending", "user": user}
        return 201, {"id": user["seller_id"], "status": "pending"}

    def get_seller(self, call):
        return 200, {"id": call.ids[0]}, {"ETag": '"1"'}

    def patch_seller(self, call):
        if "admin" not in self._caller(call)["roles"]:
            raise Problem(403, "forbidden")
        if self.patch_needs_if_match and call.headers.get("If-Match") != '"1"':
            raise Problem(428, "if_match_required")
        seller = self.sellers[call.ids[0]]
        seller["status"] = call.document["status"]
        seller["user"]["roles"].add("seller")
        seller["user"]["waits"] = self.sign_ins_before_the_role_is_there
        return 200, {"id": call.ids[0], "status": seller["status"]}

    # Catalogue and stock

    def get_categories(self, call):
        return 200, {"items": self.categories}

    def get_products(self, call):
        if self.caches_lists and call.url.query in self.cache:
            return self.cache[call.url.query]
        answer = self._page(parse_qs(call.url.query))
        self.cache[call.url.query] = answer
        return answer

    def _page(self, query):
        seller_id, limit = query["seller_id"][0], int(query["limit"][0])
        start = int(query.get("cursor", ["0"])[0])
        own = [p for p in self.products.values() if p["seller_id"] == seller_id]
        more = start + limit < len(own)
        cursor = str(start + limit) if more else None
        return 200, {"items": own[start : start + limit], "next": cursor}

    def post_product(self, call):
        seller_id = self._selling(call)
        sku = call.document["sku"]
        taken = {(p["seller_id"], p["sku"]) for p in self.products.values()}
        if (seller_id, sku) in taken:
            raise Problem(409, "sku_taken")
        if not 0 < len(call.document["title"]) <= 200:
            raise Problem(422, "invalid", errors={"title": "too long"})
        product = {**call.document, "id": str(next(self.numbers))}
        self.products[product["id"]] = {**product, "seller_id": seller_id}
        return 201, product

    def _selling(self, call):
        user = self._caller(call)
        if "seller" not in user["roles"]:
            raise Problem(403, "forbidden")
        return user["seller_id"]

    def post_adjustment(self, call):
        product_id, key = call.ids[0], call.headers["Idempotency-Key"]
        if self.products[product_id]["seller_id"] != self._selling(call):
            raise Problem(404, "not_found")
        if key not in self.movements:
            self.movements[key] = (call.body, str(next(self.numbers)))
            self.on_hand[product_id] += call.document["delta"]
        if self.movements[key][0] != call.body:
            raise Problem(422, "idempotency_key_reused")
        return 201, {"movement_id": self.movements[key][1]}

    # Orders

    def post_order(self, call):
        user = self._caller(call)
        key = (user["email"], call.headers["Idempotency-Key"])
        self.bodies.append((key, call.body))
        replayed = {"Idempotent-Replayed": "true"} if key in self.placed else {}
        if key not in self.placed:
            self.placed[key] = (call.body, self._place(call, user))
        body, order_id = self.placed[key]
        if body != call.body:
            raise Problem(422, "idempotency_key_reused")
        return self._told(self.orders[order_id], replayed)

    def _told(self, order, replayed):
        status = 202 if order["questions"] else 201
        return status, view(order), replayed

    def _place(self, call, user):
        items = [self._line(item) for item in call.document["items"]]
        if len(items) > 1000:
            raise Problem(422, "invalid", errors={"items": "too many"})
        for item in items:
            self._take(item)
        id_ = str(next(self.numbers))
        self.orders[id_] = {
            "id": id_,
            "items": items,
            "user": user["email"],
            "address": call.document["shipping_address"],
            "questions": self.questions_before_decided if call.fault == "slow" else 0,
        }
        self.orders[id_]["status"] = self.verdict
        return id_

    def _line(self, item):
        if not 1 <= item["quantity"] <= 10_000:
            raise Problem(422, "invalid", errors={"items.0.quantity": "too many"})
        price = self.products[item["product_id"]]["price"]["amount"]
        return {**item, "line_total": price * item["quantity"]}

    def _take(self, item):
        if self.on_hand[item["product_id"]] < item["quantity"]:
            raise Problem(409, "out_of_stock")
        self.on_hand[item["product_id"]] -= item["quantity"]

    def get_order(self, call):
        order = self.orders[call.ids[0]]
        if order["user"] != self._caller(call)["email"]:
            raise Problem(404, "not_found")
        order["questions"] = max(0, order["questions"] - 1)
        return 200, view(order)


def view(order):
    total = {"amount": sum(i["line_total"] for i in order["items"]), "currency": "GBP"}
    status = "pending" if order["questions"] else order["status"]
    return {
        "id": order["id"],
        "status": status,
        "items": order["items"],
        "total": total,
    }


@dataclass
class Call:
    url: SplitResult
    headers: Mapping
    body: bytes
    document: dict
    ids: tuple
    fault: str | None


ROUTES = (
    ("POST", "/v1/users", FakeGateway.post_user),
    ("POST", "/v1/auth/tokens", FakeGateway.post_token),
    ("POST", "/v1/sellers", FakeGateway.post_seller),
    ("GET", "/v1/sellers/([0-9]+)", FakeGateway.get_seller),
    ("PATCH", "/v1/sellers/([0-9]+)", FakeGateway.patch_seller),
    ("GET", "/v1/categories", FakeGateway.get_categories),
    ("GET", "/v1/products", FakeGateway.get_products),
    ("POST", "/v1/products", FakeGateway.post_product),
    (
        "POST",
        "/v1/products/([0-9]+)/inventory/adjustments",
        FakeGateway.post_adjustment,
    ),
    ("POST", "/v1/orders", FakeGateway.post_order),
    ("GET", "/v1/orders/([0-9]+)", FakeGateway.get_order),
)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            status, document, *headers = self.server.gateway.handle(
                self.command, self.path, self.headers, body
            )
            self.write(status, document, headers[0] if headers else {})
        except Problem as problem:
            self.write(problem.status, problem.document, problem.headers)
        except Dropped:
            self.close_connection = True

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 the library's names

    def write(self, status, document, headers):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, gateway):
        super().__init__(("127.0.0.1", 0), Handler)
        self.gateway = gateway
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.gateway.release.set()
        self.shutdown()
        self.server_close()
