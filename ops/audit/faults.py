"""What may be wrong with the shop's books, and how it is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.audit.stores import View

# What is under way may be half done, but not for longer than this.
PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Violation:
    """``subject`` is the id of what is wrong, ``remedy`` what would put it right."""

    kind: str
    subject: str
    sentence: str
    remedy: str

    @property
    def identity(self) -> tuple[str, str]:
        """What it is, whatever the numbers in it."""
        return self.kind, self.subject


@dataclass(frozen=True)
class Fault:
    """A kind of violation; its words are filled in with the facts of one."""

    kind: str
    sentence: str
    remedy: str

    def of(self, subject: str, **facts: Any) -> Violation:
        told = facts | {"subject": subject}
        return Violation(
            self.kind,
            subject,
            WORDS.format(self.sentence, **told),
            WORDS.format(self.remedy, **told),
        )


@dataclass(frozen=True)
class Check:
    """Goes through ``title`` and finds violations of its ``faults``."""

    title: str
    faults: tuple[Fault, ...]
    find: "Callable[[View], Iterator[Violation]]"


def query(title: str, fault: Fault, database: str, sql: str) -> Check:
    """Each row that ``sql`` finds is a violation; its ``subject`` says of what.

    ``:before`` is the moment up to which nothing is under way any more.
    """

    def find(view: "View") -> Iterator[Violation]:
        for row in view.rows(database, sql):
            yield fault.of(**row)

    return Check(title, (fault,), find)


class Words(Formatter):
    """Formats ``{total:money}``, in minor units, and ``{since:age}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "money":
            return money(value)
        if format_spec == "age":
            return age(value)
        return str(super().format_field(value, format_spec))


def money(minor: int) -> str:
    pounds, pence = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{pounds:,}.{pence:02}"


def age(long: timedelta) -> str:
    minutes = int(long.total_seconds() // 60)
    if minutes < 1:
        return f"{int(long.total_seconds())} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


WORDS = Words()
