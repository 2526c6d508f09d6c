"""Who a request is for: read from the token that came with it, by everybody anew.

A token is verified once and remembered by its hash.  Whether its session has
ended since is known here as well: it is announced, and asked for besides, so
that what was announced while we were away does not go unheard.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import eventlet
import jwt
from nameko.containers import WorkerContext

from common.deadlines import DEADLINE, remaining, within
from common.tokens import (
    ALGORITHM,
    LEEWAY_SECONDS,
    Caller,
    bad_token,
    key_id,
    read,
    role_required,
    token_required,
)
from common.wire import Neighbour, ServiceRpc

log = logging.getLogger(__name__)

AUTH_TOKEN = "auth_token"  # noqa: S105 - its name in the context data
MOST_REMEMBERED = 20_000
# Longer than any access token lives, counted from the end of its session.
ENDED_SECONDS = 660
ASK_SECONDS = 5.0
# What may pass between the end of a session and our hearing of it when we ask.
OVERLAP_SECONDS = 30.0
# A token of an unknown key asks for the keys again, but a flood of them does not.
REFETCH_SECONDS = 1.0
# All of the shop starts at once, and auth_service need not be the first of it.
START_SECONDS = 15.0


class Verifier:
    """Reads tokens; ``auth`` is auth_service, which publishes the keys."""

    def __init__(self, auth: Any) -> None:
        self.auth = auth
        self.keys: dict[str, jwt.PyJWK] = {}
        self.callers: OrderedDict[bytes, Caller] = OrderedDict()
        self.ended: OrderedDict[str, float] = OrderedDict()
        self.asked_at: float | None = None
        self.fetched_at = -REFETCH_SECONDS

    def read(self, token: str) -> Caller:
        """Who ``token`` speaks for; raises ``Unauthenticated``.

        Raises ``Unavailable`` as long as auth_service has never answered.
        """
        name = sha256(token.encode("utf-8", "replace")).digest()
        caller = self.callers.get(name) or self.verified(token, name)
        if caller.expires_at + LEEWAY_SECONDS <= time.time():
            raise bad_token()
        if caller.session_id in self.ended:
            raise bad_token()
        return caller

    def verified(self, token: str, name: bytes) -> Caller:
        if key_id(token) not in self.keys:
            self.refetch()
        caller = self.callers[name] = read(token, self.keys)
        while len(self.callers) > MOST_REMEMBERED:
            self.callers.popitem(last=False)
        return caller

    def refetch(self) -> None:
        if self.keys and time.monotonic() - self.fetched_at < REFETCH_SECONDS:
            return
        self.fetched_at = time.monotonic()
        self.ask()

    def ask(self) -> None:
        """Learn the keys, and which sessions have ended since we asked last."""
        now = time.monotonic()
        since = ENDED_SECONDS
        if self.asked_at is not None:
            since = min(since, int(now - self.asked_at + OVERLAP_SECONDS))
        ended = self.auth.list_ended_sessions(seconds=since)["items"]
        keyset = self.auth.get_signing_keys()["keys"]
        self.end(ended)
        self.trust({key["kid"]: jwt.PyJWK(key, ALGORITHM) for key in keyset})
        self.asked_at = now

    def trust(self, keys: dict[str, jwt.PyJWK]) -> None:
        if self.keys.keys() - keys.keys():
            # What a key signed that was taken back counts no more.
            self.callers.clear()
        self.keys = keys

    def end(self, session_ids: Iterable[str]) -> None:
        """Take no token of these sessions any more."""
        now = time.monotonic()
        for session_id in session_ids:
            self.ended[session_id] = now + ENDED_SECONDS
            self.ended.move_to_end(session_id)
        while self.ended and next(iter(self.ended.values())) < now:
            self.ended.popitem(last=False)


class TokenReader(ServiceRpc):
    """Gives the verifier of this process."""

    def __init__(self) -> None:
        # A storm of sign-ins must not keep anybody from learning who has left.
        super().__init__("auth_service", guard="identity")

    def setup(self) -> None:
        super().setup()
        self.verifier = Verifier(Neighbour(self, {}))

    def start(self) -> None:
        """Know whom to trust before anybody comes, if auth_service is there."""
        self.caller.line.first_opened.wait()
        self.started_at = time.monotonic()
        with eventlet.Timeout(REFETCH_SECONDS, False):
            self.learn()
        self.asking = self.container.spawn_managed_thread(self.run)

    def stop(self) -> None:
        self.asking.kill()

    def run(self) -> None:
        while True:
            known = self.verifier.asked_at is not None
            eventlet.sleep(ASK_SECONDS if known else REFETCH_SECONDS)
            self.learn()

    def learn(self) -> None:
        try:
            self.verifier.ask()
        except Exception as trouble:
            log.log(self.gravity(), "auth_service does not answer: %s", trouble)

    def gravity(self) -> int:
        """Of its silence: whoever waits for it at the start is told nothing new."""
        starting = time.monotonic() - self.started_at < START_SECONDS
        is_new = self.verifier.asked_at is None
        return logging.DEBUG if starting and is_new else logging.WARNING

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        return self.verifier


def in_the_name_of(token: str, neighbour: Neighbour, seconds: float) -> Neighbour:
    """``neighbour``, called for whose ``token`` that is, and within ``seconds``."""
    left = remaining(neighbour._context, seconds)
    return neighbour._told({AUTH_TOKEN: token, DEADLINE: within(left)})


class Identity(TokenReader):
    """The person whom a call is for, whatever its arguments say."""

    def get_dependency(  # type: ignore[override]
        self, worker_ctx: WorkerContext
    ) -> "Person":
        return Person(self.verifier, worker_ctx.context_data.get(AUTH_TOKEN))


@dataclass
class Person:
    """``known`` is who it is, once that has been asked."""

    verifier: Verifier
    token: object
    known: Caller | None = None

    @property
    def visitor(self) -> Caller | None:
        """None for a stranger; raises ``Unauthenticated`` for a bad token."""
        if self.token is None:
            return None
        if not isinstance(self.token, str):
            raise bad_token()
        self.known = self.verifier.read(self.token)
        return self.known

    @property
    def caller(self) -> Caller:
        """Who is asking; raises ``Unauthenticated`` when nobody says."""
        caller = self.visitor
        if caller is None:
            raise token_required()
        return caller

    def only(self, *roles: str) -> Caller:
        """The caller, who has one of ``roles``; raises ``Forbidden``."""
        caller = self.caller
        if caller.roles.isdisjoint(roles):
            raise role_required(roles)
        return caller
