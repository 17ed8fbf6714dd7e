"""The backend with some files changed, laid out beside it to be read: the backend's own folder is never written.

Where it lies inside a repository, what stands above it is shown there too: the papers of the folders above count.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seatrial.project.documents import Documents
from seatrial.project.files import Tree

Changes = Mapping[str, bytes | None]  # path -> content after the fixes, None where the file goes


@contextmanager
def laid_out(tree: Tree, changes: Changes) -> Iterator[Path]:
    """The folder with the changes, for reading; the folder itself where there are none."""
    if not changes:
        yield tree.root
        return
    with tempfile.TemporaryDirectory(prefix="seatrial-") as made:
        place = _surrounded(tree.root, Path(made).resolve())
        for path in tree.files:
            _copy_file(tree.root / path, place / path)
        for path, content in changes.items():
            _write(place / path, content)
        yield place


def _surrounded(root: Path, made: Path) -> Path:
    """Where the copy goes: as deep below `made` as `root` lies in its repository, with links to all that is beside."""
    names = Documents.of(root).above
    if not names:
        return made / root.name
    original = root.resolve().parents[len(names) - 1]
    for name in names:
        for entry in original.iterdir():
            if entry.name != name:
                (made / entry.name).symlink_to(entry)
        original, made = original / name, made / name
        made.mkdir()
    return made


def _copy_file(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, destination)
    except OSError:
        return  # it vanished or cannot be read: the audit of the copy says so


def _write(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
