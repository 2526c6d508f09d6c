"""Everything that goes wrong, as an RFC 9457 problem document."""

from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from common import errors, json
from gateway.response import Response

STATUS = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Unavailable: 503,
}

# Where HTTP has a better word for a code than for its kind.
STATUS_OF_CODE = {
    "idempotency_key_required": 400,
    "invalid_signature": 400,
    "malformed_body": 400,
    "malformed_json": 400,
    "malformed_request": 400,
    "payment_declined": 402,
    "not_acceptable": 406,
    "request_timeout": 408,
    "stale": 412,
    "content_too_large": 413,
    "uri_too_long": 414,
    "unsupported_media_type": 415,
    "expectation_failed": 417,
    "if_match_required": 428,
    "rate_limited": 429,
    "too_many_attempts": 429,
    "too_many_sign_ins": 429,
    "headers_too_large": 431,
    "unknown_method": 501,
}

RETRY_AFTER_SECONDS = {503: "1", "request_in_progress": "1"}
SENTENCES = {
    404: "There is no such path",
    405: "This path does not take that method",
}

# Beside letters and digits (RFC 3986, 3.3).
PATH_CHARACTERS = "/:@-._~!$&'()*+,;="
ACRONYMS = {"json": "JSON", "uri": "URI"}
CHALLENGE = 'Bearer realm="shopnow"'


def problem_from(exc: BaseException, request: Any) -> Response:
    """Say what went wrong, and nothing about how we are built.

    ``request`` remembers it, for the log.
    """
    if isinstance(exc, errors.Refusal):
        return refused(exc, request)
    if isinstance(exc, HTTPException) and exc.code:
        return protocol_problem(exc, request)
    request.trouble = exc
    return problem(request, 500, "unexpected", "Something went wrong on our side")


def refused(refusal: errors.Refusal, request: Any) -> Response:
    code, details = refusal.code, dict(refusal.details)
    replayed = details.pop("replayed", None)
    wait = details.pop("retry_after", None)
    status = STATUS_OF_CODE.get(code, STATUS[type(refusal)])
    more = {"errors" if status == STATUS[errors.Invalid] else "details": details}
    response = problem(
        request, status, code, refusal.message, **more if details else {}
    )
    wait = wait or RETRY_AFTER_SECONDS.get(code) or RETRY_AFTER_SECONDS.get(status)
    if wait:
        response.headers["Retry-After"] = wait
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if status == STATUS[errors.Unauthenticated]:
        response.headers["WWW-Authenticate"] = challenge(code)
    return response


def challenge(code: str) -> str:
    return f'{CHALLENGE}, error="{code}"' if code == "invalid_token" else CHALLENGE


def protocol_problem(exc: HTTPException, request: Any) -> Response:
    name, status = exc.name.lower().replace(" ", "_"), exc.code or 500
    response = problem(request, status, name, SENTENCES.get(status, exc.name))
    if isinstance(exc, MethodNotAllowed) and exc.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(exc.valid_methods))
    return response


def title(code: str) -> str:
    words = [ACRONYMS.get(word, word) for word in code.split("_")]
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def problem(request: Any, status: int, code: str, detail: str, **more: Any) -> Response:
    request.outcome = code
    body = {
        "type": f"urn:shopnow:problem:{code}",
        "title": title(code),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": quote(request.shown_path, PATH_CHARACTERS),
        "request_id": request.request_id,
        **more,
    }
    return Response(
        json.dumps(body),
        status,
        {"Cache-Control": "no-store"},
        content_type="application/problem+json",
    )
