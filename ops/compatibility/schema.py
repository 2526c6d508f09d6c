"""What one JSON Schema takes and another does not, keyword by keyword.

It knows the keywords that our schemas use, and says so of any other that differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.compatibility.references import Document

Schema = Mapping[str, Any]
ANY = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
SAME = ("pattern", "format", "multipleOf", "uniqueItems", "oneOf", "anyOf", "allOf")


@dataclass(frozen=True)
class Gap:
    """``path`` leads to what ``wide`` allows and ``narrow`` does not."""

    path: str
    kind: str
    what: str


@dataclass(frozen=True)
class Comparison:
    """``tolerant``: whoever expects ``narrow`` does not mind a property more."""

    wide: Document
    narrow: Document
    tolerant: bool = False

    def gaps(
        self,
        wide: Schema,
        narrow: Schema,
        path: str = "",
        seen: frozenset = frozenset(),
    ) -> Iterator[Gap]:
        pair = (wide.get("$ref"), narrow.get("$ref"))
        if any(pair):
            if pair in seen:
                return
            seen |= {pair}
        wide, narrow = self.wide.resolve(wide), self.narrow.resolve(narrow)
        common = types(wide) & types(narrow)
        for kind in sorted(types(wide) - types(narrow)):
            yield Gap(path, "type", kind)
        yield from values(wide, narrow, path)
        yield from bounds(wide, narrow, path)
        yield from self.properties(wide, narrow, path, seen)
        for word, inner in (("items", "array"), ("propertyNames", "object")):
            if inner in common and word in narrow:
                below = f"{path}[]" if word == "items" else f"{path}{{}}"
                yield from self.gaps(wide.get(word, {}), narrow[word], below, seen)

    def properties(
        self, wide: Schema, narrow: Schema, path: str, seen: frozenset
    ) -> Iterator[Gap]:
        ours, theirs = wide.get("properties", {}), narrow.get("properties", {})
        rest = narrow.get("additionalProperties", True)
        for name, inner in ours.items():
            below = f"{path}.{name}" if path else name
            if name in theirs:
                yield from self.gaps(inner, theirs[name], below, seen)
            elif rest is False and not self.tolerant:
                yield Gap(below, "property", name)
        missing = {*narrow.get("required", ())} - {*wide.get("required", ())}
        for name in sorted(missing):
            yield Gap(f"{path}.{name}" if path else name, "required", name)
        yield from self.others(wide, rest, path, seen)

    def others(
        self, wide: Schema, rest: Any, path: str, seen: frozenset
    ) -> Iterator[Gap]:
        """Properties by names that no schema lists."""
        ours = wide.get("additionalProperties", True)
        if "object" not in types(wide) or ours is False:
            return
        if rest is False:
            if not self.tolerant:
                yield Gap(path, "property", "others than those named")
        elif rest is not True:
            yield from self.gaps(
                {} if ours is True else ours, rest, f"{path}{{}}", seen
            )


def types(schema: Schema) -> frozenset[str]:
    said = schema.get("type")
    if said is None:
        return ANY
    found = {said} if isinstance(said, str) else set(said)
    return frozenset(found | {"integer"} if "number" in found else found)


def values(wide: Schema, narrow: Schema, path: str) -> Iterator[Gap]:
    ours, theirs = allowed(wide), allowed(narrow)
    if theirs is None:
        return
    if ours is None:
        yield Gap(path, "value", f"others than {', '.join(map(str, theirs))}")
        return
    for value in ours:
        if value not in theirs:
            yield Gap(path, "value", str(value))


def allowed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def bounds(wide: Schema, narrow: Schema, path: str) -> Iterator[Gap]:
    for words, sign in ((LEAST, 1), (MOST, -1)):
        for word in words:
            ours, theirs = wide.get(word), narrow.get(word)
            if theirs is not None and (ours is None or sign * ours < sign * theirs):
                yield Gap(path, "bound", f"{word} {theirs}")
    for word in SAME:
        if word in narrow and wide.get(word) != narrow[word]:
            yield Gap(path, "form", f"{word} {narrow[word]}")
