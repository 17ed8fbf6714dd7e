"""pydantic: names of version 1 that version 2 refuses in words of its own.

Source: pydantic/_migration.py, whose tables are read from the installed release.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Unknown, Value
from seatrial.libraries.world import World
from seatrial.project.packages import Packages

_ERROR = "pydantic.errors.PydanticImportError"
_LINK = "https://pydantic.dev/docs/validation/{version}/migration/"


def gone(packages: Packages, module: str, name: str) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
    """What `pydantic.<module>` raises for a name that was moved out or removed."""
    spec = packages.finder.resolve("pydantic._migration")
    if spec is None or spec.origin is None or packages.has(module, name) is True:
        return None
    asked = f"{module}:{name}"
    if asked == "pydantic:BaseSettings":
        text = "`BaseSettings` has been moved to the `pydantic-settings` package. "
        return _refused(
            packages, text, "basesettings-has-moved-to-pydantic-settings", ("moved_to", "pydantic_settings")
        )
    tables = _tables(spec.origin)
    if asked in tables.get("REMOVED_IN_V2", ()):
        return _ERROR, f"`{asked}` has been removed in V2." + _further(packages, "import-error"), ()
    return None


def _refused(
    packages: Packages, text: str, anchor: str, *details: tuple[str, str]
) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    link = _LINK.format(version=_minor(packages)) + f"#{anchor}"
    return _ERROR, f"{text}See {link} for more details." + _further(packages, "import-error"), details


def _further(packages: Packages, code: str) -> str:
    return f"\n\nFor further information visit https://errors.pydantic.dev/{_minor(packages)}/u/{code}"


def _minor(packages: Packages) -> str:
    known, value = packages.constant("pydantic.version", "VERSION")
    text = value if known and isinstance(value, str) else "2"
    return ".".join(text.split(".")[:2])


@lru_cache
def _tables(path: Path) -> dict[str, frozenset[str]]:
    """The literal tables of the migration module, by name."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            keys = node.value.keys if isinstance(node.value, ast.Dict) else getattr(node.value, "elts", [])
            found[node.targets[0].id] = frozenset(k.value for k in keys if isinstance(k, ast.Constant))
    return found


def field(world: World, call: LibraryCall) -> Value:
    """`Field(default=..., ...)`: kept with its arguments for whoever reads the class."""
    arguments: dict[str, Value] = dict(call.kwargs)
    if call.args:
        arguments["default"] = call.args[0]
    return Unknown("pydantic.Field", arguments)


LIBRARY = Library("pydantic", "pydantic", calls={"pydantic.Field": field}, gone=gone)
