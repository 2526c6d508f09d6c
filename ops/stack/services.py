"""The processes of the shop itself, and what each of them is told."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.stack.child import Command
from ops.stack.settings import ROOT, Settings

BIN = Path(sys.executable).parent
# Logs are read while they are written, by `shopnow logs` as well, and each would begin
# with eight lines on Eventlet's future, which the decision records tell better.
MANNERS = {
    "LOG_FORMAT": "json",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore:::nameko.extensions",
}


TRACES = (
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "TRACE_SLOW_SECONDS",
)


@dataclass(frozen=True)
class Service:
    """``told`` names the variables of its environment beside those that all have."""

    name: str
    target: str
    told: tuple[str, ...]

    @property
    def config(self) -> str:
        return f"{self.target.partition('.')[0]}/config.yml"

    def commands(
        self, settings: Settings, environment: Mapping[str, str]
    ) -> list[Command]:
        """One for each process that the settings ask for."""
        count = settings.processes[self.name]
        return [
            self.command(f"{self.name}.{index}", settings, environment)
            for index in range(1, count + 1)
        ]

    def command(
        self, name: str, settings: Settings, environment: Mapping[str, str]
    ) -> Command:
        traces = settings.run_dir / f"traces/{name}.jsonl"
        return Command(
            name=name,
            argv=[BIN / "nameko", "run", "--config", self.config, self.target],
            log=settings.run_dir / f"log/{name}.log",
            cwd=ROOT,
            environment={**environment, **MANNERS, "TRACE_FILE": str(traces)},
            port=settings.ports.get(self.name),
        )


SERVICES = (
    Service(
        "auth_service",
        "user_service.auth:AuthService",
        (
            "AUTH_DB_URI",
            "REDIS_URI",
            "SIGNING_KEY_SECRET",
            "ACCOUNT_QUOTA",
            "ADDRESS_FAILURES",
            "MAIL_URI",
            "MAIL_FROM",
        ),
    ),
    Service(
        "user_service",
        "user_service.service:UserService",
        ("USER_DB_URI", "FIELD_KEYS", "MAIL_URI", "MAIL_FROM"),
    ),
    Service(
        "product_service",
        "product_service.service:ProductService",
        ("PRODUCT_MONGO_URI",),
    ),
    Service(
        "order_service",
        "order_service.service:OrderService",
        (
            "ORDER_DB_URI",
            "REDIS_URI",
            "FIELD_KEYS",
            "PAYMENT_PROVIDER",
            "STRIPE_API_KEY",
            "STRIPE_WEBHOOK_SECRET",
            "STRIPE_API_BASE",
        ),
    ),
    Service(
        "gateway",
        "gateway.service:GatewayService",
        (
            "GATEWAY_ADDRESS",
            "REDIS_URI",
            "BROWSE_QUOTA",
            "WRITE_QUOTA",
            "SIGN_UP_QUOTA",
            "SIGN_IN_QUOTA",
            "REFRESH_QUOTA",
            "RESET_QUOTA",
            "TRUSTED_PROXIES",
            "CORS_ORIGINS",
            "HSTS_SECONDS",
            "PRODUCT_CACHE_BYTES",
            "READ_SECONDS",
            "WRITE_SECONDS",
        ),
    ),
)
