"""setup.cfg and setup.py, read without running them: what is computed there is said to be, not guessed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.issue import Location
from seatrial.project.files import Source, parse_quietly, read
from seatrial.project.manifest.entry import entry_requirement
from seatrial.project.manifest.reading import joined, read_text
from seatrial.project.manifest.requirements import read_requirements
from seatrial.project.manifest.values import Build, DeclaredPython, Document, Problem, Requirement

_LEGACY = "setuptools.build_meta:__legacy__"
_SECTION = re.compile(r"\[([^\]]+)\]\s*$")
_KEY = re.compile(r"([^\s=:#;][^=:]*?)\s*[=:]\s*(.*)$")
_REQUIREMENTS_FILE = re.compile(r"""['"]([\w./-]*requirements[\w./-]*\.(?:txt|in))['"]""")

_Lines = Mapping[tuple[str, str], list[tuple[str, Location]]]


def read_setup_cfg(root: Path, path: str) -> Document:
    """Read the [metadata] and [options] of a setup.cfg."""
    text = read_text(root, path)
    lines = _ini_lines(path, text.text)
    found: list[Requirement | Problem] = []
    for (section, key), values in lines.items():
        if (section, key) == ("options", "install_requires"):
            found.extend(_ini_requirements(root, values, extra=None))
        elif section == "options.extras_require":
            found.extend(_ini_requirements(root, values, extra=key))
    python = [DeclaredPython("setup.cfg", *value) for value in lines.get(("options", "python_requires"), [])]
    names = [value for value, _ in lines.get(("metadata", "name"), [])]
    return Document(
        path,
        "setup.cfg",
        tuple(item for item in found if isinstance(item, Requirement)),
        python=tuple(python),
        problems=(*text.problems, *(item for item in found if isinstance(item, Problem))),
        name=names[0] if names else "",
        build=Build(_LEGACY, (), Location(path, 1)),
        installs_project=True,
    )


def _ini_lines(path: str, text: str) -> _Lines:
    """Each key's values, one per line, as configparser would have them, with their places."""
    found: dict[tuple[str, str], list[tuple[str, Location]]] = {}
    section, key = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        value, column = stripped, len(line) - len(line.lstrip()) + 1
        if match := _SECTION.match(line):
            section, key = match[1].strip(), ""
            continue
        if not line[0].isspace():
            pair = _KEY.match(line)
            if pair is None:
                continue
            key, value, column = pair[1].lower().replace("-", "_"), pair[2].strip(), pair.start(2) + 1
        if key and value:
            place = Location(path, number, column, number, column + len(value))
            found.setdefault((section, key), []).append((value, place))
    return found


def _ini_requirements(
    root: Path, values: list[tuple[str, Location]], extra: str | None
) -> Iterator[Requirement | Problem]:
    for value, place in values:
        if value.startswith("file:"):
            for file in value.removeprefix("file:").split(","):
                yield from _file_requirements(root, joined(place.path, file.strip()), place, extra)
            continue
        # Entries on one line are parted by semicolons; after a semicolon with a quoted value stands a marker
        for entry in [value] if re.search("['\"]", value) else value.split(";"):
            found = entry_requirement(re.sub(r"\s#.*$", "", entry), place)
            yield replace(found, extra=extra) if isinstance(found, Requirement) else found


def _file_requirements(root: Path, path: str, place: Location, extra: str | None) -> Iterator[Requirement | Problem]:
    if not (root / path).is_file():
        yield Problem("include", f"{path} does not exist", place)
        return
    document = read_requirements(root, path)
    yield from (replace(found, group=None, extra=extra) for found in document.requirements)
    yield from document.problems


@dataclass(slots=True)
class _Script:
    """One setup.py: its text, and what is assigned at its top level, by name."""

    root: Path
    path: str
    text: str
    values: Mapping[str, ast.expr]


