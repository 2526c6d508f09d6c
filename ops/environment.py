"""Gives the operator's commands the addresses of the local stack."""

import os
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_dir() -> Path:
    return Path(os.environ.get("SHOPNOW_RUN_DIR", ROOT / ".run")).resolve()


def load() -> None:
    """Fill ``os.environ`` from the run directory's ``env``; what is set stays."""
    file = run_dir() / "env"
    if file.exists():
        for name, value in read(file).items():
            os.environ.setdefault(name, value)


def read(file: Path) -> dict[str, str]:
    """The variables of a file that a shell could read as well."""
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)
