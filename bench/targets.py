"""What the wire is meant to reach, beside what it has reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.measurement import Measurement

Measured = Mapping[str, Measurement]


@dataclass(frozen=True)
class Target:
    """``least`` or ``most`` of a number that is taken from ``needs``."""

    text: str
    needs: tuple[str, ...]
    number: Callable[..., float]
    least: float = 0.0
    most: float = float("inf")


@dataclass(frozen=True)
class Judged:
    text: str
    found: str
    met: bool

    @property
    def verdict(self) -> str:
        return "yes" if self.met else "**no**"

    def line(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'}  {self.text}: {self.found}"


def ratio(one: Measurement, other: Measurement) -> float:
    return one.rate / other.rate if other.rate else 0.0


def rate(one: Measurement) -> float:
    return one.rate


def cpu_ms(one: Measurement) -> float:
    return one.cpu_ms()


def cheap_and_fast(key: str, name: str) -> tuple[Target, Target]:
    return (
        Target(f"{name}: at most 0.1 CPU-ms", (key,), cpu_ms, most=0.1),
        Target(f"{name}: at least 10,000/s from one process", (key,), rate, 10_000),
    )


TARGETS = (
    Target("product: at least 3.5 x stock", ("product", "stock"), ratio, 3.5),
    Target("product: at most 2.2 CPU-ms", ("product",), cpu_ms, most=2.2),
    Target("list of 20: at most 3 CPU-ms", ("list",), cpu_ms, most=3.0),
    *cheap_and_fast("cached", "product, cached"),
    *cheap_and_fast("cached_list", "list, cached"),
    *cheap_and_fast("cached_search", "search, cached"),
    Target(
        "RPC echo: at least 1/3 of bare py-amqp", ("echo", "bare_echo"), ratio, 1 / 3
    ),
)


def judged(measured: Measured) -> list[Judged]:
    return [judge(target, measured) for target in TARGETS]


def judge(target: Target, measured: Measured) -> Judged:
    """Not measured is not met, and neither is what answered with errors."""
    if missing := [key for key in target.needs if key not in measured]:
        return Judged(target.text, f"no measurement of {', '.join(missing)}", False)
    used = [measured[key] for key in target.needs]
    number = target.number(*used)
    unsound = [each.title for each in used if not each.is_sound]
    found = f"{number:,.3g}" if number < 1000 else f"{number:,.0f}"
    if unsound:
        return Judged(
            target.text, f"{found}, with errors in {', '.join(unsound)}", False
        )
    return Judged(target.text, found, target.least <= number <= target.most)
