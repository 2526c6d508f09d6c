"""The Kubernetes objects as kustomize builds them, and as they are written."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.stack.services import SERVICES

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
BASE = K8S / "base"
COMPONENTS = K8S / "components"
OVERLAYS = ("local", "staging", "region-a", "region-b")
KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(
    not KUBECTL and os.environ.get("KUBECTL") != "required",
    reason="there is no kubectl",
)

Object = dict[str, Any]


def dashed(name: str) -> str:
    return name.replace("_", "-")


NAMES = [dashed(service.name) for service in SERVICES]


@cache
def written(folder: Path) -> list[Object]:
    """What the resources of a base or a component hold, before any patch."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return [
        each
        for name in kustomization.get("resources", ())
        for each in yaml.safe_load_all((folder / name).read_text())
    ]


@cache
def everything() -> list[Object]:
    """The base and every component, as they are written."""
    folders = [BASE, *sorted(each for each in COMPONENTS.iterdir() if each.is_dir())]
    return [each for folder in folders for each in written(folder)]


@cache
def built(overlay: str) -> list[Object]:
    """What `kubectl apply -k` would send to the cluster."""
    done = subprocess.run(
        [str(KUBECTL), "kustomize", str(K8S / "overlays" / overlay)],
        check=True,
        capture_output=True,
        text=True,
    )
    # In C: an overlay is 100 kB of text.
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def of_kind(objects: list[Object], *kinds: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in objects if each["kind"] in kinds}


def templates(objects: list[Object]) -> dict[str, Object]:
    """What pods are made from, by the name of whoever makes them."""
    makers = of_kind(objects, "Deployment", "StatefulSet", "Job")
    return {name: each["spec"]["template"] for name, each in makers.items()}


def container(template: Object) -> Object:
    (only,) = template["spec"]["containers"]
    found: Object = only
    return found
