"""Every overlay builds, from files that are there, to objects that Kubernetes knows."""

import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.architecture.manifests import (
    COMPONENTS,
    K8S,
    OVERLAYS,
    built,
    everything,
    needs_kubectl,
    of_kind,
    written,
)

# The first in which a pod's `sleep` works unasked, and the last with schemas here.
VERSIONS = {"region-a": "1.30", "local": kubernetes_validate.latest_version()}
REGIONS = ("region-a", "region-b")
# Of operators, which look at what they are given themselves.
THEIRS = {
    "argoproj.io/v1alpha1",
    "barmancloud.cnpg.io/v1",
    "cert-manager.io/v1",
    "external-secrets.io/v1",
    "keda.sh/v1alpha1",
    "mongodbcommunity.mongodb.com/v1",
    "monitoring.coreos.com/v1",
    "postgresql.cnpg.io/v1",
    "rabbitmq.com/v1beta1",
}
FOLDERS = sorted(each.parent for each in K8S.rglob("kustomization.yaml"))
# What only Helm reads.
VALUES = {"values.yaml", "consul-values.yaml"}


def text(overlay: str) -> str:
    return (K8S / "overlays" / overlay / "kustomization.yaml").read_text()


# They change places by an edit of both overlays: docs/runbooks/disaster-recovery.md.
LEADS, FOLLOWS = sorted(REGIONS, key=lambda name: "components/standby" in text(name))

each_folder = pytest.mark.parametrize(
    "folder", FOLDERS, ids=lambda each: str(each.relative_to(K8S))
)
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def read(folder: Path) -> dict:
    return yaml.safe_load((folder / "kustomization.yaml").read_text())


def parts(folder: Path) -> list[Path]:
    """The folders that a kustomization names."""
    told = read(folder)
    named = [*told.get("resources", ()), *told.get("components", ())]
    return [(folder / each).resolve() for each in named if ".yaml" not in each]


def files(folder: Path) -> set[str]:
    told = read(folder)
    patches = {each["path"] for each in told.get("patches", ()) if "path" in each}
    return patches | {each for each in told.get("resources", ()) if ".yaml" in each}


@each_folder
def test_every_file_of_a_folder_is_in_its_kustomization(folder):
    here = {each.name for each in folder.glob("*.yaml")}

    assert here - VALUES == {*files(folder), "kustomization.yaml"}


@each_folder
def test_every_folder_that_is_named_is_there(folder):
    assert set(parts(folder)) <= set(FOLDERS)


@each_folder
def test_every_patch_is_meant_for_something(folder):
    objects = everything()
    if parts(folder):
        objects = [each for part in parts(folder) for each in written(part)]

    for patch in read(folder).get("patches", ()):
        kind, name = patch["target"]["kind"], patch["target"]["name"]
        assert any(re.fullmatch(name, each) for each in of_kind(objects, kind))


def test_every_component_is_part_of_an_overlay():
    used = {part for name in OVERLAYS for part in parts(K8S / "overlays" / name)}

    assert {each.name for each in (K8S / "overlays").iterdir()} == set(OVERLAYS)
    assert {each for each in FOLDERS if each.parent == COMPONENTS} <= used


def test_two_regions_are_of_the_same_parts_but_for_who_follows():
    one, other = (parts(K8S / "overlays" / name) for name in (LEADS, FOLLOWS))

    assert [*one, COMPONENTS / "standby"] == other


@needs_kubectl
@pytest.mark.parametrize("overlay", VERSIONS)
def test_kubernetes_knows_every_object(overlay):
    for each in built(overlay):
        if each["apiVersion"] not in THEIRS:
            kubernetes_validate.validate(each, VERSIONS[overlay], strict=True)


@needs_kubectl
@each_overlay
def test_an_overlay_names_everything_once(overlay):
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in built(overlay)
    ]

    assert len(names) == len(set(names))


