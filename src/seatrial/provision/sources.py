"""Releases that exist as source only: their Python files, laid out for reading without running a line of their set-up.

An index lists for each release where its source archive is. Its modules are copied, with the metadata that the
archive states in plain text, into a wheel of our own in the cache, which uv then takes like any other. What would
have to be compiled is missing from it, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.provision import cache
from seatrial.provision.archives import read_archive
from seatrial.provision.distributions import normalise
from seatrial.provision.generated import cython_of
from seatrial.provision.repacking import repack
from seatrial.provision.setup_code import asks_for, goes_on_without

_GROUP = "sources-4"
_SECONDS = 15.0
_LARGEST = 80 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceRelease:
    """One release made readable. `folder` holds the wheel; `compiled`: parts of it are missing, being C or Rust.

    `cython` is the version of Cython that generated its C code, "" where none did; `setup` are the modules that its
    `setup.py` imports and that some Pythons lack; `optional` says that it installs without what does not compile.
    """

    name: str
    version: str
    folder: Path
    compiled: bool
    cython: str = ""
    setup: tuple[str, ...] = ()
    optional: bool = False


def source_release(lock: str) -> SourceRelease | None:
    """Make the release that a pylock.toml of one package names readable; None where its source cannot be had."""
    package = _package(lock)
    sdist = package.get("sdist") if package else None
    if package is None or not isinstance(sdist, dict) or not isinstance(sdist.get("url"), str):
        return None
    name, version = normalise(str(package["name"])), str(package["version"])
    sha256 = str(sdist.get("hashes", {}).get("sha256", ""))
    key = cache.digest(name, version, sha256 or sdist["url"])
    known = cache.read_entry(_GROUP, key)
    folder = cache.cache_directory() / _GROUP / key
    if known is not None and any(folder.glob("*.whl")):
        setup = tuple(map(str, known.get("setup", ())))
        compiled, optional = bool(known.get("compiled")), bool(known.get("optional"))
        return SourceRelease(name, version, folder, compiled, str(known.get("cython", "")), setup, optional)
    return _make(name, version, sdist["url"], sha256, key)


def _package(lock: str) -> Mapping[str, Any] | None:
    import tomllib

    try:
        packages = tomllib.loads(lock).get("packages")
    except tomllib.TOMLDecodeError:
        return None
    if not isinstance(packages, list) or len(packages) != 1:
        return None
    package = packages[0]
    return package if isinstance(package, dict) and {"name", "version"} <= package.keys() else None


def _make(name: str, version: str, url: str, sha256: str, key: str) -> SourceRelease | None:
    raw = _fetched(url, sha256)
    members = read_archive(raw, url) if raw is not None else None
    if not members:
        return None
    folder = cache.cache_directory() / _GROUP / key
    with cache.scratch() as aside:
        made = aside / "wheel"
        made.mkdir()
        compiled = repack(members, name, version, made)
        if compiled is None:
            return None
        cache.publish(made, folder)
    cython, setup, optional = cython_of(members), asks_for(members), goes_on_without(members)
    cache.write_entry(_GROUP, key, {"compiled": compiled, "cython": cython, "setup": setup, "optional": optional})
    return SourceRelease(name, version, folder, compiled, cython, setup, optional)


def _fetched(url: str, sha256: str) -> bytes | None:
    """The bytes behind an index's link, if they are what the index says they are."""
    import hashlib
    import urllib.error
    import urllib.request

    if not re.match(r"https?://", url):
        return None
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            raw: bytes = answer.read(_LARGEST + 1)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    if len(raw) > _LARGEST or (sha256 and hashlib.sha256(raw).hexdigest() != sha256):
        return None
    return raw
