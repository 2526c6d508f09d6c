"""What one start of the local stack consists of, and who is told which secrets."""

import os
import shlex
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import unquote, urlsplit

from ops.errors import Problem
from ops.stack import console, ports, secrets
from ops.stack.child import Command
from ops.stack.server import Server
from ops.stack.servers import Servers
from ops.stack.services import SERVICES, TRACES, Service
from ops.stack.settings import Settings


class Plan:
    """The parts named in ``only``, or all of them.

    A server that the environment gives a URI for is not among them.
    """

    def __init__(self, settings: Settings, only: Sequence[str] = ()) -> None:
        self.settings = settings
        self.run_dir = settings.run_dir
        self.secrets = secrets.load(settings.run_dir)
        self.all_servers = Servers(settings, self.secrets)
        ours = (console.NAME, *(service.name for service in SERVICES))
        known = {*vars(self.all_servers), *ours}
        for name in only:
            if name not in known:
                raise Problem(
                    f"there is no {name}; there are {', '.join(sorted(known))}"
                )
        self.wanted = set(only) or known

    @cached_property
    def servers(self) -> list[Server]:
        return [each for each in self.all_servers.needed() if each.name in self.wanted]

    @cached_property
    def services(self) -> list[Service]:
        return [
            service
            for service in SERVICES
            if service.name in self.wanted and self.settings.processes[service.name]
        ]

    @property
    def has_console(self) -> bool:
        return self.settings.console and console.NAME in self.wanted

    @property
    def console_health(self) -> str:
        return f"http://{self.settings.console_address}/healthz"

    @property
    def processes(self) -> dict[str, int]:
        return {each.name: self.settings.processes[each.name] for each in self.services}

    @property
    def ports(self) -> dict[str, int]:
        """Those that have to be free."""
        names = [name for server in self.servers for name in server.port_names]
        names += [name for name in self.processes if name in self.settings.ports]
        names += [console.NAME] if self.has_console else []
        return {name: self.settings.ports[name] for name in names}

    def demand_ports(self) -> None:
        ports.demand_free(self.ports, {"gateway": self.settings.gateway_host})

    @cached_property
    def variables(self) -> dict[str, str]:
        """All addresses and secrets; what is given from outside wins over our own."""
        postgres, mongo = self.all_servers.postgres, self.all_servers.mongo
        return {
            "AMQP_URI": self.broker_uri("operator"),
            "AUTH_DB_URI": postgres.uri("auth_service"),
            "USER_DB_URI": postgres.uri("user_service"),
            "ORDER_DB_URI": postgres.uri("order_service"),
            "PRODUCT_MONGO_URI": mongo.uri("product_service"),
            "REDIS_URI": self.all_servers.redis.uri,
            "CONSUL_URI": self.all_servers.consul.uri,
            "RABBITMQ_MANAGEMENT_URI": self.all_servers.rabbitmq.management_uri,
            "CONSUL_TOKEN": self.consul_token("operator"),
            "ENVIRONMENT": "local",
            "SIGNING_KEY_SECRET": self.secrets["signing_key_secret"],
            "FIELD_KEYS": self.secrets["field_keys"],
            "REPLAY_SECRET": self.secrets["replay_secret"],
            "MAIL_URI": (self.run_dir / "mail").as_uri(),
            "MAIL_FROM": "ShopNow <shop@shopnow.example>",
            "GATEWAY_ADDRESS": self.settings.gateway_address,
            "SHOPNOW_URL": self.settings.gateway_url,
            "CONSOLE_ADDRESS": self.settings.console_address,
            "SHOPNOW_RUN_DIR": str(self.run_dir),
            **self.settings.choices,
        } | dict(self.settings.given)

    def broker_uri(self, user: str) -> str:
        given = self.settings.given.get("AMQP_URI")
        return given or self.all_servers.rabbitmq.uri(user)

    def consul_token(self, name: str) -> str:
        """Somebody else's Consul knows nothing but the token that is given with it."""
        given = self.settings.given
        if "CONSUL_URI" in given:
            return given.get("CONSUL_TOKEN", "")
        return self.all_servers.consul.token(name)

    def environment(self, service: Service) -> dict[str, str]:
        """Its own credentials and nobody else's, whatever we were started with."""
        told = ("CONSUL_URI", "ENVIRONMENT", *TRACES, *service.told)
        return (
            {name: os.environ[name] for name in os.environ.keys() - self.variables}
            | {name: self.variables[name] for name in told}
            | {
                "AMQP_URI": self.broker_uri(service.name),
                "CONSUL_TOKEN": self.consul_token(service.name),
            }
        )

    def service_commands(self) -> list[Command]:
        services = [
            command
            for service in self.services
            for command in service.commands(self.settings, self.environment(service))
        ]
        page = [console.command(self.settings, self.console_variables)]
        return services + (page if self.has_console else [])

    @property
    def console_variables(self) -> dict[str, str]:
        return self.variables | {"CONSUL_TOKEN": self.consul_token(console.NAME)}

    def write_environment(self) -> None:
        """`.run/env`, which the operator's commands and any shell can read."""
        lines = [f"{n}={shlex.quote(v)}\n" for n, v in self.variables.items()]
        secrets.write_private(self.run_dir / "env", "".join(lines))

    def addresses(self) -> list[tuple[str, str]]:
        url = self.settings.gateway_url
        consul = self.variables["CONSUL_URI"]
        pages = {
            "gateway": [("Gateway", url), ("API docs", f"{url}/docs")],
            console.NAME: [("Ops page", f"http://{self.settings.console_address}/ops")],
            "user_service": self.letters(),
            "consul": [("Consul UI", f"{consul}/ui")],
            "rabbitmq": [("RabbitMQ UI", self.all_servers.rabbitmq.page)],
            "prometheus": [("Prometheus", self.all_servers.prometheus.page)],
        }
        running = [*self.processes, *(server.name for server in self.servers)]
        running += [console.NAME] if self.has_console else []
        return [page for name in pages if name in running for page in pages[name]]

    def letters(self) -> list[tuple[str, str]]:
        """The folder of what people are sent, unless it goes to a mail server."""
        place = urlsplit(self.variables["MAIL_URI"])
        return [("Letters", unquote(place.path))] if place.scheme == "file" else []
