"""What was found, for a terminal of 80 columns, and for programs."""

import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from ops.doctor.finding import Finding, Result, Standing, left_out
from ops.stack import logs
from ops.stack.settings import ROOT

OURS = ROOT / ".venv/bin/shopnow"

WIDTH = 80
MARKS = {
    Standing.OK: click.style("ok      ", fg="green"),
    Standing.WARNING: click.style("warning ", fg="yellow"),
    Standing.PROBLEM: click.style("problem ", fg="red", bold=True),
    Standing.LEFT_OUT: click.style("-       ", dim=True),
}
NAME_WIDTH = 14
INDENT = " " * (2 + 8 + NAME_WIDTH + 1)


def lines(results: Sequence[Result]) -> Iterator[str]:
    for group, of_group in groupby(results, lambda result: result.group):
        yield click.style(group, bold=True)
        unseen: dict[str, list[str]] = {}
        for result in of_group:
            for finding in shown(result.findings):
                if finding.standing is Standing.LEFT_OUT:
                    unseen.setdefault(finding.told, []).append(result.check)
                else:
                    yield from of(result.check, finding)
        for why, checks in unseen.items():
            yield from of("left out", left_out(f"{', '.join(checks)}: {why}"))
    yield ""
    yield summary(results)


def shown(findings: Sequence[Finding]) -> Sequence[Finding]:
    """What is fine is told where nothing else is."""
    bad = [each for each in findings if each.standing is not Standing.OK]
    return bad or findings


def of(check: str, finding: Finding) -> Iterator[str]:
    head = f"  {MARKS[finding.standing]}{check:{NAME_WIDTH}} "
    first, *rest = wrapped(finding.told)
    yield head + first
    yield from (INDENT + line for line in rest)
    if finding.remedy:
        # On one line, so that it can be copied.
        yield f"      {click.style('→', dim=True)} {typed(finding.remedy)}"


def typed(remedy: str) -> str:
    """As it is typed where nobody has put our command on the PATH."""
    if shutil.which("shopnow") or not OURS.exists():
        return remedy
    return re.sub(r"(^|; |\s)shopnow (?=[a-z])", rf"\1{logs.shown(OURS)} ", remedy)


def wrapped(text: str) -> list[str]:
    width = WIDTH - len(INDENT)
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def summary(results: Sequence[Result]) -> str:
    found = counts(results)
    words = [
        plural(found[Standing.PROBLEM], "problem"),
        plural(found[Standing.WARNING], "warning"),
        f"{found[Standing.OK]} checks are fine",
    ]
    if left_out := found[Standing.LEFT_OUT]:
        words.append(f"{left_out} left out")
    return ", ".join(words)


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def counts(results: Sequence[Result]) -> Counter[Standing]:
    return Counter(f.standing for each in results for f in shown(each.findings))


def document(results: Sequence[Result], runs: bool) -> dict[str, Any]:
    found = counts(results)
    return {
        "running": runs,
        "problems": found[Standing.PROBLEM],
        "warnings": found[Standing.WARNING],
        "checks": [
            {
                "group": each.group,
                "check": each.check,
                "standing": finding.standing,
                "told": finding.told,
                "remedy": typed(finding.remedy),
            }
            for each in results
            for finding in each.findings
        ],
    }
