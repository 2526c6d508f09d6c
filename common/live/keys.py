"""One table of all that may be changed while the shop runs, and within which bounds.

The processes read by it and `shopnow config` writes by it, so neither takes what
the other would not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common import chaos, json
from common.live import checks
from common.resilience.settings import hint

FOLDER = "shopnow/"
SERVICES = ("auth_service", "order_service", "product_service", "user_service")
RATE_LIMITS = ("browse", "write", "sign_up", "sign_in", "refresh", "reset")
ACCOUNT_LIMITS = ("sign_up", "sign_in", "refresh", "reset")
FEATURES = ("reviews", "sign_up", "password_resets", "product_batches", "exports")


@dataclass(frozen=True)
class Key:
    """``name`` ends in a word in capitals where there are several: one of ``names``.

    ``check`` is given that word and a value, and raises ``ValueError``.
    ``environments`` are those where it may be used; none says everywhere.
    """

    name: str
    example: str
    used_by: str
    meaning: str
    check: Callable[[str, Any], Any]
    names: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """What all of them begin with; the whole name where there is one."""
        folder, _, last = self.name.rpartition("/")
        return f"{folder}/" if last.isupper() else self.name


KEYS = (
    Key(
        "account-limits/NAME",
        '{"quota": 60, "seconds": 60}',
        "auth_service",
        "How often something may be done with one account",
        checks.quota,
        ACCOUNT_LIMITS,
    ),
    Key(
        "chaos/TARGET",
        "delay:2s",
        "everybody",
        "A fault on purpose, where ENVIRONMENT is local or staging: docs/chaos.md",
        chaos.fault_in,
        tuple(chaos.TARGETS),
        ("local", "staging"),
    ),
    Key(
        "deadlines/read",
        "0.3",
        "gateway",
        "Seconds that a read may take",
        checks.seconds,
    ),
    Key(
        "deadlines/routes",
        '{"POST /v1/orders": 10}',
        "gateway",
        "Seconds that single routes may take; the others stay as configured",
        checks.routes,
    ),
    Key(
        "deadlines/rpc/SERVICE",
        "2.5",
        "that service",
        "Seconds that SERVICE waits for another one (RPC_DEADLINE)",
        checks.seconds,
        ("gateway", *SERVICES),
    ),
    Key(
        "deadlines/write",
        "2.0",
        "gateway",
        "Seconds that a write may take",
        checks.seconds,
    ),
    Key(
        "features/NAME",
        "false",
        "gateway",
        "Whether a part of the shop is open; what is off answers 404 feature_off",
        checks.switch,
        FEATURES,
    ),
    Key(
        "log-levels/LOGGER",
        "DEBUG",
        "everybody",
        "DEBUG (of our own loggers), INFO, WARNING, ERROR or CRITICAL",
        checks.log_level,
    ),
    Key(
        "maintenance",
        '{"refuse": "writes", "retry_after": 120}',
        "gateway",
        "writes or all: those are answered 503 maintenance; health never is",
        checks.maintenance,
    ),
    Key(
        "rate-limits/NAME",
        '{"quota": 600, "seconds": 60}',
        "gateway",
        "Requests of one client in any so many seconds",
        checks.quota,
        RATE_LIMITS,
    ),
    Key(
        "resilience/TARGET",
        '{"failure_share": 0.3}',
        "its callers",
        "Circuit, slots, queue and retries of a target; the rest as configured",
        checks.resilience,
        (*SERVICES, "redis", "sign_ins"),
    ),
)

FOLDERS = frozenset(key.folder for key in KEYS)


def key_of(name: str) -> tuple[Key, str]:
    """The key that ``name`` is one of, and its last word; raises ``ValueError``."""
    for key in KEYS:
        word = name.removeprefix(key.folder)
        if name == key.name == key.folder:
            return key, ""
        if name.startswith(key.folder) and word and key.folder != key.name:
            demand_known(key, word)
            return key, word
    close = hint(name, {key.name: key for key in KEYS})
    raise ValueError(f"there is no setting {name}{close}; shopnow config keys")


def demand_known(key: Key, word: str) -> None:
    if key.names and word not in key.names:
        known = ", ".join(key.names)
        close = hint(word, dict.fromkeys(key.names))
        raise ValueError(f"there is no {key.folder}{word}{close}; there are {known}")


def check(name: str, value: Any, environment: str) -> None:
    """Raises ``ValueError`` where ``name`` is nothing or may not be ``value``."""
    key, word = key_of(name)
    if key.environments and environment not in key.environments:
        allowed = " and ".join(key.environments)
        raise ValueError(f"this is for {allowed} alone, and here is {environment}")
    key.check(word, value)


def value_in(text: str) -> Any:
    """What ``text`` says, in JSON or as a bare word."""
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def found_in(entries: list[dict[str, Any]]) -> dict[str, str]:
    """``{name: text}``; a folder is an entry too, and no key."""
    values = {each["Key"].removeprefix(FOLDER): each["Value"] for each in entries}
    return {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in values.items()
        if name and not name.endswith("/")
    }
