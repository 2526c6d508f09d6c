"""What became of the orders that people were told of."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

from ops.dr.postgres import talk
from ops.dr.regions import Region
from ops.stack.plan import Plan
from ops.stack.settings import ROOT


def known(region: Region) -> set[str]:
    """The orders that ``region`` has."""
    uri = urlsplit(region.postgres)._replace(path="/order_service").geturl()
    with talk(uri) as cursor:
        cursor.execute("SELECT id::text FROM orders")
        return {found for (found,) in cursor.fetchall()}


def audit(plan: Plan) -> list[str]:
    """What `shopnow audit` finds there, as it is told to anybody."""
    done = subprocess.run(
        [sys.executable, "-m", "ops", "audit", "--json"],
        check=False,
        cwd=ROOT,
        env=dict(os.environ) | plan.variables,
        capture_output=True,
        text=True,
    )
    if not done.stdout.strip():
        return [done.stderr.strip().split("\n")[-1]]
    found = json.loads(done.stdout)["violations"]
    return [f"{each['kind']} {each['subject']}: {each['sentence']}" for each in found]
