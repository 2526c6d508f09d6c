"""Finds the system's programs and runs them to their end."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.errors import Problem

SYSTEM_PATHS = ("/usr/sbin", "/usr/local/sbin")


def find(name: str) -> Path | None:
    # An ordinary user's PATH has no place for servers.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_PATHS])
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def demand(name: str) -> Path:
    if (found := find(name)) is None:
        raise Problem(f"there is no {name} on this machine")
    return found


def run(
    words: Sequence[str | Path],
    cwd: Path | None = None,
    user: str | None = None,
    told: Mapping[str, str] | None = None,
) -> str:
    """What the program writes; a failure is a Problem with its last line.

    Everybody may read the ``words``; what it is ``told`` beside them is its own.
    """
    try:
        done = subprocess.run(
            words,
            check=False,
            cwd=cwd,
            env=os.environ | (told or {}),
            capture_output=True,
            text=True,
            # The terminal's Ctrl-C is for us, who then decide.
            start_new_session=True,
            **identity(user),
        )
    except OSError as trouble:
        raise Problem(f"{words[0]} cannot be run: {trouble.strerror}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().split("\n")[-1]
        raise Problem(f"{Path(words[0]).name} failed: {said}")
    return done.stdout


def identity(user: str | None) -> dict[str, Any]:
    """Arguments of a Popen that is to become ``user``, which takes root."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}
