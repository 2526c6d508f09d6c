"""What a check comes to: how it stands, in words, and the command that mends it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ops.doctor.case import Case


class Standing(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Finding:
    """``remedy`` is a command, or where there is none, an advice."""

    standing: Standing
    told: str
    remedy: str = ""


def ok(told: str) -> Finding:
    return Finding(Standing.OK, told)


def warning(told: str, remedy: str) -> Finding:
    return Finding(Standing.WARNING, told, remedy)


def problem(told: str, remedy: str) -> Finding:
    return Finding(Standing.PROBLEM, told, remedy)


def left_out(told: str) -> Finding:
    return Finding(Standing.LEFT_OUT, told)


@dataclass(frozen=True)
class Check:
    """``needs`` are the variables whose servers it asks."""

    name: str
    look: Callable[[Case], Iterable[Finding]]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    group: str
    check: str
    findings: tuple[Finding, ...]
