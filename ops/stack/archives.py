"""The package archives that apt's files name, in both of their notations."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import Problem

APT = Path("/etc/apt")
RELEASE = Path("/etc/os-release")
ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<rest>\S.*)$")


@dataclass(frozen=True)
class Archive:
    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


def debian_archive() -> Archive:
    """The archive that this machine itself was installed from."""
    release = codename(RELEASE.read_text())
    for archive in declared(APT):
        # Others serve a suite of the same name, with a key of their own.
        is_debians = "debian-archive" in archive.signed_by or not archive.signed_by
        if is_debians and release in archive.suites and "main" in archive.components:
            return archive
    raise Problem(f"{APT} names no Debian archive of {release or 'this system'}")


def codename(os_release: str) -> str:
    found = re.search(r'^VERSION_CODENAME="?([^"\n]*)', os_release, re.MULTILINE)
    return found[1] if found else ""


def declared(apt: Path) -> Iterator[Archive]:
    parts = sorted((apt / "sources.list.d").glob("*"))
    for file in [apt / "sources.list", *parts]:
        if file.suffix == ".list" and file.exists():
            yield from one_line(file.read_text())
        elif file.suffix == ".sources":
            yield from deb822(file.read_text())


def one_line(text: str) -> Iterator[Archive]:
    """`deb [signed-by=/key] http://host/debian bookworm main`"""
    for line in text.splitlines():
        if found := ONE_LINE.match(line.partition("#")[0].strip()):
            uri, suite, *components = found["rest"].split()
            signed_by = re.search(r"signed-by=(\S+)", found["options"] or "")
            yield Archive(
                uri, (suite,), tuple(components), signed_by[1] if signed_by else ""
            )


def deb822(text: str) -> Iterator[Archive]:
    """Stanzas of `Field: value`, apart by an empty line."""
    for stanza in re.split(r"\n\s*\n", text):
        fields = stanza_fields(stanza.splitlines())
        on = fields.get("enabled", "yes").lower() != "no"
        if on and "deb" in fields.get("types", "").split() and fields.get("uris"):
            yield Archive(
                fields["uris"].split()[0],
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                fields.get("signed-by", ""),
            )


def stanza_fields(lines: Iterable[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')}\n{line}"
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.lower()
            fields[name] = value.strip()
    return fields
