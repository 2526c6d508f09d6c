"""What became of the orders that people were told of."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ops.dr.talking import talk
from ops.stack.plan import Plan
from ops.stack.settings import ROOT


def orders_in(postgres: str) -> set[str]:
    """All that the server at ``postgres`` has."""
    with talk(urlsplit(postgres)._replace(path="/order_service").geturl()) as cursor:
        cursor.execute("SELECT id::text FROM orders")
        return {found for (found,) in cursor.fetchall()}


def audit(plan: Plan) -> list[str]:
    """What `shopnow audit` finds there, as it is told to anybody."""
    done = shopnow(plan, "audit", "--json")
    if not done.stdout.strip():
        return [done.stderr.strip().split("\n")[-1]]
    found = json.loads(done.stdout)["violations"]
    return [f"{each['kind']} {each['subject']}: {each['sentence']}" for each in found]


def reconcile(plan: Plan, regions: Path) -> str:
    """The last line of `shopnow dr reconcile --fix`; nobody buys any more."""
    words = ("dr", "reconcile", "--fix", "--older-than", "0")
    done = shopnow(plan, *words, SHOPNOW_REGIONS=str(regions))
    return (done.stdout or done.stderr).strip().split("\n")[-1]


def shopnow(plan: Plan, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", *words],
        check=False,
        cwd=ROOT,
        env=dict(os.environ) | plan.variables | more,
        capture_output=True,
        text=True,
    )
