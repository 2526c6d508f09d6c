"""What a release is: an overlay of ours, and images by their digests."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from ops.errors import Problem
from ops.stack.settings import ROOT

OVERLAYS = ROOT / "k8s/overlays"
BY_DIGEST = re.compile(r"(?P<name>\S+)@(?P<digest>sha256:[0-9a-f]{64})")
BEFORE = "shopnow.example/rollout"
# Which region leads is told by other kinds, and may have changed since.
PROCESSES = ("ConfigMap", "Deployment")


def images(folder: Path) -> dict[str, str]:
    """Of each service, a file each, by digest: a tag may be another image tomorrow."""
    files = sorted(file for file in folder.iterdir() if file.is_file())
    found = {file.name: file.read_text().strip() for file in files}
    for service, image in found.items():
        if not BY_DIGEST.fullmatch(image):
            raise Problem(f"{service}: {image} is not an image by its digest")
    return found


def render(overlay: str, wanted: Mapping[str, str], kubectl: str = "kubectl") -> str:
    """All objects of the overlay as YAML."""
    with TemporaryDirectory(dir=OVERLAYS.parent) as folder:
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [f"../overlays/{overlay}"],
            "images": [image(*each) for each in sorted(wanted.items())],
        }
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        done = subprocess.run(
            [kubectl, "kustomize", folder], check=False, capture_output=True, text=True
        )
    if done.returncode:
        raise Problem(f"{overlay} cannot be built: {done.stderr.strip()}")
    return done.stdout


def image(service: str, pinned: str) -> dict[str, str]:
    name, _, digest = pinned.partition("@")
    return {"name": f"shopnow/{service}", "newName": name, "digest": digest}


@dataclass(frozen=True)
class Manifest:
    text: str

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """Of the shop's own namespace: whoever deploys may change no other."""
        every = [each for each in yaml.safe_load_all(self.text) if each]
        [home] = [
            each["metadata"]["namespace"]
            for each in every
            if (each["kind"], each["metadata"]["name"]) == ("Deployment", "gateway")
        ]
        return [each for each in every if each["metadata"].get("namespace") == home]

    @property
    def namespace(self) -> str:
        return str(self.objects[0]["metadata"]["namespace"])

    @property
    def migrates(self) -> bool:
        """A region that follows has what the other one has migrated."""
        return any(is_first(each) and each["kind"] == "Job" for each in self.objects)

    @property
    def first(self) -> str:
        """What has to be done before anything else is touched: the migration."""
        return self.dumped(is_first)

    @property
    def rest(self) -> str:
        return self.dumped(lambda each: not is_first(each))

    @property
    def processes(self) -> str:
        """What is brought back when the next release does no good."""
        return self.dumped(lambda each: each["kind"] in PROCESSES)

    def dumped(self, wanted: Any) -> str:
        return yaml.safe_dump_all(filter(wanted, self.objects), sort_keys=False)

    def unpinned(self) -> list[str]:
        """Images of ours that no digest pins."""
        return sorted(set(re.findall(r"image: (shopnow/\S+)", self.text)))

    def rollouts(self) -> list[str]:
        return self.names("Rollout")

    def deployments(self) -> list[str]:
        """Those that are replaced by themselves and not by a Rollout."""
        led = {
            each["spec"].get("workloadRef", {}).get("name")
            for each in self.objects
            if each["kind"] == "Rollout"
        }
        return [name for name in self.names("Deployment") if name not in led]

    def names(self, kind: str) -> list[str]:
        return [
            each["metadata"]["name"] for each in self.objects if each["kind"] == kind
        ]


def is_first(each: Mapping[str, Any]) -> bool:
    return bool(each["metadata"].get("labels", {}).get(BEFORE) == "before")
