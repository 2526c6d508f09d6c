"""The other drill: a shop is copied while people buy, and is as it was at a moment."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

from ops.backup.taking import MANIFEST
from ops.dr.drill import loss
from ops.dr.drill.load import Crowd
from ops.dr.drill.plans import free_ports, private
from ops.dr.waiting import until
from ops.errors import Problem
from ops.stack import ending
from ops.stack.plan import Plan
from ops.stack.progress import step
from ops.stack.settings import ROOT, Settings

SHOP = "the shop"


@dataclass
class Verdict:
    """``missing`` were told before the moment, ``surplus`` asked for after it."""

    to: str = ""
    before: int = 0
    missing: list[str] = field(default_factory=list)
    after: int = 0
    surplus: list[str] = field(default_factory=list)
    copied_bytes: int = 0
    restored_after: float = 0.0
    open_after: float = 0.0
    audit: list[str] = field(default_factory=list)


class Copied:
    def __init__(self, place: Path, seconds: float) -> None:
        ports = free_ports()
        self.place, self.seconds, self.copy = place, seconds, place / "copy"
        self.first = private(place / "shop", ports)
        self.second = private(place / "restored", ports)
        self.verdict, self.quiet = Verdict(), Event()

    def run(self) -> Verdict:
        with step("A shop is open"):
            shopnow(self.first, "stack", "start")
        crowd = self.buy_while_copied()
        shopnow(self.first, "stack", "stop")
        self.go_back()
        self.judge(crowd)
        return self.verdict

    def buy_while_copied(self) -> Crowd:
        crowd = Crowd({SHOP: Settings.load(self.first).gateway_url}, SHOP)
        accounts = json.loads((self.place / "shop/demo-accounts.json").read_text())
        buyer = next(each for each in accounts if each["email"].startswith("customer"))
        crowd.enter(buyer["email"], buyer["password"])
        with spawn(self.first, "backup", str(self.copy), "--follow") as copying:
            until((self.copy / MANIFEST).exists, "there is no copy", 120)
            self.quiet.wait(self.seconds)
            self.moment, self.verdict.to = monotonic(), datetime.now(UTC).isoformat()
            self.quiet.wait(self.seconds)
            crowd.ended.set()
            copying.send_signal(signal.SIGINT)
            said, _ = copying.communicate()
        if copying.returncode:
            raise Problem(f"the backup failed: {said.strip().splitlines()[-1]}")
        return crowd

    def go_back(self) -> None:
        files = [each for each in self.copy.rglob("*") if each.is_file()]
        self.verdict.copied_bytes = sum(each.stat().st_size for each in files)
        secrets = str(self.place / "shop/secrets.json")
        words = [str(self.copy), str(self.place / "restored"), "--to", self.verdict.to]
        began = monotonic()
        with step("Restored to a moment between"):
            shopnow(self.second, "restore", *words, "--secrets", secrets)
        self.verdict.restored_after = monotonic() - began
        with step("The restored shop is open"):
            shopnow(self.second, "stack", "start")
        self.verdict.open_after = monotonic() - began

    def judge(self, crowd: Crowd) -> None:
        plan = Plan(Settings.load(self.second))
        known = loss.orders_in(plan.all_servers.postgres.uri("admin"))
        told = crowd.told_by(SHOP)
        before = {each.order for each in told if each.at < self.moment}
        after = {each.order for each in told if each.asked > self.moment}
        self.verdict.before, self.verdict.after = len(before), len(after)
        self.verdict.missing = sorted(before - known)
        self.verdict.surplus = sorted(after & known)
        self.verdict.audit = loss.audit(plan)


def perform(place: Path, seconds: float) -> Verdict:
    if place.exists():
        raise Problem(f"{place} is there already; --place names another")
    place.mkdir(parents=True)
    try:
        return Copied(place, seconds).run()
    finally:
        for name in ("restored", "shop"):
            ending.wipe(place / name)
        shutil.rmtree(place)


def spawn(environ: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ops", *words],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def shopnow(environ: dict[str, str], *words: str) -> None:
    with spawn(environ, *words) as process:
        said, _ = process.communicate()
    if process.returncode:
        raise Problem(f"shopnow {words[0]} failed: {said.strip().splitlines()[-1]}")


def is_good(verdict: Verdict) -> bool:
    return not (verdict.missing or verdict.surplus or verdict.audit)


def table(verdict: Verdict) -> str:
    size = verdict.copied_bytes / 2**20
    rows = {
        "restored to": verdict.to,
        "told before that": f"{verdict.before}, missing {len(verdict.missing)}",
        "asked for after it": f"{verdict.after}, there {len(verdict.surplus)}",
        "size of the copy": f"{size:.0f} MiB",
        "restored after": f"{verdict.restored_after:.1f} s",
        "open after": f"{verdict.open_after:.1f} s",
        "audit": f"{len(verdict.audit)} violations",
    }
    lines = [f"{name:<24}{value}" for name, value in rows.items()]
    return "\n".join(lines + [f"    {each}" for each in verdict.audit])
