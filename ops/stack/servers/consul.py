"""Consul: who is up, and where.  The registrations are those of the run, not older."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from ops.errors import Problem
from ops.http import call
from ops.stack import debian, programs
from ops.stack.child import Command
from ops.stack.server import Server
from ops.stack.settings import ROOT

BACKENDS = {
    "rabbitmq": ("AMQP_URI", 5672),
    "postgres": ("ORDER_DB_URI", 5432),
    "mongodb": ("PRODUCT_MONGO_URI", 27017),
    "redis": ("REDIS_URI", 6379),
}
# Debian 12 has no Consul; the one of Debian 11 runs on it and has its UI inside.
SUITE = "bullseye"
OPT = Path(sys.prefix) / "opt/consul"


class Consul(Server):
    name = "consul"
    uris = ("CONSUL_URI",)
    port_names = ("consul", "consul_rpc", "consul_serf_lan", "consul_serf_wan")

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def binary(self) -> Path | None:
        own = OPT / "usr/bin/consul"
        return programs.find("consul") or (own if own.exists() else None)

    def missing_packages(self) -> list[str]:
        return []

    def fetch(self) -> None:
        if self.binary is None:
            debian.unpack(["consul"], SUITE, OPT)

    def prepare(self) -> None:
        data = self.home / "data"
        data.mkdir(parents=True, exist_ok=True)
        # The agent would remember processes that a power cut took with it.
        for past in ("services", "checks"):
            shutil.rmtree(data / past, ignore_errors=True)

    def commands(self) -> list[Command]:
        if self.binary is None:
            raise Problem("there is no consul on this machine")
        flags = {
            "config-file": ROOT / "consul/agent.json",
            "data-dir": self.home / "data",
            "node": "shopnow",
            "http-port": self.port,
            "server-port": self.ports["consul_rpc"],
            "serf-lan-port": self.ports["consul_serf_lan"],
            "serf-wan-port": self.ports["consul_serf_wan"],
        }
        words = [f"-{flag}={value}" for flag, value in flags.items()]
        return [self.command([self.binary, "agent", *words])]

    def is_ready(self) -> bool:
        try:
            return bool(call("GET", f"{self.uri}/v1/status/leader"))
        except (Problem, urllib3.exceptions.HTTPError):
            return False

    def meet(self, variables: Mapping[str, str]) -> None:
        provision(self.uri, variables)


def provision(uri: str, variables: Mapping[str, str]) -> None:
    """Register the backing servers, so that Consul watches them too."""
    for name, (variable, port) in BACKENDS.items():
        if variable in variables:
            entry = registration(name, variables[variable], port)
            call("PUT", f"{uri}/v1/agent/service/register", entry)


def registration(name: str, uri: str, default_port: int) -> dict[str, object]:
    address = urlsplit(uri)
    host, port = address.hostname, address.port or default_port
    check = {"TCP": f"{host}:{port}", "Interval": "10s", "Timeout": "2s"}
    return {
        "ID": name,
        "Name": name,
        "Address": host,
        "Port": port,
        "Tags": ["backend"],
        # It was just seen at work; do not show it red until the first check.
        "Check": check | {"Status": "passing"},
    }
