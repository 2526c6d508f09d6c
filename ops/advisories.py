"""Asks whether the packages we ship have known weaknesses, where anybody can say."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from ops.errors import Problem

LOCK = str(Path(__file__).resolve().parents[1] / "requirements.lock")
SECONDS = 15
WORDS = ["--requirement", LOCK, "--disable-pip", "--format", "json", "--timeout", "3"]
QUIET = ["--progress-spinner", "off"]
# What pip-audit says, or dies of, when its service does not answer.
AWAY = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|ServiceError|not connect"
)
NOT_ASKED = (
    "the advisories cannot be read from here, so nothing was checked. "
    "Run `make lint` where PyPI's JSON API answers."
)


def main() -> None:
    click.echo(f"pip-audit: {verdict(*said())}")


def said() -> tuple[str, str]:
    """What pip-audit says, and what it complains of."""
    command = [sys.executable, "-m", "pip_audit", *WORDS, *QUIET]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return "", f"ReadTimeout: no answer in {SECONDS} s"
    return done.stdout, done.stderr


def verdict(report: str, complaint: str) -> str:
    """In a sentence; raises ``Problem`` for a weakness, and when it has not worked."""
    if not report.strip():
        if AWAY.search(complaint):
            return NOT_ASKED
        raise Problem(f"pip-audit has failed: {complaint.strip()}")
    packages = json.loads(report)["dependencies"]
    weak = [line for package in packages for line in weaknesses(package)]
    if weak:
        raise Problem("\n".join(["there are known weaknesses:", *weak]))
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return NOT_ASKED
    checked = f"no known weakness in {len(packages) - len(unknown)} packages"
    return f"{checked}; nothing known of {', '.join(unknown)}" if unknown else checked


def weaknesses(package: dict[str, Any]) -> list[str]:
    name = f"{package['name']} {package.get('version', '')}"
    return [
        f"  {name}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'none'}"
        for each in package.get("vulns", [])
    ]


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        problem.show()
        sys.exit(problem.exit_code)
