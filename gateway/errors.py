"""The refusals that are the gateway's own: about HTTP, never about the shop."""

from common.errors import Conflict, Invalid, NotFound, Unavailable


def malformed_json() -> Invalid:
    return Invalid("malformed_json", "The body is not valid JSON")


def malformed_body() -> Invalid:
    return Invalid("malformed_body", "The body did not arrive as it was announced")


def malformed_request() -> Invalid:
    return Invalid("malformed_request", "The request is not proper HTTP/1.1")


def unknown_method() -> Invalid:
    return Invalid("unknown_method", "We do not know that method")


def expectation_failed() -> Invalid:
    return Invalid("expectation_failed", "We meet no expectation but 100-continue")


def uri_too_long(most: int) -> Invalid:
    return Invalid("uri_too_long", f"A request target has {most} bytes at the most")


def headers_too_large() -> Invalid:
    return Invalid("headers_too_large", "The headers are too many or too long")


def not_acceptable() -> Invalid:
    return Invalid("not_acceptable", "We have none of the media types you accept")


def request_timeout() -> Invalid:
    return Invalid("request_timeout", "The request took too long to arrive")


def content_too_large(most: int) -> Invalid:
    return Invalid("content_too_large", f"A body has {most} bytes at the most")


def unsupported_media_type() -> Invalid:
    return Invalid("unsupported_media_type", "We read application/json only")


def maintenance(wait: int) -> Unavailable:
    """``wait`` is in seconds."""
    return Unavailable(
        "maintenance",
        "The shop is closed for a moment while we work on it",
        {"retry_after": str(wait)},
    )


def feature_off() -> NotFound:
    return NotFound("feature_off", "This part of the shop is switched off")


def repeated_parameter(name: str) -> Invalid:
    return Invalid(
        "invalid", "The request is not valid", {name: "Given more than once."}
    )


def idempotency_key_required() -> Invalid:
    return Invalid(
        "idempotency_key_required",
        "An Idempotency-Key has 1 to 255 visible ASCII characters; here it has not",
    )


def if_match_required() -> Invalid:
    return Invalid(
        "if_match_required",
        "This change needs an If-Match header with the ETag that you have read",
    )


def stale() -> Conflict:
    return Conflict("stale", "This has changed since you have read it")
