"""A shop to look at: what Consul, the broker and the processes said of a real one."""

from collections.abc import Mapping
from typing import Any

from ops.console.asking import Away
from ops.console.figures import Reading, read
from ops.console.gathering import Gatherer
from ops.console.names import ALL

METRICS = """\
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 9.3e+07
process_start_time_seconds {started}
process_cpu_seconds_total {cpu}
shopnow_loop_lag_largest_seconds 0.0034
shopnow_breaker_state{{target="product_service"}} {breaker}
shopnow_bulkhead_in_flight{{target="product_service"}} 2.0
shopnow_breaker_rejected_total{{target="product_service"}} {rejected}
shopnow_gateway_requests_total{{method="GET",route="/v1/products",status="200"}} {good}
shopnow_gateway_requests_total{{method="GET",route="/v1/products",status="503"}} {bad}
shopnow_gateway_requests_total{{method="GET",route="/readyz",status="503"}} {bad}
{buckets}
shopnow_outbox_waiting 4.0
shopnow_outbox_oldest_seconds {outbox}
shopnow_saga_orders{{step="reserve"}} 2.0
shopnow_saga_oldest_seconds{{step="reserve"}} {saga}
"""
BUCKET = 'shopnow_gateway_request_duration_seconds_bucket{{le="{}",method="GET",route="/v1/products"}} {}'  # noqa: E501
BEGAN = 1_790_000_000.0
ERROR = {
    "time": "2026-11-22T16:15:02.120000+00:00",
    "level": "error",
    "service": "order_service",
    "pid": 11814,
    "message": "an entrypoint failed",
    "entrypoint": "place_order",
    "outcome": "unexpected",
    "request_id": "req-1",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
}


class Watched:
    """One gateway and one Redis; the fields are what may change between two looks."""

    def __init__(self) -> None:
        self.passing, self.output = True, "broker is away"
        self.is_consul_away = self.is_broker_away = self.is_silent = False
        self.good = self.bad = self.slow = self.rejected = 0
        self.cpu = 1.0
        self.breaker = self.saga = self.outbox = 0.0
        self.letters = 0
        self.kv: dict[str, str] = {}
        self.lines: list[dict[str, Any]] = []

    def instances(self) -> list[dict[str, Any]]:
        if self.is_consul_away:
            raise Away("nobody is there")
        state = "passing" if self.passing else "critical"
        meta = {"metrics_port": "36223", "pid": "11815", "version": "0.1.0"}
        return [
            registered("redis", "redis", {}, "passing", "TCP connect: Success"),
            registered("gateway-vm-11815", "gateway", meta, state, self.output),
        ]

    def settings(self) -> dict[str, str]:
        return self.kv

    def queues(self) -> list[dict[str, Any]]:
        if self.is_broker_away:
            raise Away("no answer in time")
        rate = {"deliver_get_details": {"rate": 2.4}}
        handler = "evt-auth_service-sessions.ended--gateway.on_sessions_ended"
        return [
            queued("dead-letters", ready=self.letters, consumers=0),
            queued("rpc-order_service", consumers=1, message_stats=rate),
            queued("rpc.reply-gateway-4c1d", ready=7),
            queued(f"{handler}-{'a' * 32}", consumers=1),
            queued(f"{handler}-{'b' * 32}", consumers=1),
        ]

    def readings(self, places: Mapping[str, str]) -> dict[str, Reading]:
        asked = {} if self.is_silent else places
        return {name: read(self.page().encode(), ALL) for name in asked}

    def errors(self, places: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        return {name: self.lines for name in places}

    def page(self) -> str:
        answered = self.good + self.bad
        counts = {"0.1": answered - self.slow, "0.5": answered, "+Inf": answered}
        buckets = "\n".join(BUCKET.format(*each) for each in counts.items())
        return METRICS.format(buckets=buckets, started=BEGAN, **vars(self))


def registered(
    id: str, name: str, meta: dict[str, str], state: str, output: str
) -> dict[str, Any]:
    node = {"CheckID": "serfHealth", "Status": "passing", "Output": "Agent alive"}
    own = {"CheckID": f"service:{id}", "Status": state, "Output": output}
    service = {"ID": id, "Service": name, "Address": "127.0.0.1", "Meta": meta}
    return {"Service": service, "Checks": [node, own]}


def queued(name: str, ready: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "messages_ready": ready,
        "messages_unacknowledged": 0,
        "consumers": 1,
    } | more


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def watching(shop: Watched) -> tuple[Gatherer, Clock]:
    clock = Clock()
    return Gatherer(shop, clock=clock), clock
