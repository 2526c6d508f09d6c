"""Refusals as the contract shows them: just as the gateway would write them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound

from common import json
from common.errors import rate_limited
from common.ids import SHAPE
from common.tokens import bad_token, token_required
from gateway import errors as door
from gateway.bounds import Bounds
from gateway.problems import problem_from
from gateway.request import LARGEST_BODY
from gateway.response import Response
from ops.openapi.examples import REQUEST, filled
from ops.openapi.operations import Operation
from ops.openapi.refusals import UNAVAILABLE, not_valid, refusals

MEDIA_TYPE = "application/problem+json"
TOLD = ("Allow", "Retry-After", "WWW-Authenticate")

# What most operations may answer, under the names of the document.
COMMON = {
    "MalformedBody": (door.malformed_json(), door.malformed_body()),
    "TokenRequired": (token_required(), bad_token()),
    "NotFound": (NotFound(),),
    "NotAcceptable": (door.not_acceptable(),),
    "RateLimited": (rate_limited(1),),
    "RequestTimeout": (door.request_timeout(),),
    "ContentTooLarge": (door.content_too_large(LARGEST_BODY),),
    "UnsupportedMediaType": (door.unsupported_media_type(),),
    "Invalid": (not_valid(),),
    "Unavailable": UNAVAILABLE,
}
ANY_OTHER = (
    MethodNotAllowed(["GET", "POST"]),
    door.malformed_request(),
    door.uri_too_long(Bounds().target_bytes),
    door.expectation_failed(),
    door.headers_too_large(),
    door.unknown_method(),
)


@dataclass
class Asked:
    """A request, as far as a problem tells of it."""

    shown_path: str
    request_id: str = REQUEST


def responses(operation: Operation) -> dict[str, Any]:
    """By status; the name alone where many operations answer the same."""
    by_status: dict[int, list[Response]] = defaultdict(list)
    for refusal in refusals(operation):
        answer = problem_from(refusal, Asked(filled(operation.path)))
        by_status[answer.status].append(answer)
    found = {str(status): response(by_status[status]) for status in sorted(by_status)}
    names = {answer["description"]: name for name, answer in common().items()}
    return {
        status: names.get(answer["description"], answer)
        for status, answer in found.items()
    }


def common() -> dict[str, dict[str, Any]]:
    asked = Asked("/v1/orders")
    found = {
        name: response([problem_from(refusal, asked) for refusal in refused])
        for name, refused in COMMON.items()
    }
    other = response([problem_from(refusal, asked) for refusal in ANY_OTHER])
    return found | {"AnyOther": other | {"description": "Any other problem"}}


def response(answers: Iterable[Response]) -> dict[str, Any]:
    headers = {name: name for name in TOLD if any(name in a.headers for a in answers)}
    problems = [json.loads(answer.body) for answer in answers]
    examples = {problem["code"]: {"value": problem} for problem in problems}
    return {
        "description": described(problems),
        "content": {MEDIA_TYPE: {"schema": "Problem", "examples": examples}},
    } | ({"headers": headers} if headers else {})


def described(problems: Iterable[dict[str, Any]]) -> str:
    lines = [
        f"`{problem['code']}`: {SHAPE.sub('…', problem['detail'])}"
        for problem in problems
    ]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
