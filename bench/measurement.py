"""What is known of one variant after it was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

# With more of them than this, an answer is not what was measured.
TOLERATED_ERRORS = 0.001


@dataclass(frozen=True)
class Measurement:
    """Latencies are milliseconds; ``cpu`` has the CPU-seconds of each group."""

    title: str
    requests: int
    seconds: float
    errors: int
    p50: float
    p90: float
    p99: float
    cpu: Mapping[str, float]
    note: str = ""

    @property
    def answered(self) -> int:
        return max(self.requests - self.errors, 0)

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return self.answered / self.seconds

    def cpu_ms(self, group: str | None = None) -> float:
        """CPU-milliseconds per good answer: of a group, or of the whole system."""
        spent = sum(self.cpu.values()) if group is None else self.cpu.get(group, 0.0)
        return 1000 * spent / max(self.answered, 1)

    @property
    def is_sound(self) -> bool:
        return not self.note and self.errors <= TOLERATED_ERRORS * self.requests

    def line(self) -> str:
        """All of it in less than 80 columns."""
        return (
            f"{self.title:32} {self.rate:7,.0f}/s  p50 {self.p50:.1f}"
            f"  p99 {self.p99:.1f} ms  {self.cpu_ms():.3f} CPU-ms"
        )
