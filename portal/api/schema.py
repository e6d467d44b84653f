"""JSON Schemas of the documents, read from their dataclasses (dialect 2020-12, as OpenAPI 3.1)."""

import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]

_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


@dataclass(frozen=True)
class Says:
    """What an ``Annotated`` type adds to the schema of its field; None adds nothing."""

    description: str | None = None
    pattern: str | None = None
    format: str | None = None
    minimum: int | None = None
    maximum: int | None = None

    def onto(self, schema: Schema) -> Schema:
        """A schema with what is said here."""
        return schema | {name: value for name, value in asdict(self).items() if value is not None}


class Schemas:
    """The schemas of dataclasses under their names, each with those it is made of."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of a type; a dataclass is kept under its name and referred to.

        Raises:
            TypeError: the type has no schema here.
        """
        if is_dataclass(hint) and isinstance(hint, type):
            return self._reference(hint)
        if hint in _PLAIN:
            return dict(_PLAIN[hint])
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._annotated(*arguments)
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(argument) for argument in arguments]}
        if origin is tuple:
            return self._tuple(arguments)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        raise TypeError(f"expected a type that has a schema, received {hint}")

    def object(self, kind: type) -> Schema:
        """The schema of a dataclass: every field is there, and no other.

        A field that is None unless it is given is left out where it is not.
        """
        hints = get_type_hints(kind, include_extras=True)
        names = [item.name for item in fields(kind)]
        optional = {item.name for item in fields(kind) if item.default is None}
        hints |= {name: _without_none(hints[name]) for name in optional}
        return {
            "type": "object",
            "description": (kind.__doc__ or "").partition("\n")[0],
            "properties": {name: self.of(hints[name]) for name in names},
            "required": [name for name in names if name not in optional],
            "additionalProperties": False,
        }

    def _reference(self, kind: type) -> Schema:
        name = kind.__name__
        if name not in self.components:
            self.components[name] = {}  # a place, should it hold one of its own kind
            self.components[name] = self.object(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def _annotated(self, hint: Any, *notes: Says) -> Schema:
        schema = self.of(hint)
        for note in notes:
            schema = note.onto(schema)
        return schema

    def _tuple(self, arguments: tuple[Any, ...]) -> Schema:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return {"type": "array", "items": self.of(arguments[0])}
        return {
            "type": "array",
            "prefixItems": [self.of(argument) for argument in arguments],
            "minItems": len(arguments),
            "maxItems": len(arguments),
        }


def _without_none(hint: Any) -> Any:
    kept = [argument for argument in get_args(hint) if argument is not type(None)]
    return Union[tuple(kept)]  # noqa: UP007 -- made of a list
