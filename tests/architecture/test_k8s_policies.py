"""What every pod of ours says: what it takes, how it ends, and where it may run."""

import re

import pytest

from common.container import DRAIN_SECONDS, STOP_SECONDS
from tests.architecture.manifests import (
    BASE,
    NAMES,
    OVERLAYS,
    built,
    container,
    everything,
    needs_kubectl,
    of_kind,
    templates,
    written,
)

TEMPLATES = templates(everything())
# What a process takes by itself, measured: its resident memory, in MiB.
IDLE_MIB = 115
# A page for a few, whose looking away harms nobody.
LOOK_ON = {"console", "jaeger"}
STAY = sorted(TEMPLATES.keys() - {"migrate"})

each_name = pytest.mark.parametrize("name", NAMES)
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def mib(amount: str) -> float:
    units = {"Mi": 1, "Gi": 1024}
    return float(amount[:-2]) * units[amount[-2:]]


def cores(amount: str) -> float:
    is_milli = amount.endswith("m")
    return float(amount.removesuffix("m")) / (1000 if is_milli else 1)


def matched(selector: dict, labels: dict) -> bool:
    wanted = selector.get("matchLabels", {})
    expressions = selector.get("matchExpressions", [])
    return wanted.items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


@pytest.mark.parametrize("name", STAY)
def test_whoever_stays_is_asked_how_it_is(name):
    main = container(TEMPLATES[name])

    assert "readinessProbe" in main
    if name not in LOOK_ON:
        assert {"startupProbe", "livenessProbe"} <= main.keys()


@pytest.mark.parametrize("name", TEMPLATES)
def test_requests_are_within_limits(name):
    wants = container(TEMPLATES[name])["resources"]

    assert set(wants["requests"]) == set(wants["limits"]) == {"cpu", "memory"}
    assert mib(wants["requests"]["memory"]) <= mib(wants["limits"]["memory"])
    assert cores(wants["requests"]["cpu"]) <= cores(wants["limits"]["cpu"])


@each_name
def test_a_process_asks_for_the_memory_that_it_takes(name):
    wants = container(TEMPLATES[name])["resources"]

    assert mib(wants["requests"]["memory"]) >= IDLE_MIB
    assert mib(wants["limits"]["memory"]) >= 2 * IDLE_MIB


def test_the_gateway_has_memory_for_its_cache():
    gateway = container(TEMPLATES["gateway"])
    told = {each["name"]: each.get("value") for each in gateway["env"]}
    cache = int(told["PRODUCT_CACHE_BYTES"]) / 2**20

    assert mib(gateway["resources"]["requests"]["memory"]) >= IDLE_MIB + cache


@each_name
def test_a_process_has_the_time_that_its_end_takes(name):
    spec = TEMPLATES[name]["spec"]
    pause = container(TEMPLATES[name])["lifecycle"]["preStop"]["sleep"]["seconds"]

    longest = pause + DRAIN_SECONDS + 2 * STOP_SECONDS
    assert longest <= spec["terminationGracePeriodSeconds"]


@each_name
def test_a_new_version_takes_over_before_an_old_one_goes(name):
    spec = of_kind(written(BASE), "Deployment")[name]["spec"]

    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["minReadySeconds"] > 0


@each_name
def test_processes_of_a_service_are_spread_over_nodes_and_zones(name):
    spread = TEMPLATES[name]["spec"]["topologySpreadConstraints"]
    labels = TEMPLATES[name]["metadata"]["labels"]

    assert [each["topologyKey"] for each in spread] == [
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    ]
    assert all(matched(each["labelSelector"], labels) for each in spread)


@needs_kubectl
@each_overlay
def test_a_release_is_spread_without_regard_to_the_one_that_it_replaces(overlay):
    objects = built(overlay)
    # Argo Rollouts gives its pods a label of another name than Kubernetes does.
    prefix = "rollouts-" if of_kind(objects, "Rollout") else ""

    for name in NAMES:
        for each in templates(objects)[name]["spec"]["topologySpreadConstraints"]:
            assert each["matchLabelKeys"] == [f"{prefix}pod-template-hash"]


@each_name
def test_a_node_that_is_emptied_takes_one_process_of_a_service_at_a_time(name):
    budget = of_kind(written(BASE), "PodDisruptionBudget")[name]["spec"]

    assert budget["maxUnavailable"] == 1
    assert matched(budget["selector"], TEMPLATES[name]["metadata"]["labels"])


@pytest.mark.parametrize("name", TEMPLATES)
def test_nobody_is_root_or_more_than_it_must_be(name):
    spec, main = TEMPLATES[name]["spec"], container(TEMPLATES[name])

    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert main["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_no_pod_runs_as_the_account_that_all_namespaces_have():
    accounts = of_kind(everything(), "ServiceAccount")

    for name, template in TEMPLATES.items():
        assert template["spec"]["serviceAccountName"] == name
        assert accounts[name]["automountServiceAccountToken"] is False


def images(value):
    """Every image that is named anywhere in an object."""
    match value:
        case dict():
            own = [each for key, each in value.items() if key in ("image", "imageName")]
            named = [each for each in own if isinstance(each, str)]
            return named + [found for each in value.values() for found in images(each)]
        case list():
            return [found for each in value for found in images(each)]
    return []


@needs_kubectl
@each_overlay
def test_every_image_is_pinned(overlay):
    found = [image for each in built(overlay) for image in images(each)]

    assert len(found) > len(NAMES)
    for image in found:
        assert re.search(r":[\w.-]*\d[\w.-]*$|@sha256:[0-9a-f]{64}$", image), image


# The labels of pods that operators make: theirs, as their documentation has them.
OF_OPERATORS = [
    {"app.kubernetes.io/name": "rabbitmq"},
    {"cnpg.io/cluster": "postgres"},
    {"app": "mongo-svc"},
    {"app": "consul", "component": "client"},
    {"acme.cert-manager.io/http01-solver": "true"},
]


def selectors(each):
    spec = each["spec"]
    match each["kind"]:
        case "Service":
            yield {"matchLabels": spec["selector"]}
        case "PodDisruptionBudget" | "PodMonitor" | "Deployment" | "StatefulSet":
            yield spec["selector"]
        case "Rollout":
            yield spec["selector"]
        case "NetworkPolicy":
            yield spec["podSelector"]


@needs_kubectl
@each_overlay
def test_every_selector_matches_something(overlay):
    objects = built(overlay)
    pods = [each["metadata"]["labels"] for each in templates(objects).values()]

    for each in objects:
        if "spec" in each:
            for selector in selectors(each):
                who = [*pods, *OF_OPERATORS]
                assert any(matched(selector, labels) for labels in who), each


@needs_kubectl
@each_overlay
def test_whatever_is_referred_to_by_its_name_is_there(overlay):
    """Settings, accounts and volumes; the Secrets are a test of their own."""
    objects = built(overlay)
    settings = of_kind(objects, "ConfigMap")
    accounts = of_kind(objects, "ServiceAccount")

    for template in templates(objects).values():
        spec = template["spec"]
        assert spec["serviceAccountName"] in accounts
        for source in container(template).get("envFrom", ()):
            assert source["configMapRef"]["name"] in settings
        for volume in spec.get("volumes", ()):
            if "configMap" in volume:
                assert volume["configMap"]["name"] in settings
