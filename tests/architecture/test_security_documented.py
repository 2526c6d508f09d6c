"""What docs/security.md claims is whole, and what it points to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/security.md").read_text()
# Levels 1 and 2 of ASVS 5.0; how many requirements each section has of them.
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
}  # fmt: skip
ROWS = re.findall(r"^\| (\d\.\d\.\d+) \| (\S+) \|", DOCUMENT, re.MULTILINE)


def test_every_requirement_is_answered():
    wanted = [f"{name}.{n + 1}" for name, n_ in SECTIONS.items() for n in range(n_)]

    assert [requirement for requirement, _ in ROWS] == wanted


def test_the_answers_are_plain():
    assert {met for _, met in ROWS} == {"yes", "partly", "no", "n/a"}


def test_what_is_not_met_is_said_in_words_first():
    words = DOCUMENT.partition("## What is not met")[2].partition("## ASVS")[0]

    assert all(name in words for name, met in ROWS if met == "no")


def test_all_ten_risks_are_answered():
    assert re.findall(r"^\| API(\d+) ", DOCUMENT, re.MULTILINE) == [
        str(number) for number in range(1, 11)
    ]


def test_every_proof_is_there():
    named = set(re.findall(r"`(tests/[\w/.]+)`", DOCUMENT))

    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]


STRIDE = [
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
]
BORDERS = re.findall(r"^### \d (.*?)\n(.*?)(?=^##)", DOCUMENT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("border", "rows"), BORDERS)
def test_every_border_has_an_answer_to_each_kind_of_threat(border, rows):
    answered = re.findall(
        r"^\| ([A-Z][\w ]+) \| .+ \| .+ \| `tests/", rows, re.MULTILINE
    )

    assert answered == STRIDE


def test_the_borders_are_those_of_the_picture():
    drawn = re.findall(r'-- "(\d) (.*?)" -->', DOCUMENT)

    assert [name.lower() for name, _ in BORDERS] == list(
        dict.fromkeys(n for _, n in drawn)
    )
