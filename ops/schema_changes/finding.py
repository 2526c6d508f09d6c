"""What is wrong with a migration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``statement`` is the SQL it is about, where it is about one."""

    revision: str
    rule: str
    advice: str
    statement: str = ""

    def __str__(self) -> str:
        shown = " ".join(self.statement.split())
        about = f"\n    {shown[:160]}" if shown else ""
        return f"{self.revision}: {self.rule}: {self.advice}{about}"
