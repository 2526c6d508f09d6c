"""What is looked at: one run directory, and the shop that it belongs to.

It is read as it lies there, broken or not.  Nothing is made, mended or removed.
"""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ops import environment
from ops.errors import Problem
from ops.stack.probes import PROBES
from ops.stack.settings import Settings
from ops.stack.state import State

UNREADABLE = (OSError, ValueError, TypeError, KeyError)
T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """``variables`` are what the operator's commands would be told.

    ``unreadable`` has why, by the name of the file; ``misset``, what is wrong with
    the environment, when the settings are those of the defaults.
    """

    settings: Settings
    state: State
    environ: Mapping[str, str]
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    misset: str = ""
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Case":
        settings, misset = settings_from(environ)
        unreadable: dict[str, str] = {}

        def read(name: str, how: Callable[[Path], T], otherwise: T) -> T:
            file = settings.run_dir / name
            try:
                return how(file) if file.exists() else otherwise
            except UNREADABLE as trouble:
                unreadable[name] = type(trouble).__name__
                return otherwise

        state = read("state.json", lambda file: State.read(file.parent), State())
        told: dict[str, str] = read("env", environment.read, dict[str, str]())
        secrets: dict[str, str] = read("secrets.json", read_json, {})
        runs = bool(state.keeper() or any(state.left_over()))
        given = {name: environ[name] for name in environ if environ[name]}
        # What an earlier run was told leads nowhere by now.
        variables = (told if runs else {}) | given
        return cls(settings, state, environ, variables, secrets, misset, unreadable)

    @property
    def run_dir(self) -> Path:
        return self.settings.run_dir

    @property
    def runs(self) -> bool:
        """Whether anything of the local stack does."""
        return bool(self.state.keeper() or any(self.state.left_over()))

    @property
    def servers(self) -> list[str]:
        """The variables that lead to a server one could ask."""
        return [name for name in PROBES if self.variables.get(name)]

    def shown(self, file: Path) -> str:
        """Its name for a command, short when it is under the current directory."""
        here = Path.cwd()
        return shlex.quote(
            str(file.relative_to(here) if file.is_relative_to(here) else file)
        )


def settings_from(environ: Mapping[str, str]) -> tuple[Settings, str]:
    try:
        return Settings.load(environ), ""
    except Problem as trouble:
        place = {k: v for k, v in environ.items() if k == "SHOPNOW_RUN_DIR"}
        return Settings.load(place), trouble.message


def read_json(file: Path) -> Any:
    return json.loads(file.read_text())
