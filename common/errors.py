"""The refusals a service may answer with.

Nameko rebuilds a remote exception from its class path and positional
arguments only, and turns numbers inside them into text.  So there are six
kinds, told apart by ``code``, and ``details`` holds strings.
"""


class Refusal(Exception):
    """A caller asked for something it cannot have."""

    def __init__(
        self, code: str, message: str, details: dict[str, str] | None = None
    ) -> None:
        super().__init__(code, message, details or {})
        self.code = code
        self.message = message
        self.details = details or {}

    def __str__(self) -> str:
        return self.message


class Invalid(Refusal):
    """The request does not have the shape we understand."""


class Unauthenticated(Refusal):
    """We do not know who is asking."""


class Forbidden(Refusal):
    """We know who is asking, and they may not."""


class NotFound(Refusal):
    """There is no such thing."""


class Conflict(Refusal):
    """The thing exists, but not in a state that allows this."""


class Unavailable(Refusal):
    """We could not find out in time; asking again may work."""


KINDS = (Invalid, Unauthenticated, Forbidden, NotFound, Conflict, Unavailable)


def service_unavailable() -> Unavailable:
    return Unavailable(
        "service_unavailable", "A part of the shop is away; please try again"
    )


def deadline_exceeded() -> Unavailable:
    return Unavailable(
        "deadline_exceeded", "The answer took too long; please try again"
    )


def circuit_open() -> Unavailable:
    return Unavailable(
        "circuit_open", "A part of the shop is recovering; please try again"
    )


def overloaded() -> Unavailable:
    return Unavailable("overloaded", "The shop is very busy; please try again")


def rate_limited(wait: int) -> Invalid:
    """``wait`` is in seconds."""
    return Invalid(
        "rate_limited",
        "These are too many requests; please slow down",
        {"retry_after": str(wait)},
    )