def read_setup_py(root: Path, path: str) -> Document:
    """Read the `setup(...)` call of a setup.py: literals, and names that are assigned a literal."""
    source = read(root, path)
    if not isinstance(source, Source):
        return Document(path, "setup.py", problems=(Problem("unreadable", source.reason, Location(path, 1)),))
    try:
        return _setup_document(root, source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return Document(path, "setup.py", problems=(Problem("syntax", f"not Python: {error}", Location(path, line)),))


def _setup_document(root: Path, source: Source) -> Document:
    path, module = source.path, parse_quietly(source.text)
    call = next((node for node in ast.walk(module) if isinstance(node, ast.Call) and _is_setup(node)), None)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg} if call else {}
    script = _Script(root, path, source.text, _assigned(module))
    found = list(_script_requirements(script, keywords.get("install_requires"), None))
    extras = _resolved(script, keywords.get("extras_require"))
    if isinstance(extras, ast.Dict):
        for key, value in zip(extras.keys, extras.values, strict=True):
            found.extend(_script_requirements(script, value, str(_text(key) or "extra")))
    python = _resolved(script, keywords.get("python_requires"))
    wanted = _text(python)
    return Document(
        path,
        "setup.py",
        tuple(item for item in found if isinstance(item, Requirement)),
        python=(DeclaredPython("setup.py", wanted, _place(path, python)),) if python and wanted else (),
        problems=tuple(item for item in found if isinstance(item, Problem)),
        name=_text(_resolved(script, keywords.get("name"))) or "",
        build=Build(_LEGACY, (), _place(path, call) if call else Location(path, 1)),
        installs_project=call is not None,
    )


def _is_setup(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "setup"


def _assigned(module: ast.Module) -> Mapping[str, ast.expr]:
    return {
        target.id: statement.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _resolved(script: _Script, node: ast.expr | None) -> ast.expr | None:
    """The expression that a name stands for, followed a few times at most: names may go round in a circle."""
    for _ in range(5):
        if not isinstance(node, ast.Name):
            break
        node = script.values.get(node.id)
    return node


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _place(path: str, node: ast.expr) -> Location:
    end_column = None if node.end_col_offset is None else node.end_col_offset + 1
    return Location(path, node.lineno, node.col_offset + 1, node.end_lineno, end_column)


def _script_requirements(script: _Script, node: ast.expr | None, extra: str | None) -> Iterator[Requirement | Problem]:
    resolved = _resolved(script, node)
    if resolved is None:
        if node is not None:
            yield from _computed_from_file(script, node, extra)
    elif isinstance(resolved, ast.List | ast.Tuple | ast.Set):
        for item in resolved.elts:
            yield _script_requirement(script, item, extra)
    elif isinstance(resolved, ast.BinOp) and isinstance(resolved.op, ast.Add):
        yield from _script_requirements(script, resolved.left, extra)
        yield from _script_requirements(script, resolved.right, extra)
    elif (text := _text(resolved)) is not None:
        for line in text.splitlines():
            if line.strip() and not line.strip().startswith("#"):
                found = entry_requirement(line, _place(script.path, resolved))
                yield replace(found, extra=extra) if isinstance(found, Requirement) else found
    else:
        yield from _computed_from_file(script, resolved, extra)


def _script_requirement(script: _Script, item: ast.expr, extra: str | None) -> Requirement | Problem:
    text = _text(_resolved(script, item))
    if text is None:
        return _computed(script, item)
    found = entry_requirement(text, _place(script.path, item))
    return replace(found, extra=extra) if isinstance(found, Requirement) else found


def _computed(script: _Script, node: ast.expr) -> Problem:
    return Problem("computed", f"{ast.unparse(node)[:80]} is computed when setup.py runs", _place(script.path, node))


def _computed_from_file(script: _Script, node: ast.expr, extra: str | None) -> Iterator[Requirement | Problem]:
    """`open("requirements.txt").read().splitlines()` and its like."""
    match = _REQUIREMENTS_FILE.search(ast.unparse(node)) or _REQUIREMENTS_FILE.search(script.text)
    if match and (script.root / joined(script.path, match[1])).is_file():
        yield from _file_requirements(script.root, joined(script.path, match[1]), _place(script.path, node), extra)
    else:
        yield _computed(script, node)
