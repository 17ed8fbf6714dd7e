"""The files of a source archive, read in memory: nothing is unpacked to a path that the archive chooses."""

from __future__ import annotations

import contextlib
import io
import lzma
import tarfile
import zipfile
import zlib

_LARGEST_FILE = 4 * 1024 * 1024
_LARGEST_ALL = 200 * 1024 * 1024


def read_archive(raw: bytes, name: str) -> dict[str, bytes]:
    """Path -> content of the regular files, without the archive's own top folder; empty for what is no archive."""
    with contextlib.suppress(tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, zlib.error, lzma.LZMAError):
        return _from_zip(raw) if name.endswith(".zip") else _from_tar(raw)
    return {}


def _from_tar(raw: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = _LARGEST_ALL
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isreg() and member.size <= _LARGEST_FILE else None
            left -= member.size
            if left < 0:
                break
            if stream is not None and (path := _inner(member.name)):
                found[path] = stream.read()
    return found


def _from_zip(raw: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = _LARGEST_ALL
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for member in archive.infolist():
            left -= member.file_size
            if left < 0:
                break
            if not member.is_dir() and member.file_size <= _LARGEST_FILE and (path := _inner(member.filename)):
                found[path] = archive.read(member)
    return found


def _inner(name: str) -> str:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts[1:])
