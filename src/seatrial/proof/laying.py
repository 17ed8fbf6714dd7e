"""The backend with some files changed, laid out beside it to be read: the backend's own folder is never written.

What stands above it is shown there too: a manifest, a lock file, an example or a compose file may be found there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from seatrial.project.files import Tree
from seatrial.project.manifest.reading import folders_outside

Changes = Mapping[str, bytes | None]  # path -> content after the fixes, None where the file goes


@contextmanager
def laid_out(tree: Tree, changes: Changes) -> Iterator[Path]:
    """The folder with the changes, for reading; the folder itself where there are none."""
    if not changes:
        yield tree.root
        return
    with tempfile.TemporaryDirectory(prefix="seatrial-") as made:
        place = surrounded(tree.root, Path(made).resolve())
        for path in tree.files:
            _copy_file(tree.root / path, place / path)
        for path, content in changes.items():
            _write(place / path, content)
        yield place


def surrounded(root: Path, made: Path) -> Path:
    """Where the copy of `root` goes: as deep below the empty folder `made` as it lies in its repository, or below
    where its manifest may lie without one, with links to all that is beside.
    """
    above = [root.parents[index] for index in range(len(folders_outside(root)))]
    top = above[-1].parent if above else root.parent
    kept = {root, *above}
    for folder in above:
        (made / folder.relative_to(top)).mkdir(parents=True, exist_ok=True)
        for entry in _entries(folder):
            if entry not in kept:
                _link(entry, made / entry.relative_to(top))
    return made / root.relative_to(top)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _link(source: Path, destination: Path) -> None:
    try:
        destination.symlink_to(source)
    except OSError:  # not every system lets everybody make one
        if source.is_file():
            _copy_file(source, destination)


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
