"""`shopnow deploy`: a release goes out, or all goes back to the last one."""

from collections.abc import Callable
from pathlib import Path

import click

from ops.delivery.cluster import Cluster
from ops.delivery.release import Manifest, images, render
from ops.delivery.smoke import Visitor, visit
from ops.errors import Problem
from ops.stack.progress import tell


@click.command()
@click.argument("overlay")
@click.option(
    "--images",
    "file",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help='JSON: {"gateway": "REGISTRY/NAME@sha256:…", …}',
)
@click.option("--url", required=True, help="Where the shop answers once it is there.")
@click.option("--buy", "buys", is_flag=True, help="See that it sells: shopnow smoke.")
def deploy(overlay: str, file: Path, url: str, buys: bool) -> None:
    """Bring a release to the cluster that kubectl speaks to.

    First its migration, then all else; each service is replaced by a canary that
    the promises of docs/slo.md are held against.  When a canary is given up, or the
    shop does not do what it should, the last release is brought back.
    """
    manifest = Manifest(render(overlay, images(file)))
    if loose := manifest.unpinned():
        raise Problem(f"no digest is given for {', '.join(loose)}")
    bring(manifest, Cluster(manifest.namespace), lambda: visit(Visitor(url), buys))
    tell(f"{overlay} runs the new release")


def bring(manifest: Manifest, cluster: Cluster, look: Callable[[], object]) -> None:
    last = cluster.last()
    # What only adds does not hurt the release that runs, so there is no way back.
    cluster.migrate(manifest)
    try:
        cluster.apply(manifest)
        cluster.settle(manifest)
        look()
    except Problem as trouble:
        raise Problem(f"{trouble.message}; {back(last, cluster)}") from None
    cluster.remember(manifest)


def back(last: Manifest | None, cluster: Cluster) -> str:
    if last is None:
        return "there is no release to go back to"
    cluster.apply(last)
    cluster.settle(last)
    return "the last release is back"
