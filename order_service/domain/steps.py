"""The checkout saga as one table: the steps of an order, and which follows which."""

from enum import StrEnum

from order_service.domain import errors


class Step(StrEnum):
    """What a pending order has to do next."""

    RESERVE = "reserve"
    AUTHORISE = "authorise"
    COMMIT = "commit"
    CAPTURE = "capture"
    VOID = "void"
    RELEASE = "release"
    DONE = "done"


class Outcome(StrEnum):
    """How a step ended; one that has no end yet is taken again."""

    TAKEN = "taken"
    REFUSED = "refused"


# Confirmed is who is done after the capture, rejected who is done after the release.
# Before the payment is asked for there is none to undo.
TABLE: dict[Step, dict[Outcome, Step]] = {
    Step.RESERVE: {Outcome.TAKEN: Step.AUTHORISE, Outcome.REFUSED: Step.RELEASE},
    Step.AUTHORISE: {Outcome.TAKEN: Step.COMMIT, Outcome.REFUSED: Step.VOID},
    Step.COMMIT: {Outcome.TAKEN: Step.CAPTURE, Outcome.REFUSED: Step.VOID},
    Step.CAPTURE: {Outcome.TAKEN: Step.DONE, Outcome.REFUSED: Step.VOID},
    Step.VOID: {Outcome.TAKEN: Step.RELEASE},
    Step.RELEASE: {Outcome.TAKEN: Step.DONE},
    Step.DONE: {},
}

# An order may be given up as long as it goes forward; undoing it cannot be.
FORWARD = frozenset(step for step in Step if Outcome.REFUSED in TABLE[step])
COMPENSATING = frozenset({Step.VOID, Step.RELEASE})


def after(step: Step, outcome: Outcome) -> Step:
    """Raises ``illegal_step`` for what the table does not have."""
    if outcome not in TABLE[step]:
        raise errors.illegal_step(step, outcome)
    return TABLE[step][outcome]
