"""Catalogues of the tests' own, beside that of the running service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.ids import new_id
from product_service.storage import schema
from product_service.storage.provider import connect


@contextmanager
def a_catalogue(stack: Any) -> Iterator[Any]:
    """Its collections, as `shopnow migrate` makes them, which go with the test."""
    uri = stack.environment("product_service")["PRODUCT_MONGO_URI"]
    with connect(uri) as client:
        own = Part(client.get_default_database(), f"t{new_id()[-12:]}_", uri)
        schema.migrate(own)  # type: ignore[arg-type]
        yield own
        own.drop()


class Part:
    """A part of a database, whose collections have names of their own."""

    def __init__(self, database: Any, prefix: str, uri: str = "") -> None:
        self.database, self.prefix, self.uri = database, prefix, uri
        self.client, self.codec_options = database.client, database.codec_options

    def __getattr__(self, name: str) -> Any:
        return self.database[self.prefix + name]

    __getitem__ = __getattr__

    def list_collection_names(self) -> list[str]:
        found = self.database.list_collection_names()
        return [n.removeprefix(self.prefix) for n in found if n.startswith(self.prefix)]

    def create_collection(self, name: str) -> None:
        self.database.create_collection(self.prefix + name)

    def command(self, command: Any, *names: str, **options: Any) -> Any:
        own = [self.prefix + name for name in names]
        return self.database.command(command, *own, **options)

    def drop(self) -> None:
        for name in self.list_collection_names():
            self[name].drop()
