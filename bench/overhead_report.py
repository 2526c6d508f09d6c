"""The report on telemetry: CPU time of a request with all of it, and with none."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.measurement import Measurement
from bench.report import QUICK_LOOKS, RESULTS, table
from ops.stack.logs import shown
from ops.stack.progress import tell

# ``{"on": {kind: measurement}, "off": ...}``.
Round = Mapping[str, Mapping[str, Measurement]]

MOST_OVERHEAD = 0.10
KINDS = {
    "uncached": "a product, uncached",
    "cached": "a product, cached",
    "order": "an order",
}


def cpu_ms(rounds: Sequence[Round], which: str, kind: str) -> float:
    """Per good answer; the median of the rounds."""
    return median(each[which][kind].cpu_ms() for each in rounds)


def overhead(rounds: Sequence[Round], kind: str) -> float:
    """The median of what each round finds by itself."""
    return median(
        each["on"][kind].cpu_ms() / each["off"][kind].cpu_ms() - 1 for each in rounds
    )


def write(
    rounds: Sequence[Round], where: Mapping[str, str], seconds: float, counts: bool
) -> None:
    place: Path = RESULTS if counts else QUICK_LOOKS
    place.mkdir(parents=True, exist_ok=True)
    file = place / "overhead.md"
    file.write_text(render(rounds, where, seconds))
    for row in judged(rounds):
        tell(": ".join(row))
    tell(f"{shown(file)} is written ({seconds:.0f} s)")


def render(rounds: Sequence[Round], where: Mapping[str, str], seconds: float) -> str:
    parts = [
        "# Telemetry, measured",
        "`make bench-overhead` wrote this; [README](../README.md) says how it "
        f"measures. It took {seconds:.0f} s.",
        table(("machine", ""), where.items()),
        "## CPU time of a request",
        "In milliseconds, of all processes but the load generator, per good answer: "
        f"medians of {len(rounds)} rounds. The overhead is the median of those that "
        "each round finds by itself; beside it, the least and the most.",
        table(("request", "off", "on", "overhead", "rounds", "errors"), rows(rounds)),
        "## Targets",
        table(("target", "measured", "met"), judged(rounds)),
    ]
    return "\n\n".join(parts) + "\n"


def rows(rounds: Sequence[Round]) -> Iterator[list[str]]:
    for kind, title in KINDS.items():
        found = sorted(overhead([each], kind) for each in rounds)
        errors = sum(each[which][kind].errors for each in rounds for which in each)
        yield [
            title,
            f"{cpu_ms(rounds, 'off', kind):.3f}",
            f"{cpu_ms(rounds, 'on', kind):.3f}",
            f"{overhead(rounds, kind):+.1%}",
            f"{found[0]:+.1%} … {found[-1]:+.1%}",
            str(errors),
        ]


def judged(rounds: Sequence[Round]) -> Iterator[tuple[str, str, str]]:
    for kind, title in KINDS.items():
        found = overhead(rounds, kind)
        sound = all(each[which][kind].is_sound for each in rounds for which in each)
        met = "yes" if found <= MOST_OVERHEAD and sound else "no"
        text = f"telemetry at 10 % sampling adds at most {MOST_OVERHEAD:.0%} to {title}"
        yield text, f"{found:+.1%}", met
