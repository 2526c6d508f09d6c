"""The Kubernetes base runs the shop of the local stack, and keeps no secret."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from ops.stack import console
from ops.stack.services import SERVICES
from tests.architecture.test_compose import EVERYONE, PROOF

K8S = Path(__file__).parents[2] / "k8s"
BASE = K8S / "base"
README = (K8S / "README.md").read_text()
SECRETS = README.partition("| Secret | keys |")[2].splitlines()
KUSTOMIZATION = yaml.safe_load((BASE / "kustomization.yaml").read_text())
RESOURCES = [
    resource
    for file in KUSTOMIZATION["resources"]
    for resource in yaml.safe_load_all((BASE / file).read_text())
]
LITERALS = KUSTOMIZATION["configMapGenerator"][0]["literals"]
SETTINGS = {literal.partition("=")[0] for literal in LITERALS}
NO_SECRETS = {
    "MAIL_FROM",
    "GATEWAY_ADDRESS",
    "BROWSE_QUOTA",
    "WRITE_QUOTA",
    "SIGN_UP_QUOTA",
    "SIGN_IN_QUOTA",
    "REFRESH_QUOTA",
    "RESET_QUOTA",
    "TRUSTED_PROXIES",
    "CORS_ORIGINS",
    "HSTS_SECONDS",
    "PRODUCT_CACHE_BYTES",
    "READ_SECONDS",
    "WRITE_SECONDS",
    "ACCOUNT_QUOTA",
    "ADDRESS_FAILURES",
    "PAYMENT_PROVIDER",
    "CONSOLE_ADDRESS",
    "TRACE_URL",
    "SSL_CERT_FILE",
    "STRIPE_API_BASE",
}
WORKLOADS = {
    resource["metadata"]["name"]: resource["spec"]["template"]
    for resource in RESOURCES
    if resource["kind"] in ("Deployment", "Job")
}
MIGRATED = {"AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI", "PRODUCT_MONGO_URI"}

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)
each_workload = pytest.mark.parametrize("name", WORKLOADS)


def named(kind):
    return {each["metadata"]["name"] for each in RESOURCES if each["kind"] == kind}


def container(name):
    (only,) = WORKLOADS[name]["spec"]["containers"]
    return only


def dashed(service):
    return service.name.replace("_", "-")


def test_every_service_is_deployed_under_an_account_of_its_own():
    assert named("Deployment") == {dashed(service) for service in SERVICES} | {
        "console"
    }
    assert named("ServiceAccount") == set(WORKLOADS)
    for name, template in WORKLOADS.items():
        assert template["spec"]["serviceAccountName"] == name


@each_service
def test_a_service_is_told_what_the_local_process_is_told(service):
    told = {each["name"] for each in container(dashed(service))["env"]}

    assert told | SETTINGS == {*EVERYONE, *service.told}


def test_the_migration_is_told_where_all_databases_are():
    told = {each["name"] for each in container("migrate")["env"]}

    assert told == {*MIGRATED, "SIGNING_KEY_SECRET", "FIELD_KEYS"}


def test_what_the_migration_needs_is_applied_with_it():
    label = {"shopnow.example/rollout": "before"}
    first = [each for each in RESOURCES if each["metadata"].get("labels") == label]

    assert {each["metadata"]["name"] for each in first} == {"migrate"}
    kinds = {each["kind"] for each in first}
    assert kinds == {"ServiceAccount", "NetworkPolicy", "Job"}


def test_the_ops_page_is_told_where_to_look_and_no_store():
    told = {each["name"] for each in container("console")["env"]}

    assert told <= {*console.TOLD, "TRACE_URL", "SSL_CERT_FILE"}
    assert {"CONSOLE_ADDRESS", "RABBITMQ_MANAGEMENT_URI"} <= told


def test_the_ops_page_is_for_whoever_may_enter_its_pod():
    told = {each["name"]: each.get("value") for each in container("console")["env"]}

    assert told["CONSOLE_ADDRESS"].startswith("127.0.0.1:")
    assert "console" not in named("Service")


@each_workload
def test_secrets_are_referred_to_and_listed_for_whoever_makes_them(name):
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    for variable in container(name)["env"]:
        key = variable["name"]
        if key in NO_SECRETS:
            continue
        assert variable["valueFrom"] == {"secretKeyRef": {"name": name, "key": key}}
        assert f"`{key}`" in row


@each_workload
def test_a_workload_can_tell_whom_its_servers_have_their_names_from(name):
    mount = {"name": "authority", "mountPath": "/certificates", "readOnly": True}
    volume = {"name": "authority", "secret": {"secretName": "authority"}}

    assert mount in container(name)["volumeMounts"]
    assert volume in WORKLOADS[name]["spec"]["volumes"]


@pytest.mark.parametrize("scheme", PROOF)
def test_addresses_are_told_with_the_proof_that_they_ask_for(scheme):
    told = re.findall(rf" ({scheme}://\S+)", README)

    assert len(told) == 1
    assert all(uri.endswith(PROOF[scheme]) for uri in told)


def test_no_secret_is_kept_here():
    assert not named("Secret")
    assert "secretGenerator" not in KUSTOMIZATION
    assert not any("://" in path.read_text() for path in BASE.glob("*-service.yaml"))


def test_images_are_those_of_this_release():
    project = tomllib.loads((K8S.parent / "pyproject.toml").read_text())["project"]
    pinned = {each["name"]: each["newTag"] for each in KUSTOMIZATION["images"]}
    (_, of_pods) = KUSTOMIZATION["labels"]
    used = {container(name)["image"] for name in WORKLOADS}

    assert pinned == dict.fromkeys(used, project["version"])
    assert of_pods["pairs"] == {"app.kubernetes.io/version": project["version"]}
    assert of_pods["includeTemplates"]
    assert used == {f"shopnow/{each.name}" for each in SERVICES} | {"shopnow/ops"}


@each_workload
def test_a_workload_is_confined(name):
    spec, main = WORKLOADS[name]["spec"], container(name)

    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert main["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(main["resources"]["requests"]) == {"cpu", "memory"}
    assert set(main["resources"]["limits"]) == {"cpu", "memory"}


@each_service
def test_a_service_tells_when_it_can_do_its_work(service):
    main = container(dashed(service))
    # Whether the gateway lives shows where its customers come in.
    lives = "http" if service.name == "gateway" else "internal"

    ready = {"path": "/readyz", "port": "internal"}
    assert main["startupProbe"]["httpGet"] == {"path": "/healthz", "port": "internal"}
    assert main["readinessProbe"]["httpGet"] == ready
    assert main["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": lives}


@each_service
def test_a_service_tells_its_metrics_where_its_port_says(service):
    name = dashed(service)
    port = {each["name"]: each for each in container(name)["ports"]}["internal"]

    assert f"INTERNAL_ADDRESS=0.0.0.0:{port['containerPort']}" in LITERALS


def test_the_gateway_is_reached_where_it_listens():
    (service,) = [each for each in RESOURCES if each["kind"] == "Service"]
    port = container("gateway")["ports"][0]
    address = {each["name"]: each for each in container("gateway")["env"]}
    labels = WORKLOADS["gateway"]["metadata"]["labels"]

    assert service["spec"]["selector"].items() <= labels.items()
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    listens = address["GATEWAY_ADDRESS"]["value"]
    assert listens == f"0.0.0.0:{port['containerPort']}"
