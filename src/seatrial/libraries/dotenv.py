"""python-dotenv: `load_dotenv` puts the variables of a file into the environment of the process.

Source: python-dotenv 1.2, `dotenv.main.find_dotenv`, `load_dotenv`, `dotenv_values`.
"""

from __future__ import annotations

import posixpath

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Undecided, Value
from seatrial.libraries.world import World
from seatrial.project.dotenv import values as dotenv_values


def find(world: World, name: str = ".env") -> str:
    """`find_dotenv()`: the nearest file of this name from the calling file's folder upwards; "" where there is none."""
    folder = world.folder_of_caller()
    while True:
        path = posixpath.join(folder, name)
        if world.read_text(path) is not None:
            return path
        above = posixpath.dirname(folder)
        if above == folder:
            return ""
        folder = above


def variables(world: World, path: Value) -> dict[str, str]:
    """The variables of a dotenv file; those without a value left out."""
    if path is None or path == "":
        path = find(world)
    try:
        text = world.read_text(str(path)) if path else None
    except Undecided:
        raise
    return (
        {} if text is None else {k: v for k, v in dotenv_values(text, dict(world.environment)).items() if v is not None}
    )


def load(world: World, call: LibraryCall) -> Value:
    """`load_dotenv(dotenv_path=None, ..., override=False)`."""
    found = variables(world, call.argument(0, "dotenv_path"))
    override = call.argument(3, "override", False) is True
    for name, value in found.items():
        if override or name not in world.environment:
            world.set_variable(name, value)
    return bool(found)


def values(world: World, call: LibraryCall) -> Value:
    """`dotenv_values(dotenv_path=None)`."""
    return variables(world, call.argument(0, "dotenv_path"))


def find_dotenv(world: World, call: LibraryCall) -> Value:
    """`find_dotenv(filename=".env")`."""
    name = call.argument(0, "filename", ".env")
    return find(world, name if isinstance(name, str) else ".env")


LIBRARY = Library(
    "python-dotenv",
    "dotenv",
    calls={"dotenv.load_dotenv": load, "dotenv.dotenv_values": values, "dotenv.find_dotenv": find_dotenv},
)
