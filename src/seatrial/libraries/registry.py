"""All libraries that something is known of: every module of this folder with a `LIBRARY`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import seatrial.libraries
from seatrial.libraries.behaviour import Library


@cache
def libraries() -> tuple[Library, ...]:
    """Every `LIBRARY`, in the order of the file names."""
    found = []
    for info in pkgutil.iter_modules(seatrial.libraries.__path__):
        module = importlib.import_module(f"seatrial.libraries.{info.name}")
        if isinstance(getattr(module, "LIBRARY", None), Library):
            found.append(module.LIBRARY)
    return tuple(found)
