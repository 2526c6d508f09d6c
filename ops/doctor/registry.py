"""Consul: it knows our tokens and rules, and who is well."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice

import urllib3

from ops import http
from ops.doctor.case import Case
from ops.doctor.finding import Check, Finding, ok, problem, warning
from ops.errors import Problem
from ops.registry.access import POLICIES, holders, rules

AGAIN = "make stop; make start  # lays it out anew"
DISABLED = b"ACL support disabled"
MOST_TOLD = 5


def access(case: Case) -> Iterator[Finding]:
    """Whether each token is known, and a stranger may neither read nor write."""
    uri, own = case.variables["CONSUL_URI"], case.variables.get("CONSUL_TOKEN", "")
    answer = http.request("GET", f"{uri}/v1/acl/token/self", token=own)
    if DISABLED in answer.data:
        told = "it asks nobody for a token: whoever reaches it may change the shop"
        yield warning(told, "set acl.enabled in its configuration: consul/agent.json")
        return
    if answer.status >= http.FIRST_REFUSAL:
        yield problem("it does not know CONSUL_TOKEN, the operator's", remedy(case))
    if is_open(uri):
        yield problem("strangers may read what it keeps for the shop", AGAIN)
    yield from laid_out(case)
    yield ok("tokens and policies are as in consul/policies")


def remedy(case: Case) -> str:
    return "unset CONSUL_TOKEN" if case.environ.get("CONSUL_TOKEN") else AGAIN


def is_open(uri: str) -> bool:
    # A list would be empty for them; of one key they are told that they may not.
    answer = http.request("GET", f"{uri}/v1/kv/shopnow/doctor")
    return answer.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED)


def laid_out(case: Case) -> Iterator[Finding]:
    """What only its master may see: the rules themselves, on our own Consul."""
    uri, master = case.variables["CONSUL_URI"], case.secrets.get("consul.master")
    if not master or "CONSUL_URI" in case.settings.given:
        return
    try:
        found = http.call("GET", f"{uri}/v1/acl/policies", token=master)
    except Problem:
        yield problem("it does not know the master's token of .run/secrets.json", AGAIN)
        return
    known = {each["Name"]: each["ID"] for each in found}
    for name in sorted(rules()):
        text = (POLICIES / f"{name}.hcl").read_text()
        place = f"{uri}/v1/acl/policy/{known.get(name)}"
        if name not in known or http.call("GET", place, token=master)["Rules"] != text:
            yield problem(f"the policy {name} is not that of consul/policies", AGAIN)
    for name in holders():
        token = case.secrets.get(f"consul.{name}", "")
        answer = http.request("GET", f"{uri}/v1/acl/token/self", token=token)
        if answer.status >= http.FIRST_REFUSAL:
            yield problem(f"the token of {name} is not known", AGAIN)


def health(case: Case) -> Iterator[Finding]:
    """Whoever Consul takes for ill, and why."""
    uri, token = case.variables["CONSUL_URI"], case.variables.get("CONSUL_TOKEN", "")
    try:
        found = http.call("GET", f"{uri}/v1/health/state/any", token=token)
    except (Problem, urllib3.exceptions.HTTPError) as trouble:
        yield problem(f"it tells nothing: {trouble}", remedy(case))
        return
    ill = [each for each in found if each["Status"] == "critical"]
    for each in islice(ill, MOST_TOLD):
        name, why = each["ServiceID"] or each["Node"], each["Output"].strip()
        log = case.shown(case.run_dir / "log")
        yield problem(f"{name}: {why or 'it says nothing'}", f"make status; ls {log}")
    yield ok(f"{len(found)} checks pass")


CHECKS = (
    Check("consul access", access, ("CONSUL_URI",)),
    Check("consul health", health, ("CONSUL_URI",)),
)
