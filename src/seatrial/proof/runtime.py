"""The interpreter and the packages a backend is started with, made visible to a confined process.

An environment of the backend's own is used where it lies. A folder of packages resolved for it gets what a virtual
environment is: a `pyvenv.cfg` and an interpreter beside a `site-packages`; made for the start, gone after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seatrial.proof.values import EnvironmentLike

SYSTEM = tuple(Path(name) for name in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc", "/nix", "/gnu"))


@dataclass(frozen=True, slots=True)
class Runtime:
    """How to run Python for the backend.

    `visible` are folders that the process has to see: (real path, path it goes by). `symlinks` and `made` (path to
    content) are to be created, `programs` is the folder for PATH.
    """

    python: str
    programs: str
    visible: tuple[tuple[str, str], ...]
    symlinks: tuple[tuple[str, str], ...] = ()
    made: tuple[tuple[str, bytes], ...] = ()


def runtime(environment: EnvironmentLike, root: Path, spot: str) -> Runtime:
    """How to start this environment's Python; `spot` is a folder where an environment may be made."""
    executable = Path(environment.interpreter.executable)
    site = [Path(entry) for entry in environment.site]
    own = next((home for entry in site if (home := _venv_of(entry))), None)
    if own is not None and os.access(own / "bin" / "python", os.X_OK):
        return _as_it_lies(own / "bin" / "python", [own, *site], root)
    if not site or _belongs(site[0], executable):
        return _as_it_lies(executable, site, root)
    return _made(environment, executable, site, root, spot)


def _venv_of(site: Path) -> Path | None:
    """The virtual environment that a site-packages folder is part of."""
    return next((home for home in site.parents[:3] if (home / "pyvenv.cfg").is_file()), None)


def _belongs(site: Path, executable: Path) -> bool:
    return site.resolve().is_relative_to(executable.resolve().parent.parent)


def _as_it_lies(python: Path, folders: Iterable[Path], root: Path) -> Runtime:
    hops, real = _hops(python)
    seen = shown([real.parent.parent, *folders], root)
    inside = tuple((path, target) for path, target in hops if not _covered(Path(path), [Path(at) for _, at in seen]))
    return Runtime(str(python), str(python.parent), seen, inside)


def _hops(python: Path) -> tuple[list[tuple[str, str]], Path]:
    """The chain of links that leads to the real interpreter."""
    hops: list[tuple[str, str]] = []
    here = Path(os.path.realpath(python.parent)) / python.name
    while here.is_symlink() and len(hops) < 40:
        target = os.readlink(here)
        hops.append((str(here), target))
        following = here.parent / target
        here = Path(os.path.realpath(following.parent)) / following.name
    return hops, here


def _covered(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def shown(folders: Iterable[Path], root: Path) -> tuple[tuple[str, str], ...]:
    """The folders to show, outermost first, none inside another; each by its real path and the path it is called by."""
    pairs = {(os.path.realpath(folder), at) for folder in folders if folder.exists() for at in _names(folder)}
    chosen: list[tuple[str, str]] = []
    for real, at in sorted(pairs, key=lambda pair: len(pair[1])):
        covered = [*SYSTEM, *(Path(chosen_at) for _, chosen_at in chosen)]
        sources = Path(at).is_relative_to(root) and _venv_of(Path(at) / "x") is None
        if not _covered(Path(at), covered) and not sources and at != "/":
            chosen.append((real, at))
    return tuple(chosen)


def _names(folder: Path) -> set[str]:
    return {os.path.abspath(folder), os.path.realpath(folder)}


def _made(environment: EnvironmentLike, executable: Path, site: list[Path], root: Path, spot: str) -> Runtime:
    """A virtual environment made of links."""
    major, minor, _ = environment.interpreter.version
    home, packages = Path(spot) / "venv", Path(spot) / "venv" / "lib" / f"python{major}.{minor}" / "site-packages"
    _, real = _hops(executable)
    seen = shown([real.parent.parent, *site], root)
    config = f"home = {real.parent}\ninclude-system-site-packages = false\nversion = {major}.{minor}\n".encode()
    made = [(f"{home}/pyvenv.cfg", config)]
    links = [(f"{home}/bin/{name}", str(real)) for name in ("python", "python3", f"python{major}.{minor}")]
    if len(site) == 1:
        links.append((str(packages), str(site[0])))
    else:
        lines = "".join(f"import site; site.addsitedir({str(entry)!r})\n" for entry in site)
        made.append((f"{packages}/_seatrial.pth", lines.encode()))
    return Runtime(f"{home}/bin/python", f"{home}/bin", seen, (*links,), tuple(made))
