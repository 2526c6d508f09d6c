"""Consul: who is up, and where.  The registrations are those of the run, not older."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from ops import registry
from ops.errors import Problem
from ops.http import answers
from ops.stack import debian, programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server
from ops.stack.settings import ROOT

# Debian 12 has no Consul; the one of Debian 11 runs on it and has its UI inside.
SUITE = "bullseye"
NODE = "shopnow"
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

    def token(self, name: str) -> str:
        """What ``name`` is known by."""
        return self.secrets[f"consul.{name}"]

    def missing_packages(self) -> list[str]:
        return []

    def fetch(self) -> None:
        if self.binary is None:
            debian.unpack(["consul"], SUITE, OPT)

    def prepare(self) -> None:
        super().prepare()
        tokens = {"master": self.token("master"), "agent": self.token("agent")}
        write_private(self.tokens_file, json.dumps({"acl": {"tokens": tokens}}))

    @property
    def tokens_file(self) -> Path:
        return self.home / "tokens.json"

    def commands(self) -> list[Command]:
        if self.binary is None:
            raise Problem("there is no consul on this machine")
        flags = {
            "config-file": ROOT / "consul/agent.json",
            "data-dir": self.home / "data",
            "node": NODE,
            "http-port": self.port,
            "server-port": self.ports["consul_rpc"],
            "serf-lan-port": self.ports["consul_serf_lan"],
            "serf-wan-port": self.ports["consul_serf_wan"],
        }
        words = [f"-{flag}={value}" for flag, value in flags.items()]
        words.append(f"-config-file={self.tokens_file}")
        return [self.command([self.binary, "agent", *words])]

    def is_ready(self) -> bool:
        # Without a leader it would write into its log why it cannot know a token.
        led = f"{self.uri}/v1/status/leader"
        return answers(led, ":") and answers(
            f"{self.uri}/v1/acl/token/self", token=self.token("master")
        )

    def provision(self, variables: Mapping[str, str]) -> None:
        # It remembers processes that a power cut took with it.
        registry.forget(self.uri, self.token("master"), NODE)
        tokens = {name: self.token(name) for name in registry.holders()}
        registry.lay_out(self.uri, self.token("master"), tokens)

    def meet(self, variables: Mapping[str, str]) -> None:
        """Register the backing servers, so that Consul watches them too."""
        registry.register(self.uri, self.token("agent"), variables)
