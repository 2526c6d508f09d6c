"""What the local stack is asked to run: ports, processes and places."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import Problem
from ops.stack.misspelt import demand_known

ROOT = Path(__file__).resolve().parents[2]
GIVABLE = (
    "AMQP_URI",
    "AUTH_DB_URI",
    "USER_DB_URI",
    "ORDER_DB_URI",
    "PRODUCT_MONGO_URI",
    "REDIS_URI",
    "CONSUL_URI",
    "RABBITMQ_MANAGEMENT_URI",
    "CONSUL_TOKEN",
    "ENVIRONMENT",
    "SIGNING_KEY_SECRET",
    "FIELD_KEYS",
    "REPLAY_SECRET",
    "MAIL_URI",
    "MAIL_FROM",
)
MOST_PROCESSES = 64
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Settings:
    """``given`` holds what the environment names instead of our own: URIs, secrets.

    ``choices`` are what services are told beside that, by the name of the variable.
    """

    ports: Mapping[str, int]
    processes: Mapping[str, int]
    choices: Mapping[str, str]
    given: Mapping[str, str]
    gateway_host: str
    run_dir: Path
    tls: bool
    prometheus: bool
    console: bool

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> "Settings":
        declared = tomllib.loads((ROOT / "ops/local.toml").read_text())
        demand_known(environ, variables(declared))
        return cls(
            ports=distinct(ports(declared["ports"], environ)),
            processes=processes(declared["processes"], environ),
            choices={
                name.upper(): environ.get(name.upper(), str(value))
                for part in ("gateway", "auth_service", "order_service", "traces")
                for name, value in declared[part].items()
            },
            given=given(environ),
            gateway_host=environ.get("GATEWAY_HOST") or "127.0.0.1",
            run_dir=Path(environ.get("SHOPNOW_RUN_DIR", ROOT / ".run")).resolve(),
            tls=switch(environ, "TLS", declared["tls"]["on"]),
            prometheus=switch(environ, "PROMETHEUS", declared["prometheus"]["on"]),
            console=switch(environ, "CONSOLE", declared["console"]["on"]),
        )

    @property
    def console_address(self) -> str:
        return f"127.0.0.1:{self.ports['console']}"

    @property
    def gateway_address(self) -> str:
        return f"{self.gateway_host}:{self.ports['gateway']}"

    @property
    def gateway_url(self) -> str:
        """Where this machine finds the gateway."""
        everywhere = self.gateway_host == "0.0.0.0"  # noqa: S104  # nosec B104
        host = "127.0.0.1" if everywhere else self.gateway_host
        return f"http://{host}:{self.ports['gateway']}"


def variables(declared: Mapping[str, Mapping[str, int]]) -> list[str]:
    """By which the environment changes what is declared in numbers."""
    suffixes = {"ports": "PORT", "processes": "PROCESSES"}
    return [
        f"{name}_{suffix}".upper()
        for table, suffix in suffixes.items()
        for name in declared[table]
    ]


def given(environ: Mapping[str, str]) -> dict[str, str]:
    found = {name: environ[name] for name in GIVABLE if environ.get(name)}
    if "CONSUL_URI" not in found:
        # Our own Consul does not know it.
        found.pop("CONSUL_TOKEN", None)
    return found


def ports(declared: Mapping[str, int], environ: Mapping[str, str]) -> dict[str, int]:
    return {
        name: number(environ, f"{name}_PORT".upper(), port, 1, HIGHEST_PORT)
        for name, port in declared.items()
    }


def processes(
    declared: Mapping[str, int], environ: Mapping[str, str]
) -> dict[str, int]:
    return {
        name: number(environ, f"{name}_PROCESSES".upper(), count, 0, MOST_PROCESSES)
        for name, count in declared.items()
    }


def number(
    environ: Mapping[str, str], name: str, declared: int, low: int, high: int
) -> int:
    text = environ.get(name, str(declared))
    if re.fullmatch("[0-9]+", text) and low <= int(text) <= high:
        return int(text)
    raise Problem(f"{name} is {text!r}; it must be a number from {low} to {high}")


def switch(environ: Mapping[str, str], name: str, declared: bool) -> bool:
    text = environ.get(name) or ("on" if declared else "off")
    if text in ("on", "off"):
        return text == "on"
    raise Problem(f"{name} is {text!r}; it must be on or off")


def distinct(ports: dict[str, int]) -> dict[str, int]:
    takers: dict[int, str] = {}
    for name, port in ports.items():
        if port in takers:
            raise Problem(f"{takers[port]} and {name} are both given port {port}")
        takers[port] = name
    return ports
