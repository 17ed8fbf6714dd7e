"""pydantic: `Field`, and the words with which version 2 refuses names of version 1.

Source: pydantic 2.14, `_migration.py` and `errors.PydanticErrorMixin.__str__`.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Unknown, Value
from seatrial.libraries.world import World


def words(exception: str, message: str, release: tuple[int, ...]) -> str:
    """`str()` of an exception that `pydantic` raises for a name that moved or went."""
    if not exception.endswith(".PydanticImportError"):
        return message
    minor = ".".join(str(part) for part in release[:2])
    return f"{message}\n\nFor further information visit https://errors.pydantic.dev/{minor}/u/import-error"


def field(world: World, call: LibraryCall) -> Value:
    """`Field(default=..., ...)`: kept with its arguments for whoever reads the class."""
    arguments: dict[str, Value] = dict(call.kwargs)
    if call.args:
        arguments["default"] = call.args[0]
    return Unknown("pydantic.Field", arguments)


LIBRARY = Library("pydantic", "pydantic", calls={"pydantic.Field": field}, words=words)
