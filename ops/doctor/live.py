"""Live settings: whether what is set in Consul makes sense, and what it does now."""

from base64 import b64decode
from collections.abc import Iterator
from http import HTTPStatus

from common.live.keys import FOLDER, check, found_in, value_in
from ops import http
from ops.config.proof import prove
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning

CHAOS, MAINTENANCE = "chaos/", "maintenance"


def settings(case: Case) -> Iterator[Finding]:
    """A value that no process takes over does nothing, and a fault on purpose a lot."""
    found = read(case)
    if found is None:
        yield problem("they may not be read with CONSUL_TOKEN", "unset CONSUL_TOKEN")
        return
    where = case.variables.get("ENVIRONMENT") or "production"
    for name, text in sorted(found.items()):
        if wrong := trouble_with(name, text, where):
            told = f"{name} is {text}, which nobody takes over: {wrong}"
            yield problem(told, f"shopnow config unset {name}")
        elif name.startswith(CHAOS):
            target = name.removeprefix(CHAOS)
            told = f"a fault is set on purpose: {target} has {text}"
            yield warning(told, f"shopnow chaos clear {target}")
        elif name == MAINTENANCE:
            told = f"the shop is in maintenance: {text}"
            yield warning(told, f"shopnow config unset {name}")
    yield ok(", ".join(sorted(found)) or "none is set: all is as configured")


def read(case: Case) -> dict[str, str] | None:
    """By name; None for whoever may not look."""
    uri, token = case.variables["CONSUL_URI"], case.variables.get("CONSUL_TOKEN", "")
    answer = http.request("GET", f"{uri}/v1/kv/{FOLDER}?recurse=true", token=token)
    if answer.status == HTTPStatus.NOT_FOUND:
        return {}
    if answer.status >= http.FIRST_REFUSAL:
        return None
    return found_in(
        [each | {"Value": b64decode(each["Value"] or "")} for each in answer.json()]
    )


def trouble_with(name: str, text: str, environment: str) -> str:
    try:
        value = value_in(text)
        check(name, value, environment)
        prove(name, value)
    except ValueError as wrong:
        return str(wrong)
    return ""


CHECKS = (Check("live settings", settings, ("CONSUL_URI",)),)
