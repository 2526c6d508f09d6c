"""RabbitMQ: calls and events between the services, and its management pages."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kombu import Connection

from common.broker import settle
from ops.http import answers, call
from ops.stack import programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server
from ops.stack.settings import ROOT

# The wrapper of the same name on PATH would change to a system user.
BROKER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
VHOST = "shopnow"
CONFIG = """\
{listening}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus}
default_user = admin
default_pass = {password}
consumer_timeout = 300000
log.console.level = warning
"""
TLS = """\
listeners.tcp = none
listeners.ssl.local = 127.0.0.1:{port}
ssl_options.cacertfile = {tls}/ca.pem
ssl_options.certfile = {tls}/server.pem
ssl_options.keyfile = {tls}/server.pem
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2"""
PLUGINS = "[rabbitmq_management,rabbitmq_prometheus].\n"
# It shares its cores: who has nothing to do sleeps at once, and does not spin.
IDLE = "+sbwt none +sbwtdcpu none +sbwtdio none"
ERLANG = f"-start_epmd false -kernel inet_dist_use_interface {{127,0,0,1}} {IDLE}"


class RabbitMQ(Server):
    name = "rabbitmq"
    uris = ("AMQP_URI",)
    port_names = (
        "rabbitmq",
        "rabbitmq_management",
        "rabbitmq_dist",
        "rabbitmq_prometheus",
        "epmd",
    )

    def uri(self, user: str) -> str:
        password = self.secrets[f"rabbitmq.{user}"]
        address = f"{user}:{password}@127.0.0.1:{self.port}/{VHOST}"
        if self.tls:
            return f"amqps://{address}?ca_certs={self.tls}/ca.pem"
        return f"amqp://{address}"

    @property
    def management(self) -> str:
        return f"127.0.0.1:{self.ports['rabbitmq_management']}"

    @property
    def management_uri(self) -> str:
        """Where the operator asks what is in the queues; nowhere, if it is not ours."""
        if not self.is_needed:
            return ""
        return f"http://operator:{self.secrets['rabbitmq.operator']}@{self.management}"

    @property
    def page(self) -> str:
        return f"http://{self.management} (operator, see {self.home.parent / 'env'})"

    @property
    def admin_uri(self) -> str:
        return f"http://admin:{self.secrets['rabbitmq.admin']}@{self.management}"

    def missing_packages(self) -> list[str]:
        return [] if BROKER.exists() else ["rabbitmq-server"]

    def prepare(self) -> None:
        super().prepare()
        listening = TLS if self.tls else "listeners.tcp.local = 127.0.0.1:{port}"
        config = CONFIG.format(
            listening=listening.format(port=self.port, tls=self.tls),
            management=self.ports["rabbitmq_management"],
            prometheus=self.ports["rabbitmq_prometheus"],
            password=self.secrets["rabbitmq.admin"],
        )
        write_private(self.home / "rabbitmq.conf", config)
        (self.home / "enabled_plugins").write_text(PLUGINS)

    def commands(self) -> list[Command]:
        return [self.port_mapper(), self.broker()]

    def port_mapper(self) -> Command:
        # Erlang would start one by itself, as a daemon that outlives the broker.
        port = self.ports["epmd"]
        return Command(
            name="epmd",
            argv=[programs.demand("epmd"), "-port", str(port), "-address", "127.0.0.1"],
            log=self.logs / "epmd.log",
            cwd=self.home,
            port=port,
        )

    def broker(self) -> Command:
        private = {
            "HOME": self.home,
            "ERL_EPMD_PORT": self.ports["epmd"],
            "RABBITMQ_NODENAME": "shopnow@localhost",
            "RABBITMQ_DIST_PORT": self.ports["rabbitmq_dist"],
            "RABBITMQ_MNESIA_BASE": self.home / "mnesia",
            "RABBITMQ_LOG_BASE": self.home / "log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": self.home / "rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": self.home / "advanced.config",
            "RABBITMQ_CONF_ENV_FILE": self.home / "rabbitmq-env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.home / "enabled_plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        }
        words = {name: str(value) for name, value in private.items()}
        return self.command([BROKER], environment=dict(os.environ) | words)

    def is_ready(self) -> bool:
        check = f"health/checks/port-listener/{self.port}"
        return answers(f"{self.admin_uri}/api/{check}")

    def provision(self, variables: Mapping[str, str]) -> None:
        plan = definitions()
        passwords = {u: self.secrets[f"rabbitmq.{u}"] for u in users(plan)}
        provision(self.admin_uri, plan, passwords)


def lay_out(uri: str) -> None:
    """Declare exchanges and queues where we were told nothing but this address."""
    settings: dict[str, Any] = {"AMQP_URI": uri}
    settle(settings)
    plan, ssl = definitions(), settings.get("AMQP_SSL")
    with Connection(settings["AMQP_URI"], ssl=ssl, connect_timeout=5) as connection:
        channel = connection.default_channel
        for each in plan["exchanges"]:
            lasting = {"durable": each["durable"], "auto_delete": each["auto_delete"]}
            channel.exchange_declare(each["name"], each["type"], **lasting)
        for each in plan["queues"]:
            lasting = {"durable": each["durable"], "auto_delete": each["auto_delete"]}
            channel.queue_declare(each["name"], **lasting, arguments=each["arguments"])
        for each in plan["bindings"]:
            channel.queue_bind(each["destination"], each["source"], each["routing_key"])


def definitions() -> Any:
    return json.loads((ROOT / "rabbitmq/definitions.json").read_text())


def users(plan: Any) -> list[str]:
    return [user["name"] for user in plan["users"]]


def provision(admin_uri: str, plan: Any, passwords: Mapping[str, str]) -> None:
    """Lay out virtual host, exchanges, queues, users and what each of them may do."""
    people = [user | {"password": passwords[user["name"]]} for user in plan["users"]]
    call("POST", f"{admin_uri}/api/definitions", plan | {"users": people})
