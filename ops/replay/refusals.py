"""Why something was not done, in one printable line."""

from typing import TypeVar

LONGEST = 300

T = TypeVar("T")


class Refused(Exception):
    """The gateway answered, and the answer was no."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(status, code, detail)
        self.status, self.code, self.detail = status, code, detail

    def __str__(self) -> str:
        return printable(f"{self.status or '-'} {self.code or '-'}: {self.detail}")


class Unreachable(Refused):
    """Nobody answered."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(0, "unreachable", why)
        self.url = url


def printable(text: str) -> str:
    """What a file or a stranger's server says must not steer the terminal."""
    line = " ".join(text.split())[:LONGEST]
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def given(outcome: T | Refused) -> T:
    if isinstance(outcome, Refused):
        raise outcome
    return outcome
