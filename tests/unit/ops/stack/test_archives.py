import pytest

from ops.errors import Problem
from ops.stack import archives
from ops.stack.archives import Archive, codename, deb822, one_line

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEB822 = f"""\
# see: http://comments.example/
Types: deb deb-src
URIs: http://mirror.example/archive/debian/20250520T000000Z
Suites: bookworm bookworm-updates
Components: main
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: {KEYRING}

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
"""


def test_stanzas_are_read_word_for_word():
    first, second = deb822(DEB822)
    assert first == Archive(
        uri="http://mirror.example/archive/debian/20250520T000000Z",
        suites=("bookworm", "bookworm-updates"),
        components=("main",),
        signed_by=KEYRING,
    )
    assert second.suites == ("bookworm-security",)


def test_a_key_inside_a_stanza_stays_with_it():
    key = "Signed-By:\n -----BEGIN PGP\n .\n abc\n"
    (archive,) = deb822(f"Types: deb\nURIs: http://a.example\n{key}Suites: b\n")
    assert archive.signed_by == "\n -----BEGIN PGP\n .\n abc"
    assert archive.suites == ("b",)


def test_lines_are_read_with_and_without_options():
    lines = """\
deb http://a.example/debian bookworm main contrib # ours
deb [ arch=amd64 signed-by=/key.gpg ] http://b.example/ bookworm main
deb-src http://a.example/debian bookworm main
# deb http://c.example/debian bookworm main
"""
    assert list(one_line(lines)) == [
        Archive("http://a.example/debian", ("bookworm",), ("main", "contrib")),
        Archive("http://b.example/", ("bookworm",), ("main",), "/key.gpg"),
    ]


def test_the_codename_is_the_systems():
    assert codename('NAME="Debian"\nVERSION_CODENAME=bookworm\n') == "bookworm"
    assert codename("NAME=Other\n") == ""


@pytest.fixture
def apt(tmp_path, monkeypatch):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "os-release").write_text("VERSION_CODENAME=bookworm\n")
    monkeypatch.setattr(archives, "APT", tmp_path)
    monkeypatch.setattr(archives, "RELEASE", tmp_path / "os-release")
    return tmp_path


def test_debians_own_archive_is_found_among_others(apt):
    others = "deb [signed-by=/hashicorp.gpg] http://other.example bookworm main\n"
    (apt / "sources.list").write_text(others)
    (apt / "sources.list.d/debian.sources").write_text(DEB822)
    (apt / "sources.list.d/old.list.disabled").write_text("deb http://x bookworm main")
    found = archives.debian_archive()
    assert found.uri == "http://mirror.example/archive/debian/20250520T000000Z"


def test_a_machine_without_one_is_a_problem(apt):
    with pytest.raises(Problem, match="names no Debian archive of bookworm"):
        archives.debian_archive()
