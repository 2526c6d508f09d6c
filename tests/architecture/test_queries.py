"""The rules and boards ask for nothing that does not exist, and say what they mean."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ops.stack import programs
from ops.stack.servers.prometheus import program
from tests.queries import BOARDS, RULES, queries, recorded, rules, shown, wrong_with

ROOT = Path(__file__).parents[2]
KNOWN = shown(['tea_total{kind="green",le="0.3"} 1', "# TYPE cups gauge"])
ALERTS = [rule for rule in rules() if "alert" in rule]


@pytest.fixture(scope="module")
def promtool():
    found = program("promtool")
    assert found, "shopnow stack install prometheus"
    return found


@pytest.mark.parametrize(
    "query",
    [
        'sum by (kind) (rate(tea_total{kind="black",service="x"}[5m])) > 0.5',
        "topk(3, max by (service) (cups))",
        next(iter(recorded())),
    ],
)
def test_a_query_for_what_there_is_is_right(query):
    assert wrong_with(query, KNOWN) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("rate(tea[5m])", ["there is no tea"]),
        ('tea_total{colour="red"}', ["tea_total has no colour"]),
        ("sum by (colour) (tea_total)", ["nothing has colour"]),
        ("median(cups)", ["there is no median"]),
        ("shopnow:error_ratio:rate9h", ["there is no shopnow:error_ratio:rate9h"]),
    ],
)
def test_a_query_for_what_there_is_not_is_wrong(query, wrong):
    assert wrong_with(query, KNOWN) == wrong


def test_every_query_is_promql(promtool, tmp_path):
    plain = [q for q in queries().values() if not q.startswith("label_values(")]
    trial = [{"record": f"trial:{n}", "expr": query} for n, query in enumerate(plain)]
    file = tmp_path / "trial.yml"
    file.write_text(yaml.dump({"groups": [{"name": "trial", "rules": trial}]}))

    assert f"{len(plain)} rules found" in programs.run(
        [promtool, "check", "rules", file]
    )


def test_the_rules_do_what_they_are_for(promtool):
    tests = sorted((ROOT / "prometheus/tests").glob("*.yml"))

    programs.run([promtool, "test", "rules", *tests])


@pytest.mark.parametrize("alert", ALERTS, ids=lambda each: each["alert"])
def test_an_alert_is_tested_and_says_what_to_do(alert):
    tests = "".join(f.read_text() for f in (ROOT / "prometheus/tests").glob("*.yml"))
    page, _, heading = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^## (.*)$", (ROOT / page).read_text(), re.MULTILINE)

    assert alert["labels"]["severity"] in ("page", "ticket")
    assert f'alertname="{alert["alert"]}"' in tests
    assert heading in [each.lower().replace(" ", "-") for each in headings]


@pytest.mark.parametrize("file", BOARDS, ids=lambda each: each.stem)
def test_a_board_is_told_from_the_others(file):
    board = json.loads(file.read_text())

    assert board["uid"] == f"shopnow-{file.stem}"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(panel["title"] for panel in board["panels"])


def test_prometheus_looks_in_the_datacenter_that_there_is():
    agent = json.loads((ROOT / "consul/agent.json").read_text())
    plan = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    (search,) = plan["scrape_configs"][0]["consul_sd_configs"]

    assert search["datacenter"] == agent["datacenter"]


def test_there_are_rules_and_boards():
    assert len(RULES) == 2
    assert {file.stem for file in BOARDS} == {
        "overview",
        "service",
        "checkout",
        "broker",
    }
