"""Each service grows by what waits for it, as far as its servers can take it."""

import pytest
import yaml

from common.database import ENGINE
from ops.stack.services import SERVICES
from tests.architecture.manifests import (
    BASE,
    COMPONENTS,
    NAMES,
    OVERLAYS,
    ROOT,
    built,
    container,
    dashed,
    needs_kubectl,
    of_kind,
    templates,
    written,
)

SCALED = of_kind(written(COMPONENTS / "keda"), "ScaledObject")
HPA = of_kind(written(BASE), "HorizontalPodAutoscaler")
RPC = [service for service in SERVICES if service.name != "gateway"]
POSTGRES = of_kind(written(COMPONENTS / "postgres"), "Cluster")["postgres"]["spec"]
# Those of whoever looks after it, and what PostgreSQL keeps for its superuser.
SPARE_CONNECTIONS = 20

each_rpc = pytest.mark.parametrize("service", RPC, ids=lambda each: each.name)


def trigger(service, kind):
    triggers = SCALED[dashed(service.name)]["spec"]["triggers"]
    (only,) = [each for each in triggers if each["type"] == kind]
    return only


def setting(service, name):
    return yaml.safe_load((ROOT / service.config).read_text())[name]


def test_every_service_grows_by_itself():
    assert set(SCALED) == {dashed(service.name) for service in RPC}
    assert set(HPA) == {"gateway"}


@each_rpc
def test_a_service_grows_by_the_queue_that_it_takes_its_calls_from(service):
    asked = trigger(service, "rabbitmq")["metadata"]

    assert asked["queueName"] == f"rpc-{service.name}"
    assert asked["mode"] == "QueueLength"


@each_rpc
def test_as_many_may_wait_for_a_process_as_it_works_on_at_once(service):
    asked = trigger(service, "rabbitmq")["metadata"]

    assert int(asked["value"]) == setting(service, "RPC_WORKERS")
    assert asked["excludeUnacknowledged"] == "true"


@each_rpc
def test_whoever_asks_the_broker_says_who_it_is_and_has_it_prove_its_name(service):
    name = trigger(service, "rabbitmq")["authenticationRef"]["name"]
    asks = of_kind(written(COMPONENTS / "keda"), "TriggerAuthentication")[name]["spec"]

    told = [*asks["secretTargetRef"], *asks["configMapTargetRef"]]
    assert {each["parameter"] for each in told} == {"host", "ca", "tls"}


@pytest.mark.parametrize("name", NAMES)
def test_growing_is_quick_and_shrinking_is_slow(name):
    if name in HPA:
        behavior = HPA[name]["spec"]["behavior"]
    else:
        advanced = SCALED[name]["spec"]["advanced"]
        behavior = advanced["horizontalPodAutoscalerConfig"]["behavior"]

    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] >= 300


def test_there_are_always_two_of_each():
    least = [each["spec"]["minReplicaCount"] for each in SCALED.values()]

    assert least == [2] * len(RPC)
    assert HPA["gateway"]["spec"]["minReplicas"] == 2


def test_postgresql_has_connections_for_all_that_there_may_be():
    of_each = ENGINE["pool_size"] + ENGINE["max_overflow"]
    processes = sum(
        # One more of each while a version takes over from another.
        SCALED[dashed(service.name)]["spec"]["maxReplicaCount"] + 1
        for service in RPC
        if any(variable.endswith("_DB_URI") for variable in service.told)
    )

    most = int(POSTGRES["postgresql"]["parameters"]["max_connections"])
    assert processes * of_each + SPARE_CONNECTIONS <= most


@pytest.mark.parametrize("name", NAMES)
def test_a_process_is_not_to_be_fuller_than_its_core(name):
    limit = container(templates(written(BASE))[name])["resources"]["limits"]["cpu"]
    if name in HPA:
        target = HPA[name]["spec"]["metrics"][0]["resource"]["target"]["averageValue"]
    else:
        (of_cpu,) = [
            each["metadata"]["value"]
            for each in SCALED[name]["spec"]["triggers"]
            if each["type"] == "cpu"
        ]
        target = of_cpu

    # Whatever it is allowed, the interpreter uses one core.
    assert float(limit) >= 1
    assert int(target.removesuffix("m")) <= 700


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_release_does_not_say_how_many_there_are_of_what_grows(overlay):
    objects = built(overlay)
    scaled = [
        *of_kind(objects, "ScaledObject").values(),
        *of_kind(objects, "HorizontalPodAutoscaler").values(),
    ]
    deployments = of_kind(objects, "Deployment")

    assert scaled
    for each in scaled:
        name = each["spec"]["scaleTargetRef"]["name"]
        # Where a Rollout has the pods, its Deployment has none.
        said = {"replicas": 0} if of_kind(objects, "Rollout") else {}
        spec = deployments[name]["spec"]
        assert {key: spec[key] for key in spec if key == "replicas"} == said


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_grows_is_there(overlay):
    objects = built(overlay)
    there = {(each["kind"], each["metadata"]["name"]) for each in objects}

    for kind in ("ScaledObject", "HorizontalPodAutoscaler"):
        for name, each in of_kind(objects, kind).items():
            target = each["spec"]["scaleTargetRef"]
            assert (target["kind"], target["name"]) in there
            assert target["name"] == name
            # Where there are canaries, it is the canary's controller that scales.
            if of_kind(objects, "Rollout"):
                assert target["kind"] == "Rollout"
