"""Small projects on disk, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def make(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below `root`, keyed by relative path; text as UTF-8 with its own line endings."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root
