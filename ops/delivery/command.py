"""`shopnow deploy`: a release goes out, or all goes back to the last one."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click

from ops.delivery.cluster import BACK_SECONDS, Cluster
from ops.delivery.readers import MOST, readers
from ops.delivery.release import Manifest, images, render
from ops.delivery.smoke import Visitor, visit
from ops.errors import Problem
from ops.stack.progress import tell


@click.command()
@click.argument("overlay")
@click.option(
    "--images",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="A file for each image, such as gateway, that says REGISTRY/NAME@sha256:…",
)
@click.option("--url", help="Where the shop answers; a region that follows has none.")
@click.option("--buy", "buys", is_flag=True, help="See that it sells: shopnow smoke.")
@click.option(
    "--load",
    type=click.IntRange(1, MOST),
    help="Staging has no customers: read URL so often a second, for its canaries.",
)
def deploy(
    overlay: str, folder: Path, url: str | None, buys: bool, load: int | None
) -> None:
    """Bring a release to the cluster that kubectl speaks to.

    First its migration, then all else; each service is replaced by a canary that
    the promises of docs/slo.md are held against.  When a canary is given up, or the
    shop does not do what it should, the last release is brought back.
    """
    if url == "":
        raise click.UsageError("--url is empty")
    if load and not (overlay == "staging" and url):
        raise click.UsageError("--load is for staging, and wants --url")
    manifest = Manifest(render(overlay, images(folder)))
    if loose := manifest.unpinned():
        raise Problem(f"no digest is given for {', '.join(loose)}")
    cluster = Cluster(manifest.namespace)
    with readers(url, load) if url and load else nullcontext():
        bring(manifest, cluster, lambda: url and visit(Visitor(url), buys))
    tell(f"{overlay} runs the new release")


def bring(manifest: Manifest, cluster: Cluster, look: Callable[[], object]) -> None:
    last = cluster.last()
    # What only adds does not hurt the release that runs, so there is no way back.
    if manifest.migrates:
        cluster.migrate(manifest)
    try:
        cluster.apply(manifest)
        cluster.settle(manifest)
        look()
    except Problem as trouble:
        raise Problem(f"{trouble.message}; {back(last, manifest, cluster)}") from None
    cluster.remember(manifest)


def back(last: Manifest | None, failed: Manifest, cluster: Cluster) -> str:
    if last is None:
        return "there is no release to go back to"
    try:
        cluster.apply(last)
        cluster.settle(failed, BACK_SECONDS)
    except Problem as trouble:
        return f"the last release is not back: {trouble.message}"
    return "the last release is back"
