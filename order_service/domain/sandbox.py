"""How the built-in test provider answers: its tokens decide."""

from enum import StrEnum


class Answer(StrEnum):
    """What became of a request; the last two may be tried again."""

    AUTHORISED = "authorised"
    DECLINED = "declined"
    VOIDED = "voided"
    FAILED = "failed"
    SILENT = "silent"


REASONS = {
    "tok_declined": "card_declined",
    "tok_insufficient_funds": "insufficient_funds",
}


def sandbox_answer(token: str, attempt: int) -> Answer:
    """How the sandbox answers the ``attempt``-th request with ``token``."""
    if token == "tok_visa" or (token == "tok_flaky" and attempt > 1):  # noqa: S105
        return Answer.AUTHORISED
    return {"tok_flaky": Answer.FAILED, "tok_timeout": Answer.SILENT}.get(
        token, Answer.DECLINED
    )


def decline_reason(token: str) -> str:
    return REASONS.get(token, "unknown_token")
