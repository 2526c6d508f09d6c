"""The PromQL of our rules and boards, and which metrics and labels it asks for."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "prometheus/rules").glob("*.yml"))
BOARDS = sorted((ROOT / "grafana/dashboards").glob("*.json"))
# What Prometheus itself adds, to metrics and of its own.
TARGET = {"job", "instance", "service", "version", "region"}
OF_PROMETHEUS = {
    "up": set(),
    "ALERTS": {"alertname", "alertstate", "severity"},
}
WORDS = {
    *("sum", "max", "min", "count", "topk", "rate", "increase", "absent", "vector"),
    *("max_over_time", "min_over_time", "histogram_quantile", "time", "by", "on"),
    *("and", "or", "label_values"),
}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
WINDOW = re.compile(r"\[[^]]*\]")
GROUPED = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
WORD = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*")

Known = dict[str, set[str]]


def queries() -> dict[str, str]:
    """Each under the words by which somebody finds it."""
    return dict([*of_rules(), *of_boards()])


def rules() -> Iterator[dict[str, Any]]:
    for file in RULES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


def of_rules() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield rule.get("record") or rule["alert"], rule["expr"]


def of_boards() -> Iterator[tuple[str, str]]:
    for file in BOARDS:
        board = json.loads(file.read_text())
        for variable in board["templating"]["list"]:
            yield f"{file.name}: {variable['name']}", variable["definition"]
        for panel in board["panels"]:
            for target in panel["targets"]:
                name = f"{file.name}: {panel['title']} {target['refId']}"
                yield name, target["expr"]


@cache
def recorded() -> Known:
    return {rule["record"]: set() for rule in rules() if "record" in rule}


def shown(pages: Iterable[str]) -> Known:
    """The metrics of ``pages`` as Prometheus reads them, each with its labels."""
    known: Known = defaultdict(set)
    for line in "\n".join(pages).splitlines():
        if line.startswith("# TYPE "):
            known[line.split()[2]]
        elif line and not line.startswith("#"):
            bare = STRING.sub('""', line)
            name, _, labels = bare.partition(" ")[0].partition("{")
            known[name] |= set(re.findall(r"(\w+)=", labels))
    return known


def wrong_with(query: str, known: Known) -> list[str]:
    """The names and labels that nobody shows, in words."""
    known = {**known, **recorded(), **OF_PROMETHEUS}
    bare, asked = STRING.sub('""', query), set()
    wrong = []
    for name, labels in SELECTOR.findall(bare):
        wanted = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", labels))
        if missing := wanted - known.get(name, set()) - TARGET:
            wrong.append(f"{name} has no {', '.join(sorted(missing))}")
    plain = WINDOW.sub("", re.sub(r"\{[^}]*\}", "", bare))
    grouped = {word for group in GROUPED.findall(plain) for word in WORD.findall(group)}
    for word in WORD.findall(GROUPED.sub("", plain)):
        if word in known:
            asked.add(word)
        elif word not in WORDS and not is_variable_of(word, query):
            wrong.append(f"there is no {word}")
    there = TARGET.union(*(known[name] for name in asked))
    if missing := grouped - there:
        wrong.append(f"nothing has {', '.join(sorted(missing))}")
    return wrong


def is_variable_of(word: str, query: str) -> bool:
    """``service`` of ``label_values(up, service)`` is a label."""
    return query.startswith("label_values(") and word in TARGET
