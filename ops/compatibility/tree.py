"""The files of a commit, and those that are here."""

import json
import subprocess
from pathlib import Path
from typing import Any, Protocol

from ops.errors import Problem
from ops.stack.settings import ROOT


class Tree(Protocol):
    def read(self, path: str) -> Any: ...

    def files(self, folder: str) -> list[str]: ...


class Here:
    """The working tree."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    def read(self, path: str) -> Any:
        file = self.root / path
        return json.loads(file.read_text()) if file.exists() else {}

    def files(self, folder: str) -> list[str]:
        return sorted(
            str(file.relative_to(self.root)) for file in (self.root / folder).iterdir()
        )


class Commit:
    """What git has of ``name``: a branch, a tag or a commit."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        self.root = root
        # A clone of another branch has a main of its origin's alone.
        found = next(filter(self.knows, (name, f"origin/{name}")), None)
        if found is None:
            raise Problem(f"git knows no {name} here; to fetch it: git fetch origin")
        self.name = found

    def knows(self, name: str) -> bool:
        words = "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"
        return self.git(*words) is not None

    def read(self, path: str) -> Any:
        """Of a file of JSON; nothing where there is none."""
        said = self.git("show", f"{self.name}:{path}")
        return json.loads(said) if said is not None else {}

    def files(self, folder: str) -> list[str]:
        return (
            self.git("ls-tree", "--name-only", self.name, f"{folder}/") or ""
        ).split()

    def git(self, *words: str) -> str | None:
        done = subprocess.run(
            ["git", *words], cwd=self.root, check=False, capture_output=True, text=True
        )
        return done.stdout if done.returncode == 0 else None
