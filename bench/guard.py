"""What a call pays for its guard; `python -m bench.guard` fails above 5 us."""

import sys
from collections.abc import Callable
from itertools import cycle
from timeit import repeat

from common.resilience import Guard

MOST_MICROSECONDS = 5.0
CALLS = 100_000


def microseconds(work: Callable[[], None]) -> float:
    """The least of several runs: what the machine does besides is not our cost."""
    return min(repeat(work, number=CALLS, repeat=7)) / CALLS * 1e6


def main() -> None:
    guard, waits = Guard("bench"), cycle(n / 1e6 for n in range(1, 1000))

    def whole_pass() -> None:
        with guard.admit("normal", 0.3) as permit:
            permit.succeeded(next(waits))

    cost = microseconds(whole_pass)
    sys.stdout.write(f"a successful pass through the guard: {cost:.2f} us\n")
    if cost > MOST_MICROSECONDS:
        sys.exit(f"that is more than {MOST_MICROSECONDS} us")


if __name__ == "__main__":
    main()
