"""What a gap between two schemas means to whoever sends, and to whoever gets."""

from collections.abc import Iterator, Mapping

from ops.compatibility.schema import Gap

# Of what a client sends, and of what it gets.
ASKED = {
    "type": "{path} may no longer be a {what}",
    "value": "{path} may no longer be {what}",
    "bound": "{path} has to keep to {what} now",
    "form": "{path} has to keep to {what} now",
    "property": "{path} is no longer known",
    "required": "{path} has to be there now",
}
GIVEN = {
    "type": "{path} may be a {what} now",
    "value": "{path} may be {what} now",
    "bound": "{path} no longer keeps to {what}",
    "form": "{path} no longer keeps to {what}",
    "property": "{path} is new",
    "required": "{path} may be missing now",
}


def told(words: Mapping[str, str], name: str, gaps: Iterator[Gap]) -> Iterator[str]:
    for gap in gaps:
        path = f"{name} {gap.path}".strip()
        yield words[gap.kind].format(path=path, what=gap.what)
