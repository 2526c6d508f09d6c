"""The drill: region A is killed while people buy, and B takes over."""

from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from ops.dr import broker, consul
from ops.dr.drill import fence, loss, standby
from ops.dr.drill.load import Crowd
from ops.dr.drill.places import STANDBY, A, B
from ops.dr.drill.rejoining import follow_again
from ops.dr.drill.standby import Failover
from ops.dr.drill.world import World
from ops.dr.promotion import promote
from ops.dr.rejoining import LINK_SECONDS
from ops.dr.waiting import until
from ops.http import answers
from ops.stack.progress import step, tell

# Three in a row, so that a slow answer is no lost region.
MISSES, MISS_SECONDS = 3, 0.3


@dataclass
class Verdict:
    """``lost`` were told to somebody by A, and are not in B."""

    waits: str
    within: Failover | None = None
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    lost_seconds: float = 0.0
    killed_processes: int = 0
    events_in_b: int = 0
    query_found: list[str] = field(default_factory=list)
    detected_after: float = 0.0
    promoted_after: float = 0.0
    rto: float = 0.0
    served_by_b: int = 0
    refused_writes: dict[str, str] = field(default_factory=dict)
    rejoined_after: float = 0.0
    found: int = 0
    reconciled: str = ""
    reconciled_again: str = ""
    audit: list[str] = field(default_factory=list)


class Drill:
    def __init__(self, world: World, seconds: float) -> None:
        self.world, self.seconds = world, seconds
        urls = {name: world.regions[name].gateway for name in (A, B)}
        self.crowd = Crowd(urls, A)
        self.verdict = Verdict(world.waits)
        self.quiet = Event()

    def run(self) -> Verdict:
        account = self.world.customer()
        self.crowd.enter(account["email"], account["password"])
        if self.world.has_standby:
            told = self.crowd, self.quiet, self.seconds
            self.verdict.within = standby.fail_over(self.world, *told)
        with step("People buy in region-a"):
            self.quiet.wait(self.seconds)
        self.look_up()
        self.verdict.events_in_b = broker.waiting_in(self.world.regions[B])
        killed = self.lose()
        self.take_over(killed)
        with step("People go on to buy in region-b"):
            self.quiet.wait(self.seconds)
        self.look_up()
        self.crowd.ended.set()
        self.count(killed)
        self.bring_back()
        return self.verdict

    def look_up(self) -> None:
        """Where Consul of B finds the gateway."""
        found = consul.found_in(self.world.regions[B], "gateway")
        self.verdict.query_found.append(found)

    def lose(self) -> float:
        killed = monotonic()
        there = [name for name in (A, STANDBY) if name in self.world.grounds]
        count = sum(self.world.grounds[name].kill() for name in there)
        self.verdict.killed_processes = count
        tell(f"Killed all {self.verdict.killed_processes} processes of region-a")
        return killed

    def take_over(self, killed: float) -> None:
        gateway, misses = self.world.regions[A].gateway, 0
        while misses < MISSES:
            misses = 0 if answers(f"{gateway}/readyz") else misses + 1
            self.quiet.wait(MISS_SECONDS)
        self.verdict.detected_after = monotonic() - killed
        promote(self.world.regions, B)
        self.verdict.promoted_after = monotonic() - killed
        with step("Services of region-b are healthy"):
            self.world.grounds[B].open()
        self.crowd.here = B
        until(lambda: self.crowd.told_by(B), "nobody can buy in region-b", 60)
        self.verdict.rto = self.crowd.told_by(B)[0].at - killed
        tell(f"First order in region-b {self.verdict.rto:.1f} s after the kill")

    def count(self, killed: float) -> None:
        told = self.crowd.told_by(A)
        known = loss.orders_in(self.world.regions[B].postgres)
        lost = [each for each in told if each.order not in known]
        self.verdict.acknowledged = len(told)
        self.verdict.served_by_b = len(self.crowd.told_by(B))
        self.verdict.lost = [each.order for each in lost]
        if lost:
            self.verdict.lost_seconds = killed - min(each.at for each in lost)
        plan = self.world.grounds[B].plan
        self.verdict.found = len(loss.audit(plan))
        self.verdict.reconciled = loss.reconcile(plan, self.world.file)

    def bring_back(self) -> None:
        ground = self.world.grounds[A]
        with step("region-a comes back as it was left"):
            ground.start_again(self.world.servers(A))
        self.verdict.refused_writes = fence.attempts(self.world)
        for place, why in self.verdict.refused_writes.items():
            tell(f"  {place}: {why}")
        began = monotonic()
        with step("region-a follows region-b"):
            follow_again(self.world, A)
        self.verdict.rejoined_after = monotonic() - began
        self.hear_the_rest()

    def hear_the_rest(self) -> None:
        """What A's broker still had is of lost orders as well."""
        region, plan = self.world.regions[B], self.world.grounds[B].plan
        with step("region-b has heard what region-a still had to tell"):
            broker.await_links(region, LINK_SECONDS)
            until(lambda: not broker.waiting_in(region), "events are not handled", 60)
        self.verdict.reconciled_again = loss.reconcile(plan, self.world.file)
        self.verdict.audit = loss.audit(plan)
