"""What ``docs/access.md`` says, which the code has to say for itself."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs/access.md"
ROW = re.compile(r"^\| `(\w+) (\S+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
OPEN = {"anyone", "anyone, signed in or not"}
SIGNED_IN = "signed in"
GUEST = "guest"


@dataclass(frozen=True)
class Rule:
    method: str
    path: str
    who: str
    whose: str

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> set[str]:
        """Empty where no role is asked for."""
        named = self.who not in OPEN | {SIGNED_IN}
        return set(self.who.split(" or ")) - {GUEST} if named else set()

    @property
    def is_for_strangers(self) -> bool:
        return self.who in OPEN or GUEST in self.who.split(" or ")


RULES = [Rule(*row) for row in ROW.findall(DOCUMENT.read_text())]
