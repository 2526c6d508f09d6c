"""An overlay is built with the release's digests, where kubectl is at hand."""

import pytest

from ops.delivery import release
from ops.delivery.release import Manifest, render
from ops.errors import Problem
from tests.architecture.manifests import needs_kubectl

DIGEST = "sha256:" + "b" * 64
TINY = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shopnow
resources: [all.yaml]
"""
ALL = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway}
spec:
  template:
    spec:
      containers:
        - {name: gateway, image: shopnow/gateway}
        - {name: beside, image: shopnow/ops}
"""

pytestmark = needs_kubectl


@pytest.fixture
def overlays(tmp_path, monkeypatch):
    folder = tmp_path / "k8s/overlays"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny/kustomization.yaml").write_text(TINY)
    (folder / "tiny/all.yaml").write_text(ALL)
    monkeypatch.setattr(release, "OVERLAYS", folder)
    return folder


def test_an_image_gets_its_digest(overlays):
    manifest = Manifest(render("tiny", {"gateway": f"reg/shop/gateway@{DIGEST}"}))

    assert f"image: reg/shop/gateway@{DIGEST}" in manifest.text
    assert manifest.unpinned() == ["shopnow/ops"]
    assert (manifest.namespace, manifest.migrates) == ("shopnow", False)


def test_nothing_is_left_behind(overlays):
    render("tiny", {})

    assert [each.name for each in overlays.parent.iterdir()] == ["overlays"]


def test_an_overlay_that_is_not_there_is_told(overlays):
    with pytest.raises(Problem, match="none cannot be built"):
        render("none", {})
