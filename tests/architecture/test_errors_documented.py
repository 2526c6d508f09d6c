"""docs/errors.md tells the statuses that the gateway answers with."""

import re
from pathlib import Path

from gateway.problems import STATUS, STATUS_OF_CODE

DOCUMENT = (Path(__file__).parents[2] / "docs/errors.md").read_text()


def test_every_kind_has_its_status():
    told = re.findall(r"^\| `([A-Z]\w+)` \| (\d+) \|", DOCUMENT, re.MULTILINE)

    assert told == [(kind.__name__, str(status)) for kind, status in STATUS.items()]


def test_every_code_with_a_status_of_its_own_is_there():
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", DOCUMENT, re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in words(codes)}

    assert told == STATUS_OF_CODE


def words(codes):
    return re.findall(r"`(\w+)`", codes)
