"""The logs of the local stack: the end of one, and following many at once."""

import os
from pathlib import Path

import click

from ops.stack import lines

TAIL_BYTES = 32_768


def last_words(file: Path, start: int = 0) -> str:
    """What the end of that which was written after ``start`` comes to, in one line."""
    with file.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(max(start, size - TAIL_BYTES))
        return lines.gist(log.read().decode(errors="replace").split("\n"))


def shown(file: Path) -> str:
    """The file's name, short when it is under the current directory."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


class Tail:
    """Reads on in one log, whole lines only."""

    def __init__(self, file: Path, position: int) -> None:
        self.file = file
        self.position = position

    def lines(self) -> list[str]:
        with self.file.open("rb") as log:
            log.seek(self.position)
            whole, _, _ = log.read().rpartition(b"\n")
        if not whole:
            return []
        self.position += len(whole) + 1
        return whole.decode(errors="replace").split("\n")


class Follower:
    """Prints what the processes say, each line with its process's name."""

    def __init__(self, logs: dict[str, tuple[Path, int]]) -> None:
        self.tails = {name: Tail(*where) for name, where in logs.items()}
        self.width = max(map(len, logs), default=0)

    def print_news(self) -> None:
        for name, tail in self.tails.items():
            for line in tail.lines():
                shown = lines.readable(f"{name:{self.width}}", line)
                if shown is not None:
                    click.echo(shown)
