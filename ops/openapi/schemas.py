"""From marshmallow to JSON Schema: what apispec does not know about our schemas."""

import inspect
from importlib import import_module
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin, OpenAPIConverter
from marshmallow import Schema, fields, missing

from common.pages import Cursor
from common.schemas import Id, Moment, MoneyDraft
from ops.openapi.components import QUERY
from ops.openapi.examples import VIEWS
from order_service.schemas import FulfilmentView, PaymentView
from user_service.schemas import Password

HOMES = {"common": "common.pages"}
FORMATS = {
    Id: ("string", "uuid"),
    Moment: ("string", "date-time"),
    Cursor: ("string", None),
    Password: ("string", "password"),
    fields.Enum: ("string", None),
    fields.URL: ("string", "uri"),
}
# What a view makes by a method of its own has no field that would tell its type.
METHODS = {
    "dump_fulfilments": fields.List(fields.Nested(FulfilmentView)),
    "dump_payment": fields.Nested(PaymentView),
}


class Converter(OpenAPIConverter):
    field_mapping = OpenAPIConverter.field_mapping | FORMATS

    def schema2jsonschema(self, schema: Schema) -> dict[str, Any]:
        described = super().schema2jsonschema(schema)
        name = component_name(schema)
        if type(schema).__name__ == f"{name}View":
            described = grown(described)
        words = vars(type(schema)).get("__doc__")
        told = {"description": inspect.cleandoc(words)} if words else {}
        shown = {"examples": [VIEWS[name]]} if name in VIEWS else {}
        return told | described | shown

    def schema2parameters(self, schema: Any, **options: Any) -> list[dict[str, Any]]:
        found = super().schema2parameters(schema, **options)
        return [
            about(parameter["name"])
            | parameter
            | {"schema": without_null(parameter["schema"])}
            for parameter in found
        ]

    def field2property(self, field: fields.Field) -> dict[str, Any]:
        if isinstance(field, fields.Method):
            field = METHODS[str(field.serialize_method_name)]
        return super().field2property(field)

    def field2default(self, field: fields.Field, **_: Any) -> dict[str, Any]:
        default = field.load_default
        silent = default is missing or default is None or callable(default)
        return {} if silent else {"default": default}

    def field2choices(self, field: fields.Field, **options: Any) -> dict[str, Any]:
        found = super().field2choices(field, **options)
        return {name: sorted(choices) for name, choices in found.items()}

    def field2length(self, field: fields.Field, **options: Any) -> dict[str, Any]:
        found = super().field2length(field, **options)
        if not isinstance(field, fields.Dict):
            return found
        return {name.replace("Length", "Properties"): n for name, n in found.items()}

    def field2pattern(self, field: fields.Field, **options: Any) -> dict[str, Any]:
        found = super().field2pattern(field, **options)
        return {name: ecma(pattern) for name, pattern in found.items()}

    def dict2properties(self, field: fields.Field, **options: Any) -> dict[str, Any]:
        found = super().dict2properties(field, **options)
        keys = getattr(field, "key_field", None)
        if keys and keys.validators:
            found["propertyNames"] = self.field2property(keys)
        return found


class Plugin(MarshmallowPlugin):
    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=component_name)


def schema_class(name: str) -> type[Schema]:
    """The class behind a name such as ``order_service.OrderDraft``."""
    service, _, class_name = name.partition(".")
    return getattr(import_module(HOMES.get(service, f"{service}.schemas")), class_name)


def component_name(schema: Any) -> str:
    """A client reads an ``Order``; that we call it a view is our own business."""
    cls = schema if isinstance(schema, type) else type(schema)
    return "Money" if cls is MoneyDraft else cls.__name__.removesuffix("View")


def about(parameter: str) -> dict[str, str]:
    found = QUERY.get(parameter)
    return {"description": found} if found else {}


def grown(described: dict[str, Any]) -> dict[str, Any]:
    """A view has all its fields, and may have more of them next year."""
    whole = described | {"required": list(described["properties"])}
    whole.pop("additionalProperties")
    return whole


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """There is no null in a query string."""
    types = schema.get("type")
    if isinstance(types, list):
        schema = schema | {"type": types[0]}
    if "enum" in schema:
        schema = schema | {"enum": [one for one in schema["enum"] if one is not None]}
    return schema


def ecma(pattern: str) -> str:
    r"""Python's ``\Z`` is a plain Z to everybody else."""
    return pattern.replace(r"\Z", "$")
