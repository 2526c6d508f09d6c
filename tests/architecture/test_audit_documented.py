"""Every kind of violation is explained, and nothing else is."""

import re
from pathlib import Path

from ops.audit.checks import faults

ROOT = Path(__file__).parents[2]


def test_every_kind_is_documented_and_no_other():
    table = (ROOT / "docs/audit.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert documented == sorted(fault.kind for fault in faults())
