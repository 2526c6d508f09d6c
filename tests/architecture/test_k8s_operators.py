"""What operators are given: secrets, certificates, rules, canaries, servers."""

import re

import pytest
import yaml

from ops.stack.servers import mongo
from tests.architecture.manifests import (
    BASE,
    COMPONENTS,
    K8S,
    NAMES,
    OVERLAYS,
    ROOT,
    built,
    container,
    everything,
    needs_kubectl,
    of_kind,
    templates,
    written,
)

README = (K8S / "README.md").read_text()
EXTERNAL = of_kind(written(COMPONENTS / "external-secrets"), "ExternalSecret")
CERTIFICATES = of_kind(everything(), "Certificate")
ROLLOUTS = of_kind(written(COMPONENTS / "rollouts"), "Rollout")
LOOKS = of_kind(written(COMPONENTS / "rollouts"), "AnalysisTemplate")
# The operator's own, which it makes; and one that holds a reference inside.
NO_REFERENCES = {"scramCredentialsSecretName", "s3Credentials"}
SECRETS = README.partition("| Secret | keys |")[2].splitlines()
WITH_STORE = [name for name in OVERLAYS if name != "local"]

each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def keys(secret):
    return {each["secretKey"] for each in EXTERNAL[secret]["spec"]["data"]}


