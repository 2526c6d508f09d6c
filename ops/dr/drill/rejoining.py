"""Runs `shopnow dr rejoin` where a region has come back."""

from ops.dr.drill import loss
from ops.dr.drill.world import World
from ops.errors import Problem
from ops.stack.progress import tell


def follow_again(world: World, name: str) -> None:
    """As an operator does it there, with PostgreSQL's data at hand."""
    ground, server = world.grounds[name], world.server(name, "postgres")
    words = ("dr", "rejoin", name, "--data", str(server.data))
    done = loss.shopnow(ground.plan, *words, SHOPNOW_REGIONS=str(world.file))
    # It may have been started once more.
    ground.adopt(server, int((server.data / "postmaster.pid").read_text().split()[0]))
    if done.returncode:
        raise Problem(f"rejoining failed: {done.stderr.strip().splitlines()[-1]}")
    for line in done.stdout.splitlines():
        tell(f"  {line}")
