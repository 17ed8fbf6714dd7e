"""pydantic: `Field`, and the words with which version 2 refuses names of version 1.

Source: pydantic 2.14, `_migration.py` and `errors.PydanticErrorMixin.__str__`.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.pydantic_decorators import computed_field, field_serializer, root_validator
from seatrial.libraries.pydantic_models import made, refuse_type
from seatrial.libraries.pydantic_types import refuse_in_words, refused
from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.libraries.world import World

_REMOVED = ("const", "unique_items", "regex")


def words(exception: str, message: str, release: tuple[int, ...]) -> str:
    """`str()` of an exception that `pydantic` raises for a name that moved or went."""
    if not exception.endswith(".PydanticImportError"):
        return message
    minor = ".".join(str(part) for part in release[:2])
    return f"{message}\n\nFor further information visit https://errors.pydantic.dev/{minor}/u/import-error"


def field(world: World, call: LibraryCall) -> Value:
    """`Field(default=..., ...)`: kept with its arguments for whoever reads the class."""
    arguments = world.bound(call, "default")
    for name in _REMOVED:
        if name in arguments and refuse_in_words(world, "fields", f"`{name}` is removed", subject=name):
            break
    given = arguments.get("default", ...)
    if given is not ... and arguments.get("default_factory") is not None:
        refuse_in_words(world, "fields", "cannot specify both default and default_factory")
    return Unknown("pydantic.Field", arguments)


def type_adapter(world: World, call: LibraryCall) -> Value:
    """`TypeAdapter(kind)`: refuses what a model's field would be refused for."""
    names = world.bound(call, "type")
    found = ABSENT if "config" in names else refused(world, names.get("type"))
    if found is not ABSENT:
        refuse_type(world, found, "")
    return ABSENT


LIBRARY = Library(
    "pydantic",
    "pydantic",
    calls={
        "pydantic.Field": field,
        "pydantic.root_validator": root_validator,
        "pydantic.field_serializer": field_serializer,
        "pydantic.computed_field": computed_field,
        "pydantic.TypeAdapter": type_adapter,
    },
    classes={"pydantic.BaseModel": made},
    lenient=frozenset({"pydantic.Field"}),
    words=words,
)
