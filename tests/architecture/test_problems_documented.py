"""Every code a client may meet is explained, and nothing else is."""

import ast
import re
from pathlib import Path

from common.errors import KINDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("common", "gateway", "user_service", "product_service", "order_service")
KIND_NAMES = {kind.__name__ for kind in KINDS}
# Of werkzeug, and of gateway/problems.py itself.
OTHERS = {"not_found", "method_not_allowed", "unexpected"}


def codes_in(path):
    for node in ast.walk(ast.parse(path.read_text())):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if (
            called
            and node.func.id in KIND_NAMES
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value


def test_every_code_is_documented_and_no_other():
    sources = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    used = {code for path in sources for code in codes_in(path)} | OTHERS

    table = (ROOT / "docs/problems.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert set(documented) == used
    assert documented == sorted(documented)
