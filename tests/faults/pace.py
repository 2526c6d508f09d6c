"""How long things may take.

The facts hold on a machine of any speed.  With ``PACE=shipped`` (`make
bench-faults`) the shop has the deadlines it is shipped with, and keeps to them:
that takes a machine with nothing else to do.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """In seconds; ``deadlines`` are the gateway's."""

    deadlines: dict[str, str]
    # What answers without the server that is away, or gives up for want of it.
    soon: float
    # While a connection is being lost, on a machine that starts a broker as well.
    fast: float
    # None on a busy machine: it makes the quickest answers slow.
    undisturbed: float | None
    # Until everything works again after a server is back.
    back: float


SHIPPED = Pace({}, soon=0.35, fast=1.0, undisturbed=0.2, back=5.0)
UNHURRIED = Pace(
    {"READ_SECONDS": "2", "WRITE_SECONDS": "5"},
    soon=4.0,
    fast=9.0,
    undisturbed=None,
    back=30.0,
)
PACE = SHIPPED if os.environ.get("PACE") == "shipped" else UNHURRIED
