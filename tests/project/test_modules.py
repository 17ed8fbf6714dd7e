"""The finder against CPython's own import system, on random directory trees and on this interpreter's libraries."""

from __future__ import annotations

import importlib.machinery
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.project.modules import Finder, Spec, extension_suffixes

SUFFIXES = importlib.machinery.EXTENSION_SUFFIXES
NAMES = ["a", "b", "A", "__init__"]
FILE_ENDS = [*SUFFIXES, ".py", ".pyc", ".pyi", ".PY", ".pyd", ".txt", ".cpython-36m-x86_64-linux-gnu.so", ""]

leaves = st.tuples(st.sampled_from(NAMES), st.sampled_from(FILE_ENDS)).map("".join)
folders = st.sampled_from(["a", "b", "A", "c", "a.py", "__init__.py", "b.so", "__pycache__"])
places = st.tuples(st.lists(folders, max_size=3), leaves).map(lambda parts: "/".join([*parts[0], parts[1]]))
trees = st.lists(places, max_size=14)
links = st.lists(st.tuples(places, st.sampled_from(["a", "b/a", "a.py", "nowhere", "."])), max_size=2)
names = st.lists(st.sampled_from(["a", "b", "A", "c", "__init__", "__pycache__"]), min_size=1, max_size=3).map(".".join)


def make_tree(root: Path, files: Sequence[str], symlinks: Sequence[tuple[str, str]] = ()) -> None:
    """Files and links that collide with an earlier one are left out: any tree at all is a fair question."""
    for name in files:
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        except OSError:
            continue
    for name, target in symlinks:
        try:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(root / target)
        except OSError:
            continue


@contextmanager
def parents_imported() -> Iterator[None]:
    before = dict(sys.modules)
    try:
        yield
    finally:  # whoever runs next in this process imports the real ones
        for name in set(sys.modules) - set(before):
            del sys.modules[name]
        sys.modules.update(before)


def ask_cpython(name: str, path: list[str]) -> tuple[str | None, list[str] | None] | None:
    """Origin and `__path__` that CPython gives the module, parents found first as an import would."""
    search = path
    found: importlib.machinery.ModuleSpec | None = None
    parts = name.split(".")
    with parents_imported():  # a namespace's `__path__` asks sys.modules for its parent
        for index in range(len(parts)):
            found = importlib.machinery.PathFinder.find_spec(".".join(parts[: index + 1]), search)
            if found is None or (found.submodule_search_locations is None and index + 1 < len(parts)):
                return None
            if found.submodule_search_locations is not None:
                search = list(found.submodule_search_locations)
                sys.modules[found.name] = ModuleType(found.name)
                sys.modules[found.name].__path__ = search
    assert found is not None
    return found.origin, None if found.submodule_search_locations is None else search


def plain(spec: Spec | None) -> tuple[str | None, list[str] | None] | None:
    if spec is None:
        return None
    origin = None if spec.origin is None else str(spec.origin)
    return origin, [str(entry) for entry in spec.search] if spec.is_package else None


