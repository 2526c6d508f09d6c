"""What a client of the API would trip over, from one OpenAPI document to the next.

Whatever was marked `deprecated` may go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.compatibility.references import Document
from ops.compatibility.schema import Comparison
from ops.compatibility.words import ASKED, GIVEN, told

METHODS = ("get", "post", "put", "patch", "delete")
FIRST_REFUSAL = "300"


@dataclass(frozen=True)
class Contracts:
    """Of what clients know, and of what is to come."""

    before: Document
    after: Document

    def breaks(self) -> Iterator[str]:
        known, now = operations(self.before), operations(self.after)
        for name, operation in known.items():
            if name in now:
                for why in self.operation(operation, now[name]):
                    yield f"{name}: {why}"
            elif not operation.get("deprecated"):
                yield f"{name}: is gone, and was not deprecated before"

    def operation(
        self, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"operationId is {new.get('operationId')}: clients are made from it"
        yield from self.security(old, new)
        yield from self.parameters(old, new)
        yield from self.body(old.get("requestBody", {}), new.get("requestBody", {}))
        yield from self.responses(old["responses"], new["responses"])

    def security(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        ways = new.get("security") or [{}]
        for known in old.get("security") or [{}]:
            if not any(suffices(known, way) for way in ways):
                yield f"{credentials(known)} no longer suffices"

    def parameters(
        self, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        ours, theirs = self.named(self.before, old), self.named(self.after, new)
        for name, parameter in ours.items():
            if name in theirs:
                schemas = parameter["schema"], theirs[name]["schema"]
                yield from self.asked(name, *schemas)
            elif not parameter.get("deprecated"):
                yield f"parameter {name} is gone, and was not deprecated before"
        for name, parameter in theirs.items():
            was = ours.get(name, {}).get("required", False)
            if parameter.get("required") and not was:
                yield f"parameter {name} is required now"

    def named(self, document: Document, operation: Mapping[str, Any]) -> dict[str, Any]:
        found = map(document.resolve, operation.get("parameters", ()))
        return {f"{each['in']} {each['name']}": dict(each) for each in found}

    def body(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        old, new = self.before.resolve(old), self.after.resolve(new)
        if new.get("required") and not old.get("required"):
            yield "a body is required now"
        theirs = new.get("content", {})
        for media, known in old.get("content", {}).items():
            if media in theirs:
                yield from self.asked("body", known["schema"], theirs[media]["schema"])
            else:
                yield f"a body may no longer be {media}"

    def responses(
        self, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        for status in sorted(new.keys() - old.keys()):
            if status < FIRST_REFUSAL:
                yield f"may answer {status} now"
        for status, known in old.items():
            if status in new:
                for why in self.response(known, new[status]):
                    yield f"{status}: {why}"
            elif status < FIRST_REFUSAL:
                yield f"never answers {status} any more"

    def response(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        old, new = self.before.resolve(old), self.after.resolve(new)
        for name in sorted(
            old.get("headers", {}).keys() - new.get("headers", {}).keys()
        ):
            yield f"header {name} is gone"
        theirs = new.get("content", {})
        for media, known in old.get("content", {}).items():
            if media not in theirs:
                yield f"is no longer {media}"
            elif "schema" in known:
                gaps = Comparison(self.after, self.before, tolerant=True).gaps(
                    theirs[media].get("schema", {}), known["schema"]
                )
                yield from told(GIVEN, "answer", gaps)

    def asked(
        self, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[str]:
        gaps = Comparison(self.before, self.after).gaps(old, new)
        yield from told(ASKED, name, gaps)


def operations(document: Document) -> dict[str, Mapping[str, Any]]:
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in document.content["paths"].items()
        for method in METHODS
        if method in item
    }


def suffices(known: Mapping[str, Any], way: Mapping[str, Any]) -> bool:
    """Whether who has what was asked for has what is asked for."""
    return all(
        scheme in known and {*scopes} <= {*known[scheme]}
        for scheme, scopes in way.items()
    )


def credentials(known: Mapping[str, Any]) -> str:
    if not known:
        return "no token at all"
    return " and ".join(
        f"{name} with {', '.join(scopes) or 'any role'}"
        for name, scopes in known.items()
    )
