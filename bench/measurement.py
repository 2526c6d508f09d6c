"""What is known of one variant after it was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

# With more of them than this, an answer is not what was measured.
TOLERATED_ERRORS = 0.001


@dataclass(frozen=True)
class Measurement:
    """Latencies are milliseconds; ``cpu`` has the CPU-seconds of each group.

    ``elsewhere`` are the CPU-seconds that no process of the run has used.
    """

    title: str
    requests: int
    seconds: float
    errors: int
    p50: float
    p90: float
    p99: float
    cpu: Mapping[str, float]
    elsewhere: float = 0.0
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
        """What matters most of it, in less than 80 columns."""
        return (
            f"{self.title:28} {self.rate:7,.0f}/s  p50 {self.p50:.1f}"
            f"  p99 {self.p99:.1f} ms  {self.cpu_ms():.3f} CPU-ms"
        )

    def trouble(self) -> str:
        """What speaks against it, or nothing."""
        errors = f"{self.errors} of {self.requests} are errors" if self.errors else ""
        return "; ".join(filter(None, (self.note, errors)))
