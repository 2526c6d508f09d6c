"""A known weakness ends the build; advisories that cannot be read are admitted."""

import json

import pytest

from ops.advisories import NOT_ASKED, verdict
from ops.errors import Problem

SOUND = {"name": "click", "version": "8.1", "vulns": []}
UNKNOWN = {"name": "ours", "skip_reason": "not found"}
WEAK = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}],
}


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_weakness_is_named_and_ends_the_build():
    with pytest.raises(Problem) as found:
        verdict(report(SOUND, WEAK, UNKNOWN), "Found 1 known vulnerability")

    assert "jinja2 2.0: PYSEC-1, mended in 2.1" in found.value.message


def test_what_is_sound_is_said():
    assert verdict(report(SOUND, SOUND), "") == "no known weakness in 2 packages"


def test_what_nobody_knows_is_named():
    assert verdict(report(SOUND, UNKNOWN), "").endswith("nothing known of ours")


@pytest.mark.parametrize(
    "said",
    [
        (report(UNKNOWN, UNKNOWN), "No known vulnerabilities found"),
        ("", "requests.exceptions.ConnectionError: Failed to resolve"),
        ("", "ERROR: Could not connect to PyPI's vulnerability feed"),
        ("", "ReadTimeout: no answer"),
    ],
)
def test_no_answer_is_no_all_clear(said):
    assert verdict(*said) == NOT_ASKED


def test_a_lock_file_that_cannot_be_read_ends_the_build():
    with pytest.raises(Problem):
        verdict("", "ERROR: requirements.lock: invalid requirement")
