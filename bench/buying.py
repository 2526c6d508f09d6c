"""Somebody who buys, and products that do not run out."""

import json
from pathlib import Path
from time import sleep
from typing import Any

from common.ids import new_id
from ops.errors import Problem
from ops.http import pool

PRODUCTS = 20
PIECES = 1_000_000
PASSWORD = "correct horse battery"  # noqa: S105 - of somebody who exists for a minute
FIRST_REFUSAL, UNAVAILABLE = 400, 503
# Processes that have just begun are slow at first.
PAUSES = (0.5, 1.0, 2.0, 4.0)


class Buying:
    def __init__(self, url: str, run_dir: Path) -> None:
        self.url, self.run_dir = url, run_dir
        self.products = self.stocked()
        email = f"{new_id()}@example.com"
        person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
        self.post("/v1/users", person)
        self.person = {"email": email, "password": PASSWORD}

    def stocked(self) -> list[str]:
        accounts = json.loads((self.run_dir / "demo-accounts.json").read_text())
        found = next(each for each in accounts if "seller" in each["roles"])
        token = self.token({name: found[name] for name in ("email", "password")})
        return [self.product(token) for _ in range(PRODUCTS)]

    def product(self, token: str) -> str:
        draft = {
            "sku": f"BENCH-{new_id()}",
            "title": "Bench mug",
            "category": "tableware",
            "price": {"amount": 450, "currency": "GBP"},
            "status": "active",
        }
        product_id: str = self.post("/v1/products", draft, token)["id"]
        path = f"/v1/products/{product_id}/inventory/adjustments"
        self.post(path, {"delta": PIECES, "reason": "delivery"}, token)
        return product_id

    def token(self, person: dict[str, str]) -> str:
        grant = {"grant_type": "password"} | person
        access_token: str = self.post("/v1/auth/tokens", grant)["access_token"]
        return access_token

    def post(self, path: str, body: Any, token: str = "") -> Any:
        headers = {"Idempotency-Key": new_id()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        for pause in PAUSES:
            got = pool.request("POST", self.url + path, json=body, headers=headers)
            if got.status != UNAVAILABLE:
                break
            sleep(pause)
        if got.status >= FIRST_REFUSAL:
            raise Problem(f"POST {path} answered {got.status}: {got.data[:200]!r}")
        return got.json()

    def lines(self) -> list[str]:
        """What `orders.lua` reads."""
        return [self.token(self.person), f"bench-{new_id()}", *self.products]
