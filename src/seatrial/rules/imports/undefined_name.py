"""Name that is used before it exists, or without being imported

## What it finds
A name that the module (or a function that runs at the start) uses where nothing has bound it: its import is
missing, it is misspelt, or its definition stands further down.

## Why it bites
`NameError` when the line is executed. At the top level of a module, in a decorator, a default value, a base class
or, before Python 3.14, an annotation, that is while the module is imported.

## What is flagged
The first use that fails; other uses of the same name in the same file are related places.

## What is not
Names that are bound only at run time in ways the text does not show (`exec`, `globals()`, star imports of modules
that cannot be read).

## Fix safety
A definition further down is moved up, or the annotation quoted, where the simulated start then passes. An import is
added where the name is defined in exactly one module of the backend, is imported from one place by all other files,
or belongs to one well-known module. Else for review.

## Reference
https://docs.python.org/3/reference/executionmodel.html#resolution-of-names
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Evidence, Fix
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.edits import add_import, imported
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.known_names import BUILTINS, import_of
from seatrial.rules.nearest import nearest_name
from seatrial.rules.reorder import move_up, statement_at
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.statements import relative
from seatrial.simulation.timeline import Mishap, UnboundName


def check(case: Case) -> Iterator[Finding]:
    """One finding for each file and name."""
    for group in _by_file(case):
        fault = group.fault
        if _is_echo(case, group):
            continue
        fix = _fix(case, group)
        first = group.first
        later = fault.bound_later
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=first.certain,
            problem=f"`{fault.name}` is not defined here.",
            cause=_cause(group, fix),
            fix=fix,
            no_fix_reason=None if fix else _no_fix(fault),
            related=group.related,
            evidence=(Evidence(f"`{fault.name}` is bound here", f"{later.path}:{later.line}"),) if later else (),
        )


def _by_file(case: Case) -> tuple[Group[UnboundName], ...]:
    """Uses of one name in one file have one cause."""
    paths = {id(mishap.fault): mishap.location.path for mishap in case.timeline.mishaps}
    return grouped(case.timeline, UnboundName, lambda fault: (paths.get(id(fault), ""), fault.name))


def _is_echo(case: Case, group: Group[UnboundName]) -> bool:
    """Whether the line that binds the name comes first, and stopped at a fault that is told already."""
    later, mishaps = group.fault.bound_later, case.timeline.mishaps
    stopped = later is not None and (later.path, later.line) < (group.location.path, group.location.line)
    return stopped and mishaps.index(group.first) > 0


def _cause(group: Group[UnboundName], fix: Fix | None) -> str:
    later = group.fault.bound_later
    if later is not None and later.line > group.location.line:
        return f"It is bound only further down, in line {later.line}."
    if later is not None:
        return f"Line {later.line}, which binds it, is not executed, or not to its end."
    if fix is not None and "Import" in fix.explanation:
        return "Nothing in the file defines or imports it."
    return "Nothing in the file defines or imports a name that is spelt like this."


def _no_fix(fault: UnboundName) -> str:
    if fault.local:
        return "Which value it should have by then is for a person to say."
    if fault.bound_later is not None:
        return "Its definition needs names that are bound only after this line."
    return "No module of the backend defines it, and it is no well-known name."


def _fix(case: Case, group: Group[UnboundName]) -> Fix | None:
    """The first way that is not disproved by playing the start again."""
    file = case.code.file(group.location.path)
    if file is None or group.fault.local:
        return None
    first: Fix | None = None
    for fix in _ways(case, file, group.first, group.fault):
        if case.mends(fix, group.first) is not False:
            return fix
        first = first or Fix(Applicability.REVIEW, fix.explanation, fix.edits)
    return first


def _ways(case: Case, file: CodeFile, mishap: Mishap, fault: UnboundName) -> Iterator[Fix]:
    name = fault.name
    if fault.bound_later is not None:
        user, definition = statement_at(file, mishap.location.line), statement_at(file, fault.bound_later.line)
        framework = isinstance(user, FunctionNode) and bool(user.decorator_list)  # which reads its annotations at once
        if fault.in_annotation and not framework and (quoted := _quoted(file, mishap, name)) is not None:
            yield Fix(Applicability.SAFE, "Quote the annotation, which is then looked up when it is needed.", (quoted,))
        if user and definition and (moved := move_up(file, definition, user)) is not None:
            yield Fix(Applicability.SAFE, f"Define `{name}` before it is used.", moved)
        return
    for statement, sure in _imports(case, file, name):
        edit = imported(file, statement) or add_import(file, statement)
        applicability = Applicability.SAFE if sure else Applicability.REVIEW
        yield Fix(applicability, f"Import `{name}`.", (edit,))
    near = nearest_name(name, (set(file.bindings) | BUILTINS) - {name})
    node = _use(file, mishap.location.line, name)
    if near is not None and node is not None:
        yield Fix(Applicability.SAFE, f"Use `{near}`.", (Edit(file.path, file.start(node), file.end(node), near),))


def _imports(case: Case, file: CodeFile, name: str) -> Iterator[tuple[str, bool]]:
    """Import statements that would give the name, and whether each is the only sensible one."""
    homes = [home for home, _ in case.code.definitions(name) if home != case.code.names.get(file.path)]
    if len(homes) == 1:
        yield _from(case, file, homes[0], name), True
        return
    sources = _elsewhere(case, file, name)
    if len(sources) == 1:
        yield sources[0], True
    elif (statement := import_of(name, file)) is not None:
        yield statement, True
    elif homes:
        yield _from(case, file, homes[0], name), False


def _from(case: Case, file: CodeFile, module: str, name: str) -> str:
    """The import in the style of the file: relative where its imports of own modules are."""
    dots = [site for site in file.imports if isinstance(site.node, ast.ImportFrom) and site.node.level]
    return f"from {relative(case.code, file.path, module) if dots else module} import {name}"


def _elsewhere(case: Case, file: CodeFile, name: str) -> list[str]:
    """How the backend's other files import this name from outside, each way once."""
    found: dict[str, None] = {}
    for path in case.code.paths:
        if path == file.path or name not in (case.code.text(path) or ""):
            continue
        other = case.code.file(path)
        for site in other.imports if other is not None else ():
            node = site.node
            if isinstance(node, ast.Import):
                found.update(
                    {f"import {name}": None for alias in node.names if alias.name == name and not alias.asname}
                )
            elif any(alias.name == name and alias.asname in (None, name) for alias in node.names):
                module = case.code.absolute(path, "." * node.level + (node.module or ""))
                found.update({f"from {module} import {name}": None} if module else {})
    return list(found)