@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(trees, min_size=1, max_size=3), links, st.lists(names, min_size=1, max_size=8))
def test_finds_what_cpython_finds(entries: list[list[str]], symlinks: list[tuple[str, str]], wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        roots = [Path(temporary, str(index)) for index in range(len(entries))]
        for root, files in zip(roots, entries, strict=True):
            make_tree(root, files, symlinks)  # a root without files is an entry that does not exist
        path = [str(root) for root in roots]
        finder = Finder(roots, frozenset(), version=sys.version_info[:2])
        for name in wanted:
            assert plain(finder.resolve(name)) == ask_cpython(name, path), name
        for seen in [seen for seen in sys.path_importer_cache if str(seen).startswith(temporary)]:
            del sys.path_importer_cache[seen]


@pytest.mark.parametrize("name", ["json", "json.decoder", "xml.etree.ElementTree", "pytest", "_json", "zlib", "nope"])
def test_finds_the_installed_libraries_of_this_interpreter(name: str) -> None:
    path = [Path(entry) for entry in sys.path if entry]
    finder = Finder(path, frozenset(sys.builtin_module_names), version=sys.version_info[:2])
    spec = finder.resolve(name)
    if name in sys.builtin_module_names:
        assert spec is not None and spec.kind == "builtin"
    else:
        assert plain(spec) == ask_cpython(name, [str(entry) for entry in path])


def test_built_in_modules_come_before_files(tmp_path: Path) -> None:
    make_tree(tmp_path, ["time.py"])
    finder = Finder([tmp_path], frozenset({"time"}))
    assert finder.find("time") == Spec("time", "builtin", None, ())


def test_frozen_modules_are_those_of_the_standard_library(tmp_path: Path) -> None:
    make_tree(tmp_path, ["stat.py", "colorsys.py"])
    stdlib = Path(os.__file__).parent
    finder = Finder([tmp_path, stdlib], frozenset(), version=(3, 12), stdlib=[stdlib])
    frozen, shadowed = finder.find("stat"), finder.find("colorsys")
    assert frozen is not None and frozen.origin == stdlib / "stat.py"
    assert shadowed is not None and shadowed.origin == tmp_path / "colorsys.py"
    command = [sys.executable, "-c", "import stat, colorsys; print(stat.__spec__.origin, colorsys.__file__)"]
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert output.split() == ["frozen", str(tmp_path / "colorsys.py")]


def interpreters() -> list[str]:
    pyenv = Path.home() / ".pyenv" / "versions"
    places = [*(shutil.which(f"python3.{minor}") for minor in range(8, 15)), *map(str, pyenv.glob("3.*/bin/python"))]
    return [sys.executable, *(place for place in places if place)]


@pytest.mark.parametrize("executable", interpreters())
def test_extension_suffixes_are_those_of_each_interpreter_here(executable: str) -> None:
    code = "import sys, importlib.machinery as m; print(*sys.version_info[:2], sys.platform, *m.EXTENSION_SUFFIXES)"
    run = subprocess.run([executable, "-c", code], capture_output=True, text=True, check=False)
    major, minor, platform, *suffixes = (run.stdout or "0 0 - ").split()
    if (int(major), int(minor)) < (3, 8):
        pytest.skip("older than any backend that is supported, or not a working interpreter")
    assert extension_suffixes((int(major), int(minor)), platform) == tuple(suffixes)


def test_an_archive_on_the_path_is_noted_not_searched(tmp_path: Path) -> None:
    (tmp_path / "lib.zip").write_bytes(b"PK")
    assert Finder([tmp_path / "lib.zip", tmp_path], frozenset()).archives == (tmp_path / "lib.zip",)


def test_names_of_a_file_are_those_that_an_import_can_use(tmp_path: Path) -> None:
    make_tree(tmp_path, ["src/app/__init__.py", "src/app/models.py", "src/app/my-script.py", "app.py", "src/json.py"])
    finder = Finder([tmp_path, tmp_path / "src"], frozenset())
    assert finder.names_of(tmp_path / "src/app/models.py") == ("src.app.models",)  # `app` is app.py, found first
    assert finder.candidates(tmp_path / "src/app/models.py") == ("src.app.models", "app.models")
    assert finder.names_of(tmp_path / "src/app/__init__.py") == ("src.app",)
    assert finder.names_of(tmp_path / "src/json.py") == ("src.json", "json")
    assert finder.names_of(tmp_path / "src/app/my-script.py") == ()
    assert finder.names_of(tmp_path.parent / "elsewhere.py") == ()


def test_children_lists_what_a_package_holds(tmp_path: Path) -> None:
    make_tree(tmp_path, ["app/__init__.py", "app/models.py", "app/api/routes.py", "app/notes.txt", "app/types.pyi"])
    finder = Finder([tmp_path], frozenset())
    package = finder.find("app")
    assert package is not None
    children = finder.children(package.search)
    assert {name: spec.kind for name, spec in children.items()} == {
        "__init__": "module",
        "models": "module",
        "api": "namespace",
    }