@needs_kubectl
@each_overlay
def test_processes_are_told_the_region_that_their_overlay_is_named_after(overlay):
    (settings,) = [
        each["data"]
        for name, each in of_kind(built(overlay), "ConfigMap").items()
        if name.startswith("shopnow-")
    ]

    assert settings["REGION"] == overlay
    is_production = overlay.startswith("region-")
    assert settings["ENVIRONMENT"] == ("production" if is_production else overlay)


@needs_kubectl
def test_one_region_leads_and_both_know_which():
    clusters = {
        overlay: of_kind(built(overlay), "Cluster")["postgres"]["spec"]
        for overlay in REGIONS
    }

    assert {each["replica"]["primary"] for each in clusters.values()} == {LEADS}
    for overlay, each in clusters.items():
        names = {other["name"] for other in each["externalClusters"]}
        assert each["replica"]["self"] == overlay
        assert each["replica"]["source"] in names - {overlay}


@needs_kubectl
def test_a_region_that_follows_runs_no_service_and_no_migration():
    objects = built(FOLLOWS)

    assert "migrate" not in of_kind(objects, "Job", "CronJob", "NetworkPolicy")
    for each in of_kind(objects, "ScaledObject").values():
        paused = each["metadata"]["annotations"]["autoscaling.keda.sh/paused-replicas"]
        assert paused == "0"
    bootstrap = of_kind(objects, "Cluster")["postgres"]["spec"]["bootstrap"]
    assert bootstrap == {"pg_basebackup": {"source": LEADS}}


@needs_kubectl
def test_a_region_that_follows_looks_at_no_canary():
    """Nobody asks there, so that none could prove itself."""
    rollouts = of_kind(built(FOLLOWS), "Rollout")

    assert rollouts
    for each in rollouts.values():
        assert "steps" not in each["spec"]["strategy"]["canary"]


@needs_kubectl
@pytest.mark.parametrize("overlay", REGIONS)
def test_either_region_answers_to_the_shop_s_own_name_and_to_its_own(overlay):
    ingress = of_kind(built(overlay), "Ingress")["gateway"]["spec"]
    names = ["shop.example", f"{overlay}.shop.example"]

    assert ingress["tls"][0]["hosts"] == names
    assert [each["host"] for each in ingress["rules"]] == names
    (paths,) = {str(each["http"]) for each in ingress["rules"]}
    assert "gateway" in paths


@needs_kubectl
@pytest.mark.parametrize("overlay", REGIONS)
def test_a_door_lets_in_the_other_region_and_leads_to_one_port(overlay):
    objects = built(overlay)
    services = of_kind(objects, "Service")
    postgres = of_kind(objects, "Cluster")["postgres"]["spec"]
    (additional,) = postgres["managed"]["services"]["additional"]
    doors = {
        "rabbitmq-other-region": services["rabbitmq-other-region"]["spec"],
        "postgres-other-region": additional["serviceTemplate"]["spec"],
    }

    assert [port["port"] for port in doors["rabbitmq-other-region"]["ports"]] == [5671]
    assert "service" not in of_kind(objects, "RabbitmqCluster")["rabbitmq"]["spec"]
    for name, door in doors.items():
        (rule,) = of_kind(objects, "NetworkPolicy")[name]["spec"]["ingress"]
        networks = [each["ipBlock"]["cidr"] for each in rule["from"]]
        assert door["type"] == "LoadBalancer"
        # A policy sees who asks by its address, which a node in between would replace.
        assert door["externalTrafficPolicy"] == "Local"
        assert door["loadBalancerSourceRanges"] == networks


@needs_kubectl
@pytest.mark.parametrize("overlay", ["local", "staging", LEADS])
def test_each_month_is_migrated_as_each_release_is(overlay):
    objects = built(overlay)
    monthly = of_kind(objects, "CronJob")["migrate"]["spec"]

    assert re.fullmatch(r"\d+ \d+ \d+ \* \*", monthly["schedule"])
    assert monthly["jobTemplate"]["spec"] == of_kind(objects, "Job")["migrate"]["spec"]
