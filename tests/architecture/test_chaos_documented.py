"""docs/chaos.md names every fault that can be set, and a test that shows it."""

import ast
import re
from pathlib import Path

from common.chaos import MEANING, TARGETS, fault_in

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/chaos.md").read_text()
ROWS = re.findall(r"^\| (`\w+=.*?) \| (.*?) \| `(\w+)` \|$", PAGE, re.MULTILINE)
FAULTS = [pair for row in ROWS for pair in re.findall(r"`(\w+)=([^`]+)`", row[0])]


def shown():
    tree = ast.parse((ROOT / "tests/e2e/test_fault_flags.py").read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {each.name for each in functions if each.name.startswith("test_")}


def test_every_fault_that_can_be_set_is_told_of_and_no_other():
    told = {(target, text.partition(":")[0]) for target, text in FAULTS}

    assert told == {(target, kind) for target in TARGETS for kind in TARGETS[target]}
    for target, text in FAULTS:
        fault_in(target, text)


def test_every_kind_is_explained():
    explained = set(re.findall(r"^\| `(\w+)[:`]", PAGE, re.MULTILINE))

    assert explained >= set(MEANING)


def test_every_fault_is_shown_by_a_test_and_every_test_shows_one():
    assert {name for _, _, name in ROWS} == shown()