def _use(file: CodeFile, line: int, name: str) -> ast.Name | None:
    names = (node for node in ast.walk(file.tree) if isinstance(node, ast.Name) and node.id == name)
    uses = [node for node in names if node.lineno == line and isinstance(node.ctx, ast.Load)]
    return uses[0] if len(uses) == 1 else None


def _quoted(file: CodeFile, mishap: Mishap, name: str) -> Edit | None:
    """The whole annotation that uses the name, as text."""
    for annotation in _annotations(file):
        within = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
        if name in within and annotation.lineno <= mishap.location.line <= (annotation.end_lineno or 0):
            text = file.source(annotation)
            quote = "'" if '"' in text else '"'
            if "\n" not in text and quote not in text:
                return Edit(file.path, file.start(annotation), file.end(annotation), f"{quote}{text}{quote}")
    return None


def _annotations(file: CodeFile) -> Iterator[ast.expr]:
    for node in ast.walk(file.tree):
        if isinstance(node, FunctionNode) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}

RULE = Rule(
    code="IMP010",
    name="undefined-name",
    summary="A name is used before it exists, or without being imported",
    check=check,
    fix="sometimes",
    requirements=("A2", "A5"),
    bad={
        **_PROJECT,
        "main.py": (
            "from fastapi import FastAPI\n"
            "\n"
            "app = FastAPI()\n"
            "\n"
            "\n"
            '@app.get("/tasks/{task}")\n'
            "def read(task: str, note: Optional[str] = None) -> dict[str, str | None]:\n"
            '    return {"task": task, "note": note}\n'
        ),
    },
    good={
        **_PROJECT,
        "main.py": (
            "from typing import Optional\n"
            "\n"
            "from fastapi import FastAPI\n"
            "\n"
            "app = FastAPI()\n"
            "\n"
            "\n"
            '@app.get("/tasks/{task}")\n'
            "def read(task: str, note: Optional[str] = None) -> dict[str, str | None]:\n"
            '    return {"task": task, "note": note}\n'
        ),
    },
    expect=Expectation("main.py", 7, exception="NameError"),
)
