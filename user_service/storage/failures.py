"""Where failures to sign in are counted: in Redis, each for as long as it matters."""

from dataclasses import dataclass
from math import ceil

from redis import StrictRedis

from common.redis_store import asking
from common.resilience import Guard
from user_service.domain.backoff import Backoff

CLIENT, ACCOUNT, ADDRESS = "client", "account", "address"


@dataclass(frozen=True, slots=True)
class Standing:
    """``failures`` in a row, and the ``seconds`` that are left of their pause."""

    kind: str
    failures: int
    seconds: int


class Failures:
    """Of one ``account`` and one ``address``; a pause is a key that goes by itself."""

    def __init__(
        self,
        redis: StrictRedis,
        guard: Guard,
        rules: Backoff,
        account: str,
        address: str,
    ) -> None:
        self.redis, self.guard, self.rules = redis, guard, rules
        pair = f"{account}:{address}"
        self.known = f"backoff:known:{pair}"
        self.counts = {
            CLIENT: f"backoff:client:{pair}",
            ACCOUNT: f"backoff:account:{account}",
            ADDRESS: f"backoff:address:{address}",
        }

    def wait(self) -> int:
        """Seconds until the next try may be made; 0 when this is it.

        A try after a pause takes the next pause in advance, so that of many who
        come at once only one gets through.
        """
        with asking(self.guard):
            standings = self.find()
            if not any(each.seconds for each in standings):
                return max(self.claim(each) for each in standings)
        return max(each.seconds for each in standings)

    def find(self) -> list[Standing]:
        """Those that this client has to heed."""
        keys = list(self.counts.values())
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.exists(self.known)
            pipe.mget(keys)
            for key in keys:
                pipe.pttl(paused(key))
            is_known, counted, *left = pipe.execute()
        found = [
            Standing(kind, int(failures or 0), ceil(max(ms, 0) / 1000))
            for kind, failures, ms in zip(self.counts, counted, left, strict=True)
        ]
        return [one for one in found if one.kind == CLIENT] if is_known else found

    def claim(self, standing: Standing) -> int:
        """0 if the pause is ours to begin, otherwise its seconds."""
        seconds = self.rules.pause(standing.kind, standing.failures)
        key = paused(self.counts[standing.kind])
        if not seconds or self.redis.set(key, 1, ex=seconds, nx=True):
            return 0
        return seconds

    def add(self) -> None:
        with asking(self.guard), self.redis.pipeline() as pipe:
            for key in self.counts.values():
                pipe.incr(key)
                pipe.expire(key, self.rules.forget_seconds)
            counted = pipe.execute()[::2]
            for kind, failures in zip(self.counts, counted, strict=True):
                if seconds := self.rules.pause(kind, failures):
                    pipe.set(paused(self.counts[kind]), 1, ex=seconds)
            pipe.execute()

    def forget(self) -> None:
        """The owner was here: those of this client are forgiven, and it is known."""
        count = self.counts[CLIENT]
        with asking(self.guard), self.redis.pipeline() as pipe:
            pipe.delete(count, paused(count))
            pipe.set(self.known, 1, ex=self.rules.known_seconds)
            pipe.execute()


def paused(key: str) -> str:
    return f"{key}:paused"
