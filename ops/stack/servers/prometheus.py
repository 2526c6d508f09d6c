"""Prometheus: keeps what the processes tell of themselves, and watches the promises.

Debian 12 builds it without the search in Consul; the one of Debian 11 has it.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ops.errors import Problem
from ops.http import answers
from ops.stack import debian, programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server
from ops.stack.settings import ROOT, Settings

SUITE = "bullseye"
OPT = Path(sys.prefix) / "opt/prometheus"
LIBRARIES = (
    *("bootstrap4", "d3", "eonasdan-bootstrap-datetimepicker", "jquery"),
    *("jquery-hotkeys", "moment", "moment-timezone", "mustache", "popper.js"),
    "rickshaw",
)
PACKAGES = (
    "prometheus",
    "fonts-glyphicons-halflings",
    *(f"libjs-{name}" for name in LIBRARIES),
)
SOURCE = ROOT / "prometheus"
# The longest window that the rules look at is three days.
KEPT = {"time": "4d", "size": "512MB"}
HERE = "127.0.0.1"
FIRST_TRIAL = {"job_name": "shop", "consul_sd_configs": [{"server": HERE}]}


class Prometheus(Server):
    name = "prometheus"
    uris = ()
    port_names = ("prometheus",)

    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        super().__init__(settings, secrets)
        self.is_wanted = settings.prometheus

    @property
    def is_needed(self) -> bool:
        return self.is_wanted

    @property
    def page(self) -> str:
        return f"http://{HERE}:{self.port}"

    def missing_packages(self) -> list[str]:
        return []

    def fetch(self) -> None:
        if program("prometheus") is None:
            debian.unpack(PACKAGES, SUITE, OPT)

    def prepare(self) -> None:
        super().prepare()
        plan = yaml.safe_load((SOURCE / "prometheus.yml").read_text())
        write_private(self.home / "prometheus.yml", yaml.dump(self.local(plan)))

    def local(self, plan: dict[str, Any]) -> dict[str, Any]:
        """``plan`` of the containers with the addresses of this stack."""
        shop, *broker = plan["scrape_configs"]
        search = shop["consul_sd_configs"][0]
        search |= self.consul
        if "CONSUL_URI" in self.given:
            # Somebody else's Consul has a datacenter of its own, and tells which.
            del search["datacenter"]
        target = f"{HERE}:{self.ports['rabbitmq_prometheus']}"
        for job in broker:
            job |= {"scheme": "http", "static_configs": [{"targets": [target]}]}
            del job["tls_config"]
        # Somebody else's broker need not tell.
        told = [shop] if "AMQP_URI" in self.given else [shop, *broker]
        return plan | {
            "rule_files": [str(SOURCE / "rules/*.yml")],
            "scrape_configs": told,
        }

    @property
    def consul(self) -> dict[str, str]:
        own = f"http://{HERE}:{self.ports['consul']}"
        address = urlsplit(self.given.get("CONSUL_URI", own))
        return {"server": address.netloc, "scheme": address.scheme}

    def commands(self) -> list[Command]:
        binary = program("prometheus")
        if binary is None:
            raise Problem("there is no prometheus here; PROMETHEUS=off does without")
        assets = binary.parents[1] / "share/prometheus/web"
        flags = {
            "config.file": self.home / "prometheus.yml",
            "storage.tsdb.path": self.home / "data",
            "storage.tsdb.retention.time": KEPT["time"],
            "storage.tsdb.retention.size": KEPT["size"],
            "web.listen-address": f"{HERE}:{self.port}",
            "log.level": "warn",
        } | ({"web.local-assets": assets} if assets.exists() else {})
        words = [f"--{flag}={value}" for flag, value in flags.items()]
        return [self.command([binary, *words])]

    def is_ready(self) -> bool:
        return answers(f"{self.page}/-/ready")


def program(name: str) -> Path | None:
    """``prometheus`` or ``promtool``, of this machine or of our own."""
    own = OPT / "usr/bin"
    if (own / name).exists():
        return own / name
    found, checker = programs.find(name), programs.find("promtool")
    return found if found and checker and knows_consul(checker) else None


def knows_consul(promtool: Path) -> bool:
    """Whether a build of Prometheus finds its targets in Consul."""
    trial = OPT.with_name("prometheus-trial.yml")
    trial.parent.mkdir(parents=True, exist_ok=True)
    trial.write_text(yaml.dump({"scrape_configs": [FIRST_TRIAL]}))
    try:
        programs.run([promtool, "check", "config", trial])
    except Problem:
        return False
    finally:
        trial.unlink()
    return True
