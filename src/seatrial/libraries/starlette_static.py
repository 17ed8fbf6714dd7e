"""`StaticFiles` looks for its folder where it is made, seen from the working directory.

Source: starlette 0.26 to 1.10, `staticfiles.StaticFiles.__init__`.
"""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.values import ABSENT, Value
from seatrial.libraries.world import World


def static_files(world: World, call: LibraryCall) -> Value:
    """`StaticFiles(directory=..., check_dir=True)`: refuses a folder that is not there; the rest is the player's."""
    folder = call.kwargs.get("directory")
    if not isinstance(folder, str | PurePosixPath) or call.partial or call.kwargs.get("check_dir", True) is not True:
        return ABSENT
    if world.lacks_folder(posixpath.join(str(folder), "file")):
        message = f"Directory '{folder}' does not exist"
        world.refuse("starlette", "no-static-folder", RuntimeError(message), message, str(folder))
    return ABSENT
