"""A JSON document whose parts refer to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Document:
    content: Mapping[str, Any] = field(default_factory=dict)

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference stands for; everything else stands for itself."""
        while "$ref" in node:
            found: Any = self.content
            for name in node["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            node = found
        return node
