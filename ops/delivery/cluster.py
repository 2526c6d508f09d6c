"""What we ask of a cluster, through kubectl."""

import json
import subprocess
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from ops.delivery.release import Manifest
from ops.errors import Problem

Kubectl = Callable[..., str]
MIGRATION_SECONDS = 660
# Three looks of seven minutes, and the pods in between.
ROLLOUT_SECONDS = 3600
# Without looks: Argo Rollouts has seen that release before.
BACK_SECONDS = 900
POLL_SECONDS = 5.0
LAST = "last-release"


def kubectl(*words: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["kubectl", *words], check=False, input=stdin, capture_output=True, text=True
    )
    if done.returncode:
        raise Problem(f"kubectl {words[0]}: {done.stderr.strip()}")
    return done.stdout


class Cluster:
    def __init__(
        self,
        namespace: str,
        run: Kubectl = kubectl,
        pause: Callable[[float], None] = sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.namespace, self.run, self.pause, self.clock = namespace, run, pause, clock

    def here(self, *words: str, stdin: str = "") -> str:
        return self.run(*words, "--namespace", self.namespace, stdin=stdin)

    def migrate(self, manifest: Manifest) -> None:
        """Run the release's migration to its end; a finished one is in its way."""
        self.here("delete", "job", "migrate", "--ignore-not-found")
        self.run("apply", "--filename", "-", stdin=manifest.first)
        limit = f"--timeout={MIGRATION_SECONDS}s"
        self.here("wait", "--for=condition=complete", "job/migrate", limit)

    def apply(self, manifest: Manifest) -> None:
        self.run("apply", "--filename", "-", stdin=manifest.rest)

    def settle(self, manifest: Manifest, seconds: int = ROLLOUT_SECONDS) -> None:
        """Wait until all of it is replaced; raises when a part is given up."""
        until = self.clock() + seconds
        for name in manifest.deployments():
            left = max(1, int(until - self.clock()))
            words = ("rollout", "status", f"deployment/{name}", f"--timeout={left}s")
            self.here(*words)
        waiting = manifest.rollouts()
        while waiting := [name for name in waiting if not self.is_replaced(name)]:
            if self.clock() > until:
                raise Problem(f"{', '.join(waiting)}: not there in {seconds} s")
            self.pause(POLL_SECONDS)

    def is_replaced(self, name: str) -> bool:
        """Whether its canary has become all of it."""
        rollout = self.read("rollout", name)
        wanted = self.read("deployment", name)["metadata"]["generation"]
        status = rollout.get("status", {})
        if status.get("workloadObservedGeneration") != str(wanted):
            return False
        if status.get("phase") == "Degraded":
            raise Problem(
                f"{name} is given up: {status.get('message', 'no reason told')}"
            )
        return bool(status.get("phase") == "Healthy")

    def read(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.here("get", kind, name, "--output", "json")
        )
        return found

    def remember(self, manifest: Manifest) -> None:
        """What works is what the next release goes back to if it has to."""
        kept = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": LAST, "namespace": self.namespace},
            "data": {"manifest": manifest.processes},
        }
        self.run("apply", "--filename", "-", stdin=json.dumps(kept))

    def last(self) -> Manifest | None:
        words = ("get", "configmap", LAST, "--ignore-not-found", "--output", "json")
        found = self.here(*words)
        return Manifest(json.loads(found)["data"]["manifest"]) if found else None
