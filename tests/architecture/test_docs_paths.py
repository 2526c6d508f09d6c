"""What the documents point to is there: files, names in files, commands and links."""

import ast
import re
from functools import cache
from pathlib import Path

import click
import pytest

from ops.cli import main

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
# A decision tells of the day that it was made, and is never rewritten.
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs/runbooks").glob("*.md"),
    ]
)
ALL = [*DOCUMENTS, *(ROOT / "docs/adr").glob("*.md"), *ROOT.glob("[bdk]*/README.md")]
FOLDERS = sorted(
    place.name
    for place in ROOT.iterdir()
    if place.is_dir() and place.name not in {".git", ".run", ".venv", "build"}
)
WRITTEN = rf"(?<![\w./~-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./*-]*"
NAME = r"`([A-Za-z_][\w.]*)` (?:in|of) `([\w./-]+\.py)`"
LINK = r"\]\(([^)\s]+)\)"
COMMAND = r"(?:`|bin/|^)shopnow ([a-z-]+)(?: ([a-z][a-z-]*))?"
TARGET = r"`make ([a-z][a-z-]*)"

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)


@cache
def text(document: Path) -> str:
    return document.read_text()


@each_document
def test_every_path_that_is_named_is_there(document):
    named = {path.rstrip(".-") for path in re.findall(WRITTEN, text(document))}

    assert not [path for path in sorted(named) if not any(found(path))]


def found(path: str) -> list[Path]:
    place = ROOT / path
    return list(ROOT.glob(path)) if "*" in path else [place] * place.exists()


@each_document
def test_every_name_is_defined_in_the_file_that_is_said_to_have_it(document):
    named = re.findall(NAME, text(document))

    assert not [(n, f) for n, f in named if not defined(n) <= names_in(ROOT / f)]


def defined(name: str) -> set[str]:
    return set(name.split("."))


@cache
def names_in(file: Path) -> set[str]:
    """All that ``file`` defines, at whatever depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    return names


@pytest.mark.parametrize("document", ALL, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    links = [link for link in re.findall(LINK, text(document)) if "://" not in link]

    assert not [link for link in links if not leads(document, link)]


def leads(document: Path, link: str) -> bool:
    path, _, part = link.partition("#")
    place = document.parent / path if path else document
    return place.exists() and (not part or part in anchors(place))


@cache
def anchors(document: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@each_document
def test_every_command_is_there(document):
    named = set(re.findall(COMMAND, text(document), re.MULTILINE))

    assert not [words for words in sorted(named) if not is_command(*words)]


def is_command(name: str, below: str) -> bool:
    """Whether there is one, and what is named below it where others are."""
    context = click.Context(main)
    command = main.get_command(context, name)
    if below and isinstance(command, click.Group):
        return below in command.list_commands(context)
    return command is not None


@each_document
def test_every_target_is_there(document):
    rules = re.findall(r"^([a-z][a-z -]*):", MAKEFILE, re.MULTILINE)
    targets = {name for names in rules for name in names.split()}

    assert set(re.findall(TARGET, text(document))) <= targets
