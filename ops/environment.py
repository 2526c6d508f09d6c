"""Gives the operator's commands the addresses of the local stack."""

import os
import shlex
from pathlib import Path

from ops.errors import Problem

ROOT = Path(__file__).resolve().parents[1]


def run_dir() -> Path:
    return Path(os.environ.get("SHOPNOW_RUN_DIR", ROOT / ".run")).resolve()


def load(*needed: str) -> None:
    """Fill ``os.environ`` from the run directory's ``env``; what is set stays.

    Raise when one of those that are ``needed`` is not set then.
    """
    for name, value in here().items():
        os.environ.setdefault(name, value)
    for name in needed:
        if not os.environ.get(name):
            raise Problem(f"{name} is not set and nothing runs here; make start")


def here() -> dict[str, str]:
    """What the stack of the run directory was told; nothing, if none was started."""
    file = run_dir() / "env"
    return read(file) if file.exists() else {}


def read(file: Path) -> dict[str, str]:
    """The variables of a file that a shell could read as well."""
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)
