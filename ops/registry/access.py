"""Who may do what in Consul: a policy a file, and one token for each of them."""

from collections.abc import Collection, Mapping
from uuid import NAMESPACE_URL, uuid5

from ops.http import call
from ops.stack.settings import ROOT

POLICIES = ROOT / "consul/policies"
# Consul's own, for whoever has none.
ANONYMOUS = "00000000-0000-0000-0000-000000000002"


def holders() -> list[str]:
    """Who is given a token: all who have a policy, but those who have no name."""
    return sorted(rules() - {"anonymous"})


def rules() -> set[str]:
    return {file.stem for file in POLICIES.glob("*.hcl")}


def provide(uri: str, master: str, tokens: Mapping[str, str]) -> None:
    """Have Consul know the policies, and ``tokens`` as those of their holders."""
    found = call("GET", f"{uri}/v1/acl/policies", token=master)
    known = {each["Name"]: each["ID"] for each in found}
    for name in sorted(rules()):
        write_policy(uri, master, name, known.get(name))
    found = call("GET", f"{uri}/v1/acl/tokens", token=master)
    accessors = {each["AccessorID"] for each in found}
    for name in holders():
        write_token(uri, master, name, tokens[name], accessors)
    entry = {"Description": "whoever has no token", "Policies": [{"Name": "anonymous"}]}
    call("PUT", f"{uri}/v1/acl/token/{ANONYMOUS}", entry, token=master)


def write_policy(uri: str, master: str, name: str, known: str | None) -> None:
    text = (POLICIES / f"{name}.hcl").read_text()
    place = f"{uri}/v1/acl/policy/{known}" if known else f"{uri}/v1/acl/policy"
    call("PUT", place, {"Name": name, "Rules": text}, token=master)


def write_token(
    uri: str, master: str, name: str, secret: str, known: Collection[str]
) -> None:
    place, accessor = f"{uri}/v1/acl/token", accessor_of(name)
    if accessor in known:
        if call("GET", f"{place}/{accessor}", token=master)["SecretID"] == secret:
            return
        # The secret of a token cannot be changed.
        call("DELETE", f"{place}/{accessor}", token=master)
    entry = {
        "AccessorID": accessor,
        "SecretID": secret,
        "Description": f"of {name}",
        "Policies": [{"Name": name}],
    }
    call("PUT", place, entry, token=master)


def accessor_of(name: str) -> str:
    """The public name of a token: always the same, so that a new secret replaces it."""
    return str(uuid5(NAMESPACE_URL, f"urn:shopnow:consul:{name}"))