def references(value):
    """Every Secret that an object names, with the key if it names one."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    if isinstance(value, dict):
        for name, each in value.items():
            if re.search("[sS]ecret|accessKeyId", name) and name not in NO_REFERENCES:
                yield from named(each)
            yield from references(each)


def named(reference):
    match reference:
        case str(name):
            yield name, set()
        case {"name": name, "key": key}:
            yield name, {key}
        case {"name": name}:
            yield name, set()
        case [*several]:
            for each in several:
                yield from named(each)


def made_by_others(objects):
    """Secrets that an operator of the cluster makes."""
    certificates = of_kind(objects, "Certificate").values()
    ingresses = of_kind(objects, "Ingress").values()
    own = {each["spec"]["secretName"] for each in certificates}
    return own | {t["secretName"] for each in ingresses for t in each["spec"]["tls"]}


@needs_kubectl
@pytest.mark.parametrize("overlay", WITH_STORE)
def test_every_secret_that_somebody_reads_is_brought_in(overlay):
    objects = built(overlay)
    makers = ("Certificate", "ExternalSecret", "Ingress")
    read = [
        found
        for each in objects
        if each["kind"] not in makers
        for found in references(each)
    ]

    assert len(read) > len(EXTERNAL)
    for name, wanted in read:
        if name not in made_by_others(objects):
            assert name in of_kind(objects, "ExternalSecret"), name
            assert wanted <= keys(name), name


@pytest.mark.parametrize("name", EXTERNAL)
def test_a_secret_is_listed_for_whoever_fills_the_store(name):
    row = next(line for line in SECRETS if line.startswith(f"| `{name}` |"))

    assert keys(name) == set(re.findall(r"`([\w.]+)`", row.split("|")[2]))
    for each in EXTERNAL[name]["spec"]["data"]:
        where = {"key": f"shopnow/{name}", "property": each["secretKey"]}
        assert each["remoteRef"] == where


def test_a_process_is_brought_the_secrets_that_it_reads_and_no_other():
    for name, template in templates(written(BASE)).items():
        told = container(template)["env"]
        read = {each["name"] for each in told if "valueFrom" in each}
        assert keys(name) == read


def test_no_value_of_a_secret_is_kept_here():
    assert not of_kind(everything(), "Secret")
    for file in K8S.rglob("*.yaml"):
        assert "secretGenerator" not in file.read_text()


@pytest.mark.parametrize("name", ["rabbitmq", "postgres", "mongo", "redis"])
def test_a_server_has_a_certificate_for_the_names_that_it_is_called_by(name):
    names = CERTIFICATES[name]["spec"]["dnsNames"]
    (told,) = re.findall(rf"^\w+ +\w+://\S*@({name}[\w.-]*)[:,]", README, re.M)

    parent = told.partition(".")[2]
    assert told in names or f"*.{parent}" in names


def test_alerts_in_the_cluster_are_those_of_the_local_stack():
    rules = of_kind(written(COMPONENTS / "prometheus"), "PrometheusRule")["shopnow"]
    files = [ROOT / f"prometheus/rules/{name}.yml" for name in ("slo", "alerts")]

    groups = [g for file in files for g in yaml.safe_load(file.read_text())["groups"]]
    assert rules["spec"]["groups"] == groups


def test_what_is_told_of_a_process_has_the_labels_that_the_alerts_ask_for():
    monitor = of_kind(written(COMPONENTS / "prometheus"), "PodMonitor")["shopnow"]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    labels = {each["targetLabel"] for each in endpoint["relabelings"]}
    (names,) = monitor["spec"]["selector"]["matchExpressions"]

    assert {"job", "service", "instance", "version", "region"} <= labels
    assert set(names["values"]) == set(NAMES)
    for name in NAMES:
        ports = container(templates(written(BASE))[name])["ports"]
        assert endpoint["port"] in {each["name"] for each in ports}


def test_the_broker_is_asked_the_same_as_on_the_local_stack():
    monitor = of_kind(written(COMPONENTS / "prometheus"), "PodMonitor")["rabbitmq"]
    (_, queues) = monitor["spec"]["podMetricsEndpoints"]
    local = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    (asked,) = [
        each
        for each in local["scrape_configs"]
        if each["job_name"] == "rabbitmq_queues"
    ]

    assert queues["path"] == asked["metrics_path"]
    assert queues["params"] == asked["params"]
    (dropped,) = queues["metricRelabelings"]
    assert dropped["regex"] == asked["metric_relabel_configs"][0]["regex"]


def test_every_service_is_tried_on_a_few_first():
    assert set(ROLLOUTS) == set(NAMES)
    for name, each in ROLLOUTS.items():
        steps = each["spec"]["strategy"]["canary"]["steps"]
        assert each["spec"]["workloadRef"]["name"] == name
        # Nobody is asked to end the Deployment's pods, for there are none.
        assert "scaleDown" not in each["spec"]["workloadRef"]
        assert steps[0]["setWeight"] <= 10
        # Each growth is looked at before the next.
        kinds = [kind for step in steps for kind in step]
        assert kinds == ["setWeight", "analysis"] * (len(steps) // 2)


def test_the_last_release_comes_back_at_once():
    for each in ROLLOUTS.values():
        assert each["spec"]["rollbackWindow"] == {"revisions": 1}


def test_a_service_is_not_taken_back_because_nobody_asks_the_shop():
    for each in LOOKS["slo-of-the-shop"]["spec"]["metrics"]:
        calm = "len(result) == 0 || isNaN(result[0]) || "
        assert each["successCondition"].startswith(calm)


def test_a_canary_is_held_to_the_promises():
    used = {
        each["templateName"]
        for rollout in ROLLOUTS.values()
        for step in rollout["spec"]["strategy"]["canary"]["steps"]
        for each in step.get("analysis", {}).get("templates", ())
    }
    rules = (ROOT / "prometheus/rules/alerts.yml").read_text()

    assert used == set(LOOKS)
    for look in LOOKS.values():
        metrics = {each["name"]: each for each in look["spec"]["metrics"]}
        for name, budget in (("errors", "0.0001"), ("slow", "0.01")):
            assert f"> 14.4 * {budget}" in rules
            assert f"<= 14.4 * {budget}" in metrics[name]["successCondition"]


def test_the_cluster_s_mongodb_is_set_as_the_local_one():
    theirs = of_kind(written(COMPONENTS / "mongo"), "MongoDBCommunity")["mongo"]["spec"]
    told = theirs["additionalMongodConfig"]

    for name in (
        "transactionLifetimeLimitSeconds",
        "minSnapshotHistoryWindowInSeconds",
    ):
        assert told[f"setParameter.{name}"] == mongo.PARAMETERS[name]


@pytest.mark.parametrize("kind", ["RabbitmqCluster", "Cluster", "MongoDBCommunity"])
def test_what_must_not_be_lost_is_kept_three_times(kind):
    (spec,) = [each["spec"] for each in everything() if each["kind"] == kind]

    assert {spec.get(key) for key in ("replicas", "instances", "members")} - {None} == {
        3
    }


def test_the_cluster_s_postgresql_is_the_one_of_the_compose_file():
    spec = of_kind(written(COMPONENTS / "postgres"), "Cluster")["postgres"]["spec"]
    compose = (ROOT / "docker-compose.yml").read_text()

    (theirs,) = re.findall(r"/postgresql:(\d+\.\d+)", spec["imageName"])
    assert re.findall(r"image: postgres:(\d+\.\d+)", compose) == [theirs]


def test_postgresql_acknowledges_what_two_have_written():
    spec = of_kind(written(COMPONENTS / "postgres"), "Cluster")["postgres"]["spec"]

    synchronous = {"method": "any", "number": 1, "dataDurability": "required"}
    assert spec["postgresql"]["synchronous"] == synchronous


def test_servers_take_no_connection_without_tls():
    objects = everything()

    rabbitmq = of_kind(objects, "RabbitmqCluster")["rabbitmq"]["spec"]["tls"]
    assert rabbitmq["disableNonTLSListeners"]
    mongodb = of_kind(objects, "MongoDBCommunity")["mongo"]["spec"]["security"]["tls"]
    assert mongodb["enabled"]
    assert not mongodb.get("optional")
    postgres = of_kind(objects, "Cluster")["postgres"]["spec"]["postgresql"]
    assert postgres["pg_hba"] == ["hostnossl all all all reject"]
    assert "port 0\n" in of_kind(objects, "ConfigMap")["redis"]["data"]["redis.conf"]


@each_overlay
def test_consul_is_told_which_region_it_is_of(overlay):
    values = K8S / "overlays" / overlay / "consul-values.yaml"

    assert yaml.safe_load(values.read_text())["global"]["datacenter"] == overlay


def test_consul_joins_the_regions_by_what_the_one_gives_and_the_other_takes():
    first, second = (
        yaml.safe_load((K8S / f"overlays/{name}/consul-values.yaml").read_text())
        for name in ("region-a", "region-b")
    )
    one, other = first["global"], second["global"]

    assert one["federation"]["createFederationSecret"]
    # The chart refuses the one without the other, where it makes the tokens itself.
    assert one["acls"]["createReplicationToken"]
    assert other["federation"]["primaryDatacenter"] == one["datacenter"]
    # Its own Kubernetes, which the other region's Consul asks who a component is.
    assert other["datacenter"] in other["federation"]["k8sAuthMethodHost"]
    taken = [
        other["acls"]["replicationToken"],
        other["tls"]["caCert"],
        other["tls"]["caKey"],
        other["gossipEncryption"],
    ]
    assert {each["secretName"] for each in taken} == {"consul-federation"}
    assert other["gossipEncryption"]["autoGenerate"] is False
    for each in (first, second):
        assert each["global"]["federation"]["enabled"]
        assert each["connectInject"]["enabled"]
        assert each["meshGateway"]["enabled"]
