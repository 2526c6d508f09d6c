"""One account that is signed in, and signs in again when its token has run out."""

import base64
import json
from dataclasses import asdict
from http import HTTPStatus
from threading import Lock
from typing import Any

from ops.replay.accounts import Account
from ops.replay.messages import Answer, Request
from ops.replay.refusals import Refused
from ops.replay.shop import Shop


class Session:
    def __init__(self, shop: Shop, email: str, password: str) -> None:
        self._shop = shop
        self._credentials = {"email": email, "password": password}
        self._token = ""
        self._lock = Lock()

    @classmethod
    def open(cls, shop: Shop, account: Account) -> "Session":
        """Sign up, unless an earlier replay did, and sign in."""
        answer = shop.post("/v1/users", asdict(account))
        if answer.code != "email_taken":
            answer.expect(201)
        session = cls(shop, account.email, account.password)
        try:
            session.sign_in()
        except Refused as refused:
            raise explained(refused, account.email) from None
        return session

    def sign_in(self) -> None:
        body = {"grant_type": "password", **self._credentials}
        answer = self._shop.post("/v1/auth/tokens", body)
        self._token = answer.expect(200).field("access_token")

    @property
    def claims(self) -> dict[str, Any]:
        return claims_of(self._token)

    def get(self, path: str) -> Answer:
        return self.send(Request("GET", path))

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> Answer:
        headers = {"Idempotency-Key": key} if key else {}
        return self.send(Request("POST", path, body, headers))

    def send(self, request: Request) -> Answer:
        token = self._token
        answer = self._shop.send(request.signed(token))
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        self._renew(token)
        return self._shop.send(request.signed(self._token))

    def _renew(self, stale: str) -> None:
        """Several hands may hold the stale token; one of them fetches the next."""
        with self._lock:
            if self._token == stale:
                self.sign_in()


def explained(refused: Refused, email: str) -> Refused:
    if refused.code != "invalid_credentials":
        return refused
    why = (
        f"{email} has another password: the accounts of an earlier replay "
        "were made with another REPLAY_SECRET"
    )
    return Refused(refused.status, refused.code, why)


def claims_of(token: str) -> dict[str, Any]:
    """What the token says; the gateway is the one to verify it."""
    payload = f"{token}..".split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
