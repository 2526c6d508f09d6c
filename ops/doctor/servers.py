"""The backing servers: they answer, to our credentials, and are not too old."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import urlsplit

import urllib3

from ops import http
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, left_out, ok, problem, warning
from ops.stack import probes
from ops.stack.condition import SERVERS

NAMES = {
    "AMQP_URI": "rabbitmq",
    "AUTH_DB_URI": "auth db",
    "USER_DB_URI": "users db",
    "ORDER_DB_URI": "orders db",
    "PRODUCT_MONGO_URI": "mongo",
    "REDIS_URI": "redis",
    "CONSUL_URI": "consul",
}
# The oldest that the tests have run on.
OLDEST = {
    "AMQP_URI": (3, 10),
    "AUTH_DB_URI": (15,),
    "USER_DB_URI": (15,),
    "ORDER_DB_URI": (15,),
    "PRODUCT_MONGO_URI": (6, 0),
    "REDIS_URI": (7, 0),
}
# How the servers say that it is not they who are wrong, but the password.
REFUSED = re.compile(r"(?i)access_refused|authentication|password|WRONGPASS|NOAUTH")


def server(variable: str, case: Case) -> Iterator[Finding]:
    uri = case.variables.get(variable)
    if not uri:
        yield left_out(unset(variable, case))
        return
    try:
        version = probes.version(variable, uri)
    except probes.REFUSALS as refusal:
        why = probes.reason(refusal)
        yield problem(f"{place(uri)}: {why}", remedy(variable, why, case))
        return
    oldest = OLDEST.get(variable, ())
    told = f"{version} at {place(uri)}".strip()
    if tuple(numbers(version)) < oldest:
        wanted = ".".join(map(str, oldest))
        yield warning(f"{told}; tested is {wanted} and later", "use a newer server")
    else:
        yield ok(told)


def unset(variable: str, case: Case) -> str:
    return f"{variable} is not set" if case.runs else "nothing runs here"


def place(uri: str) -> str:
    """Where it is and as whom we come, and nothing of the password."""
    try:
        address = urlsplit(uri)
        user = f"{address.username}@" if address.username else ""
        return f"{user}{address.netloc.rpartition('@')[2]}"
    except ValueError:
        return "an address that cannot be read"


def numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version)[:2]]


def remedy(variable: str, why: str, case: Case) -> str:
    if case.environ.get(variable):
        return f"it is what your shell says: echo ${variable}; unset {variable}"
    if REFUSED.search(why):
        return "make stop; make start  # makes the users anew"
    name = next(name for name, uris in SERVERS.items() if variable in uris)
    log = case.shown(case.run_dir / f"log/{name}.log")
    ours = [s["name"] for s in case.state.servers]
    return f"make status; tail {log}" if name in ours else "make start"


def gateway(case: Case) -> Iterator[Finding]:
    """The shop's own door, and what it says of the shop behind it."""
    url = case.variables.get("SHOPNOW_URL")
    if not url:
        yield left_out(unset("SHOPNOW_URL", case))
        return
    try:
        answer = http.request("GET", f"{url}/readyz")
        told = dict(answer.json())
        states = {n: s for n, s in told["dependencies"].items() if s != "passing"}
    except (urllib3.exceptions.HTTPError, *probes.REFUSALS, KeyError) as refusal:
        yield problem(f"{url}: {probes.reason(refusal)}", "make status")
        return
    bad = ", ".join(f"{name} {state}" for name, state in states.items())
    for line in told.get("warnings", []):
        yield warning(str(line), "make status")
    if answer.status >= http.FIRST_REFUSAL:
        yield problem(f"{url} is not ready: {bad}", "make status")
    else:
        yield ok(f"{url} is ready")


def check_of(variable: str) -> Check:
    look: Callable[[Case], Iterator[Finding]] = partial(server, variable)
    return Check(NAMES[variable], look)


BY_VARIABLE = {variable: check_of(variable) for variable in NAMES}
CHECKS = (*BY_VARIABLE.values(), Check("gateway", gateway))
