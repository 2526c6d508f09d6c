"""The sellers of a replay: signed up, let in by the admin, and signed in as such."""

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from time import sleep

from ops.errors import Problem
from ops.replay.accounts import Accounts
from ops.replay.messages import Answer, Request
from ops.replay.refusals import Refused
from ops.replay.session import Session
from ops.replay.shop import Shop

PAUSE, PAUSES = 0.5, 60


@dataclass(frozen=True, slots=True)
class Seller:
    id: str
    session: Session


@dataclass(frozen=True, slots=True)
class Sellers:
    shop: Shop
    accounts: Accounts
    admin: Session

    def open(self, prefix: str) -> Seller:
        session = Session.open(self.shop, self.accounts.seller(prefix))
        if not is_seller(session):
            self._let_in(apply(session, prefix))
            wait_for_role(session)
        return Seller(str(session.claims["seller_id"]), session)

    def _let_in(self, seller_id: str) -> None:
        change = Request("PATCH", f"/v1/sellers/{seller_id}", {"status": "active"})
        answer = self.admin.send(change)
        if answer.status == HTTPStatus.PRECONDITION_REQUIRED:
            tag = self.admin.get(change.path).headers.get("ETag", "")
            answer = self.admin.send(replace(change, headers={"If-Match": tag}))
        answer.expect(200, 204)


def apply(session: Session, prefix: str) -> str:
    """Ask to become a seller, or learn which one this account is already."""
    description = f"Sells the goods whose code begins with {prefix}."
    body = {"name": f"Seller {prefix}", "description": description}
    answer = session.post("/v1/sellers", body)
    if answer.code == "already_a_seller":
        return named_in(answer) or session.get("/v1/sellers/me").expect(200).field("id")
    return answer.expect(201).field("id")


def named_in(answer: Answer) -> str:
    details = answer.document.get("details")
    return str(details.get("seller_id", "")) if isinstance(details, dict) else ""


def is_seller(session: Session) -> bool:
    claims = session.claims
    return "seller" in (claims.get("roles") or ()) and bool(claims.get("seller_id"))


def wait_for_role(session: Session) -> None:
    """The role travels from the sellers to the accounts, and takes its time."""
    for _ in range(PAUSES):
        session.sign_in()
        if is_seller(session):
            return
        sleep(PAUSE)
    raise Refused(0, "not_a_seller", "activated, but its token never said so")


def sign_in_admin(shop: Shop, run_dir: Path) -> Session:
    email, password = admin_of(run_dir / "demo-accounts.json")
    session = Session(shop, email, password)
    try:
        session.sign_in()
    except Refused as refused:
        if refused.code != "invalid_credentials":
            raise
        raise Problem(f"{email} is unknown to this shop; shopnow seed") from None
    return session


def admin_of(path: Path) -> tuple[str, str]:
    try:
        accounts = json.loads(path.read_text())
        admin = next(entry for entry in accounts if "admin" in entry["roles"])
        return admin["email"], admin["password"]
    except (OSError, ValueError, LookupError, TypeError, StopIteration):
        raise Problem(f"no admin's account in {path}; shopnow seed") from None
