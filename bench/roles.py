"""The processes that come and go beside the servers, and what each is told."""

import os
import sys
from collections.abc import Mapping

from ops.stack.child import Command
from ops.stack.plan import Plan
from ops.stack.services import BIN, MANNERS, SERVICES
from ops.stack.settings import ROOT

# One client asks for everything here.
UNLIMITED = {"BROWSE_QUOTA": "1000000000"}
NO_CACHE = {"PRODUCT_CACHE_BYTES": "0"}
ECHO_SECONDS = 6
CONFIG = "product_service/config.yml"


class Roles:
    def __init__(self, plan: Plan, seconds: int) -> None:
        self.plan = plan
        self.environment = {
            **os.environ,
            **{name: plan.variables[name] for name in ("AMQP_URI", "CONSUL_URI")},
            "PRODUCT_MONGO_URI": plan.variables["PRODUCT_MONGO_URI"],
            "BENCH_SECONDS": str(min(seconds, ECHO_SECONDS)),
        }

    def gateways(self, count: int = 1, cached: bool = True) -> list[Command]:
        return self.service("gateway", count, UNLIMITED | ({} if cached else NO_CACHE))

    def product_services(self, count: int = 1) -> list[Command]:
        return self.service("product_service", count, {})

    def service(
        self, name: str, count: int, settings: Mapping[str, str]
    ) -> list[Command]:
        """Run as the local stack runs it, with ``settings`` on top."""
        service = next(each for each in SERVICES if each.name == name)
        environment = {**self.plan.environment(service), **settings}
        return [
            service.command(f"{name}.{n}", self.plan.settings, environment)
            for n in range(1, count + 1)
        ]

    def stock_pair(self) -> list[Command]:
        return [
            self.nameko("stock_products", "bench/stock.yml", "bench.stock:Products"),
            self.nameko("stock_gateway", "bench/stock.yml", "bench.stock:Gateway"),
        ]

    def stock_echo(self) -> list[Command]:
        return [
            self.nameko("echo_service", "bench/stock.yml", "bench.stock:Products"),
            self.nameko("echo_client", "bench/stock.yml", "bench.stock:Asker"),
        ]

    def echo(self) -> list[Command]:
        """With the settings of a service, which are the wire's."""
        return [
            self.nameko("echo_service", CONFIG, "bench.echo:Echo"),
            self.nameko("echo_client", CONFIG, "bench.echo:Asker"),
        ]

    def bare_echo(self) -> list[Command]:
        return [
            self.command("echo_service", sys.executable, "-m", "bench.bare", "serve"),
            self.command("echo_client", sys.executable, "-m", "bench.bare", "ask"),
        ]

    def nameko(self, name: str, config: str, target: str) -> Command:
        return self.command(
            name, str(BIN / "nameko"), "run", "--config", config, target
        )

    def command(self, name: str, *words: str) -> Command:
        log = self.plan.run_dir / f"log/{name}.log"
        environment = {**self.environment, **MANNERS}
        return Command(name, words, log, cwd=ROOT, environment=environment)
