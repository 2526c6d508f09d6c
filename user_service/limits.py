"""How often something may be done with one account, whoever asks and from where."""

from typing import Any

from nameko import config

from common.errors import rate_limited
from common.limiting import SharedCounts, quotas_from
from common.live import Live
from user_service.backoff import nameless


class AccountLimits(Live):
    """``take("sign_in", email)``; an account is named by its id or its e-mail."""

    folder = "account-limits/"

    def setup(self) -> None:
        super().setup()
        self.configured = quotas_from(config["ACCOUNT_LIMITS"])
        self.quotas = dict(self.configured)
        self.counts = SharedCounts(config["REDIS_URIS"]["limits"])

    def take(self, name: str, account: str) -> None:
        """Raises ``rate_limited``, and ``Unavailable`` when Redis is away."""
        count = self.counts.take(self.quotas[name], nameless(account), 1)
        if not count.granted:
            raise rate_limited(count.wait)

    def change(self, name: str, value: Any) -> None:
        configured = self.configured.get(name)
        if configured is None:
            raise ValueError(f"there is no limit {name}")
        self.quotas[name] = configured if value is None else configured.changed(value)
