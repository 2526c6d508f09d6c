"""Who may reach whom in the cluster is what the code does, and nothing else."""

import re

import pytest

from ops.broker.parts import handlers, neighbours, service_class
from ops.stack.services import SERVICES
from tests.architecture.manifests import (
    NAMES,
    OVERLAYS,
    built,
    container,
    dashed,
    everything,
    needs_kubectl,
    of_kind,
    templates,
)
from tests.architecture.test_compose import EVERYONE, read_by

POLICIES = of_kind(everything(), "NetworkPolicy")
TEMPLATES = templates(everything())
NAME = "app.kubernetes.io/name"
OUTSIDE = "outside"
# The pods of each server, by the labels that its operator gives them.
SERVERS = {
    "rabbitmq": {NAME: "rabbitmq"},
    "postgres": {"cnpg.io/cluster": "postgres"},
    "mongo": {"app": "mongo-svc"},
    "redis": {NAME: "redis"},
    "consul": {"app": "consul"},
    "jaeger": {NAME: "jaeger"},
}
# What a variable leads to: the end of its name, who is there, and at which ports.
LEADS_TO = {
    "AMQP_URI": ("rabbitmq", {5671}),
    "RABBITMQ_MANAGEMENT_URI": ("rabbitmq", {15671}),
    "_DB_URI": ("postgres", {5432}),
    "_MONGO_URI": ("mongo", {27017}),
    "REDIS_URI": ("redis", {6379}),
    "CONSUL_URI": ("consul", {8500}),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("jaeger", {4318}),
    "MAIL_URI": (OUTSIDE, {465, 587}),
    "STRIPE_API_KEY": (OUTSIDE, {443}),
}
# Addresses that nobody asks from here: its own, its stand-in's, and a browser's.
ASKED_BY_NOBODY = {"STRIPE_API_BASE", "TRACE_URL"}
WORKLOADS = [*NAMES, "console", "migrate"]

each_workload = pytest.mark.parametrize("name", WORKLOADS)
each_server = pytest.mark.parametrize("server", [*SERVERS.keys() - {"consul"}])


def told(name):
    """The variables of a process: of a service, those that its configuration reads."""
    for service in SERVICES:
        if dashed(service.name) == name:
            return {*EVERYONE, *service.told} & read_by(service)
    settings = {"CONSUL_URI"} if "envFrom" in container(TEMPLATES[name]) else set()
    return {each["name"] for each in container(TEMPLATES[name])["env"]} | settings


def derived(name):
    """Whom the code of a process asks, with the ports."""
    found = {
        (who, port)
        for variable in told(name) - ASKED_BY_NOBODY
        for end, (who, ports) in LEADS_TO.items()
        if variable.endswith(end)
        for port in ports
    }
    if name == "console":
        found |= {(each, 9100) for each in NAMES}
    return found


def applies(policy, labels):
    selector = policy["spec"]["podSelector"]
    expressions = selector.get("matchExpressions", ())
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


def who(peer):
    """The name of whom a rule lets in or out."""
    if "ipBlock" in peer:
        return OUTSIDE
    labels = peer.get("podSelector", {}).get("matchLabels", {})
    for server, theirs in SERVERS.items():
        if labels == theirs:
            return server
    space = peer.get("namespaceSelector", {}).get("matchLabels", {})
    return labels.get(NAME) or f"namespace {space['kubernetes.io/metadata.name']}"


def allowed(labels, way, peers):
    """All pairs of a peer and a port that the policies for ``labels`` name."""
    return {
        (who(peer), port["port"])
        for policy in POLICIES.values()
        if policy["metadata"]["name"] != "names" and applies(policy, labels)
        for rule in policy["spec"].get(way, ())
        for peer in rule.get(peers, ())
        for port in rule["ports"]
    }


def test_nothing_is_let_through_that_is_not_written_down():
    policy = POLICIES["default-deny"]["spec"]

    assert policy == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@each_workload
def test_a_process_may_ask_whom_its_code_asks_and_nobody_else(name):
    assert allowed({NAME: name}, "egress", "to") == derived(name)


@each_workload
def test_a_process_is_asked_by_those_who_ask_for_its_pages(name):
    page = {("namespace monitoring", 9100), ("console", 9100)}
    door = {("namespace ingress-nginx", 8000)} if name == "gateway" else set()

    expected = page | door if name in NAMES else set()
    assert allowed({NAME: name}, "ingress", "from") == expected


def test_every_address_that_a_process_is_told_leads_to_somebody():
    for name in WORKLOADS:
        for variable in told(name) - ASKED_BY_NOBODY:
            if re.search("_URI$|_URL$|_ENDPOINT$", variable):
                assert any(variable.endswith(end) for end in LEADS_TO), variable


@pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)
def test_services_call_each_other_by_the_broker_alone(service):
    own = service_class(service.name)
    called = {rpc.target_service for _, _, rpc in neighbours(own)}
    reached = allowed({NAME: dashed(service.name)}, "egress", "to")

    assert called or list(handlers(own))
    assert ("rabbitmq", 5671) in reached
    assert not {who for who, _ in reached} & {*NAMES}


@each_server
def test_a_server_lets_in_those_who_ask_it(server):
    by_us = {
        (name, port)
        for name in WORKLOADS
        for target, port in derived(name)
        if target == server
    }

    found = allowed(SERVERS[server], "ingress", "from")
    assert {each for each in found if each[0] in WORKLOADS} == by_us


@each_server
def test_a_server_lets_in_nobody_but_us_its_own_and_who_looks_after_it(server):
    others = {
        "rabbitmq": {
            ("rabbitmq", 4369),
            ("rabbitmq", 25672),
            ("namespace keda", 15671),
            ("namespace monitoring", 15691),
            ("namespace rabbitmq-system", 15671),
            (OUTSIDE, 5671),
        },
        "postgres": {
            ("postgres", 5432),
            ("postgres", 8000),
            ("namespace cnpg-system", 5432),
            ("namespace cnpg-system", 8000),
            ("namespace monitoring", 9187),
            (OUTSIDE, 5432),
        },
        "mongo": {("mongo", 27017), ("namespace mongodb", 27017)},
    }

    found = allowed(SERVERS[server], "ingress", "from")
    theirs = {each for each in found if each[0] not in WORKLOADS}
    assert theirs == others.get(server, set())


def test_servers_reach_any_address_by_https_alone():
    anywhere = {
        port["port"]
        for labels in SERVERS.values()
        for policy in POLICIES.values()
        if applies(policy, labels)
        for rule in policy["spec"].get("egress", ())
        if "to" not in rule
        for port in rule["ports"]
    }

    # Kubernetes' API has no label; the store of the backups is outside.
    assert anywhere == {443, 6443}


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_other_addresses_are_those_of_the_other_region_alone(overlay):
    networks = {"region-a": "10.1.0.0/16", "region-b": "10.2.0.0/16"}
    found = {
        peer["ipBlock"]["cidr"]
        for each in of_kind(built(overlay), "NetworkPolicy").values()
        for rule in each["spec"].get("ingress", ())
        for peer in rule.get("from", ())
        if "ipBlock" in peer
    }

    others = {net for region, net in networks.items() if region != overlay}
    assert found == (others if overlay in networks else set())
