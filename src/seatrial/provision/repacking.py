"""A source archive's modules and stated metadata as a wheel."""

from __future__ import annotations

import ast
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.provision.distributions import normalise

_COMPILED = (".c", ".cc", ".cpp", ".cxx", ".pyx", ".rs", ".f", ".f90")
_ASIDE = re.compile(r"(tests?|docs?|examples?|benchmarks?|third_party|vendor)/", re.IGNORECASE)
_ROOTS = ("", "src/", "lib/", "python/")
_METADATA_KEPT = re.compile(r"(requires-dist|requires-python|provides-extra|summary):", re.IGNORECASE)


def repack(members: Mapping[str, bytes], name: str, version: str, folder: Path) -> bool | None:
    """Write the wheel into `folder`. True where compiled parts are missing from it, None where it has no modules."""
    modules = _modules(members, name)
    if not modules:
        return None
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    files = {**modules, f"{info}/METADATA": _metadata(members, name, version).encode()}
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: seatrial\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    entry_points = next((raw for path, raw in members.items() if path.endswith(".egg-info/entry_points.txt")), None)
    if entry_points is not None:
        files[f"{info}/entry_points.txt"] = entry_points
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, raw in files.items():
            wheel.writestr(path, raw)
        wheel.writestr(f"{info}/RECORD", record)
    return any(path.endswith(_COMPILED) and not _ASIDE.match(path) for path in members)


def _modules(members: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """The files to import, by the path that an installation gives them."""
    found: dict[str, bytes] = {}
    tops = _top_level(members, name)
    for top in tops:
        found |= _below(members, top, _ROOTS)
    if not found and len(tops) == 1:
        # `package_dir = {"psycopg2": "lib"}`: the one package is in a folder of another name.
        for folder in ("lib", "src", "python"):
            if f"{folder}/__init__.py" in members:
                return _moved(members, f"{folder}/", f"{tops[0]}/")
    return found


def _top_level(members: Mapping[str, bytes], name: str) -> list[str]:
    stated = next((raw for path, raw in members.items() if path.endswith(".egg-info/top_level.txt")), b"")
    names = [part for part in stated.decode("utf-8", "replace").split() if part.isidentifier()]
    folder = name.replace("-", "_")
    guesses = [folder, folder.removeprefix("python_"), name.replace("-", ""), name.split("-")[0]]
    return names or next(([guess] for guess in guesses if _below(members, guess, _ROOTS)), [folder])


def _below(members: Mapping[str, bytes], top: str, roots: Iterable[str]) -> dict[str, bytes]:
    for root in roots:
        if f"{root}{top}.py" in members:
            return {f"{top}.py": members[f"{root}{top}.py"]}
        found = _moved(members, f"{root}{top}/", f"{top}/")
        if any(path.endswith(".py") for path in found):
            return found
    return {}


def _moved(members: Mapping[str, bytes], source: str, destination: str) -> dict[str, bytes]:
    return {
        destination + path.removeprefix(source): raw
        for path, raw in members.items()
        if path.startswith(source) and not path.endswith(_COMPILED)
    }


def _metadata(members: Mapping[str, bytes], name: str, version: str) -> str:
    stated = members.get("PKG-INFO", b"").decode("utf-8", "replace").split("\n\n", 1)[0]
    kept = [line.strip() for line in stated.splitlines() if _METADATA_KEPT.match(line)]
    if not any(line.lower().startswith("requires-dist") for line in kept):
        kept += [f"Requires-Dist: {line}" for line in _requirements(members)]
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *kept]) + "\n"


def _requirements(members: Mapping[str, bytes]) -> list[str]:
    stated = next((raw for path, raw in members.items() if path.endswith(".egg-info/requires.txt")), None)
    if stated is not None:
        return _from_requires_text(stated.decode("utf-8", "replace"))
    return _from_setup(members.get("setup.py", b""))


def _from_requires_text(text: str) -> list[str]:
    """Setuptools' `requires.txt`: sections `[extra]`, `[:marker]` or `[extra:marker]`."""
    found: list[str] = []
    condition = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("["):
            extra, _, marker = line.strip("[]").partition(":")
            condition = " and ".join(
                [*([f"({marker})"] if marker else []), *([f'extra == "{extra}"'] if extra else [])]
            )
        elif line:
            found.append(f"{line} ; {condition}" if condition else line)
    return found


def _from_setup(raw: bytes) -> list[str]:
    """The `install_requires` of a setup.py that gives it as a plain list."""
    try:
        tree = ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires" and isinstance(node.value, ast.List):
            values = [item.value for item in node.value.elts if isinstance(item, ast.Constant)]
            return [value for value in values if isinstance(value, str) and normalise(value)]
    return []
