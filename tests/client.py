"""A storefront's view of the shop: REST over HTTP, and nothing else."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import urllib3

from common.ids import new_id

PASSWORD = "correct horse battery"
# Half as long as an access token lives; a suite may take longer than that.
FRESH_SECONDS = 300


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """The stable code of a problem document."""
        assert self.headers["Content-Type"] == "application/problem+json", self.raw
        assert self.body["status"] == self.status
        return self.body["code"]


@dataclass
class Client:
    url: str
    token: str | None = None
    pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=16, retries=False)
    )
    # How they signed in, and when; they do so again before their token is too old.
    grant: dict[str, str] | None = None
    since: float = 0.0

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Names of headers are written with ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.stay_signed_in()
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        got = self.pool.request(method, self.url + path, body=body, headers=sent)
        return Answer(got.status, got.headers, got.data)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def change(self, path: str, body: Any) -> Answer:
        """Patch what has just been read."""
        return self.patch(path, body, If_Match=self.get(path).headers["ETag"])

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)

    def signed_in(self, email: str, password: str) -> "Client":
        grant = {"grant_type": "password", "email": email, "password": password}
        got = self.post("/v1/auth/tokens", grant)
        assert got.status == 200, got.raw
        token = got.body["access_token"]
        return Client(self.url, token, self.pool, grant, time.monotonic())

    @property
    def fresh_token(self) -> str | None:
        self.stay_signed_in()
        return self.token

    def stay_signed_in(self, seconds: float = FRESH_SECONDS) -> None:
        if self.grant and time.monotonic() > self.since + seconds:
            self.since = time.monotonic()
            got = Client(self.url, pool=self.pool).post("/v1/auth/tokens", self.grant)
            if got.status == 200:
                self.token = got.body["access_token"]

    def signed_up(self) -> "Client":
        """Somebody new, signed in."""
        email = f"{new_id()}@example.com"
        user = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
        got = self.post("/v1/users", user)
        assert got.status == 201, got.raw
        return self.signed_in(email, PASSWORD)

    def place(
        self, items: Any, key: str | None = None, token: str = "tok_visa"
    ) -> Answer:
        """Order ``{product_id: quantity}``, or the cart when None."""
        draft = {
            "shipping_address": {
                "full_name": "Ada Example",
                "line1": "1 High Street",
                "city": "Leeds",
                "postal_code": "LS1 1AA",
                "country": "GB",
            },
            "payment": {"method": "card", "token": token},
        }
        if items is not None:
            draft["items"] = [
                {"product_id": product_id, "quantity": quantity}
                for product_id, quantity in items.items()
            ]
        return self.post("/v1/orders", draft, Idempotency_Key=key or new_id())


def eventually(read: Any, expected: Any, seconds: float = 15) -> None:
    """Wait until ``read()`` is ``expected``; what has to happen takes its time."""
    deadline = time.monotonic() + seconds
    while (found := read()) != expected:
        assert time.monotonic() < deadline, f"{found!r} is not {expected!r}"
        time.sleep(0.05)
