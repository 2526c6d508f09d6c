"""What an operator sets while the shop runs, for tests that set it and wait."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ops import environment
from ops.config import kv, taken
from tests.client import eventually
from tests.private_stack import PrivateStack

TOLD = ("CONSUL_URI", "CONSUL_TOKEN", "ENVIRONMENT")


class Operator:
    """Changes settings of one stack; returns when every process has them."""

    def __init__(self, stack: PrivateStack) -> None:
        self.changed: set[str] = set()
        self.told = {k: v for k, v in stack.operator.items() if k in TOLD}
        with self.addressed():
            self.processes = list(taken.processes())

    @contextmanager
    def addressed(self) -> Iterator[None]:
        """The commands read their addresses from the environment."""
        before, load = dict(os.environ), environment.load
        os.environ.update(self.told)
        environment.load = lambda *needed: None
        try:
            yield
        finally:
            environment.load = load
            os.environ.clear()
            os.environ.update(before)

    def set(self, name: str, text: str | None) -> None:
        """Raises ``Problem`` for what a process refuses; None unsets."""
        with self.addressed():
            if text is None:
                kv.remove(name)
            else:
                kv.write(name, text)
        self.changed.add(name)
        assert self.processes
        eventually(lambda: all(p.has(name, text) for p in self.processes), True)

    def clear(self) -> None:
        """Unset all that was set here."""
        changed, self.changed = self.changed, set()
        for name in changed:
            self.set(name, None)
