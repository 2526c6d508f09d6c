"""Debian's packages: installs what is missing, fetches what Debian 12 left out."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ops.errors import Problem
from ops.stack import programs
from ops.stack.archives import debian_archive

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def install(packages: Sequence[str]) -> None:
    words = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    rights = privilege()
    if programs.find("apt-get") is None or rights is None:
        raise Problem(f"programs are missing; as root: {' '.join(words)}")
    click.echo(f"Installing {', '.join(packages)}")
    # Runlevel 1: the packages' own servers need not start, ours are private ones.
    root = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    programs.run([*root, "apt-get", "update"])
    programs.run([*root, *words])


def privilege() -> list[str] | None:
    """What to put before a command that needs root, or None if there is no way."""
    if os.geteuid() == 0:
        return []
    if programs.find("sudo") is None:
        return None
    sudo = ["sudo"] if sys.stdin.isatty() else ["sudo", "--non-interactive"]
    allowed = subprocess.run([*sudo, "true"], check=False, stderr=subprocess.DEVNULL)
    return sudo if allowed.returncode == 0 else None


def unpack(packages: Sequence[str], suite: str, target: Path) -> None:
    """Lay the files of ``suite``'s packages under ``target``, installing none."""
    click.echo(f"Fetching {packages[0]} of Debian's {suite}")
    with TemporaryDirectory() as folder:
        place = Path(folder)
        apt = ["apt-get", *private_lists(place, suite)]
        programs.run([*apt, "update"])
        programs.run([*apt, "download", *packages], cwd=place)
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for package in place.glob("*.deb"):
            programs.run(["dpkg", "-x", str(package), str(draft)])
        draft.rename(target)


def private_lists(place: Path, suite: str) -> list[str]:
    """Options that have apt look at ``suite`` alone and touch nothing of the system."""
    archive = debian_archive()
    signed_by = str(KEYRING) if KEYRING.exists() else archive.signed_by
    stanza = {
        "Types": "deb",
        "URIs": archive.uri,
        "Suites": suite,
        "Components": "main",
    } | ({"Signed-By": signed_by} if signed_by else {})
    source = place / "debian.sources"
    source.write_text("".join(f"{name}: {stanza[name]}\n" for name in stanza))
    (place / "lists/partial").mkdir(parents=True)
    (place / "cache/archives/partial").mkdir(parents=True)
    options = {
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": place / "lists",
        # Nor does it matter what of them is installed, in another version maybe.
        "Dir::State::status": "/dev/null",
        "Dir::Cache": place / "cache",
        # Apt's own user cannot enter a private folder of root's.
        "APT::Sandbox::User": "root",
    }
    return [f"-o{name}={value}" for name, value in options.items()]
