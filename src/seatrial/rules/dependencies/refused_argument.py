"""A library's function does not take this call

## What it finds
A call of a library's function or class with an argument that the installed release does not know, with too many or
too few, and a call of a function that the library does not have. Found from the signatures in the installed source,
which is read and not imported.

## Why it bites
Arguments are renamed and removed from release to release (`proxies` of httpx, `regex` of pydantic), and under an
unpinned manifest the new release arrives by itself. What is called while the server starts stops it with a
`TypeError`; inside an endpoint, each request that comes to the line is answered with 500, and no start shows it.

## What is flagged
The call, wherever the name certainly is the library's: imported at the top of the file and bound nowhere else.

## What is not
Methods of objects, functions that take any keyword, those that a decorator may have changed, extension modules, the
standard library, code under a condition on the library's version, and a library of which an issue says already that
it is the wrong one (DEP015) or of another release than is asked for (DEP017). Inside a `try` it is a warning.

## Fix safety
For review: an argument that is spelt nearly like one that there is gets its name. Otherwise what takes its place is
to be seen in the library's notes.

## Reference
https://docs.python.org/3/reference/expressions.html#calls
https://fastapi.tiangolo.com/release-notes/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Applicability, Edit, Evidence, Fix, Position, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.dependencies.environment_differs import is_other
from seatrial.rules.dependencies.wrong_distribution import is_mistaken
from seatrial.rules.observation import Answers, Request
from seatrial.rules.outside import release_of
from seatrial.rules.references import binds_elsewhere
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.language.suggestions import suggestion
from seatrial.simulation.library_calls import misfit, signature
from seatrial.simulation.timeline import RaisedByCode, Reach

_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_BY_VERSION = re.compile(r"version|\bv[12]\b|_v[12]\b|hasattr|signature", re.IGNORECASE)
_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")


@dataclass(frozen=True, slots=True)
class _Misfit:
    """A call that does not fit: the canonical name of what is called, and what Python says; `lacks` it altogether."""

    node: ast.Call
    dotted: str
    message: str
    lacks: bool = False


def check(case: Case) -> Iterator[Finding]:
    """One finding for each call."""
    loaded = frozenset(case.timeline.external)
    for path in case.code.names:
        tops = {top for top in _IMPORTED.findall(case.code.text(path) or "") if _is_outside(case, top)}
        file = case.code.file(path) if tops else None
        for node in (call for calls in file.sites.calls.values() for call in calls) if file is not None else ():
            found = _misfit(case, file, node, tops, loaded) if file is not None else None
            if found is not None and file is not None and (finding := _judged(case, file, found)) is not None:
                yield finding


def _is_outside(case: Case, top: str) -> bool:
    environment = case.environment
    known = environment is not None and top not in environment.interpreter.stdlib_modules
    return known and not case.code.is_own(top)


def _is_told(case: Case, top: str) -> bool:
    """Whether an issue says already that another distribution, or another release of it, is what is meant."""
    return is_mistaken(case, top) or is_other(case, release_of(case, top).partition(" ")[0])


def _misfit(case: Case, file: CodeFile, node: ast.Call, tops: set[str], loaded: frozenset[str]) -> _Misfit | None:
    """What is wrong with one call, if the name is certain to be a library's."""
    full = file.full_name(node.func)
    module, _, name = full.rpartition(".")
    if full.partition(".")[0] not in tops or module not in loaded:
        return None
    if case.packages.has(module, name) is False:
        said = f"module '{module}' has no attribute '{name}'"
        found = _Misfit(node, full, said, lacks=True) if isinstance(node.func, ast.Attribute) else None
    else:
        dotted = case.packages.canonical(module, name)
        message = _message(case, node, dotted) if dotted is not None else None
        found = _Misfit(node, dotted, message) if dotted is not None and message is not None else None
    return found if found is not None and _is_the_import(file, node) else None


def _message(case: Case, node: ast.Call, dotted: str) -> str | None:
    positional = [it for it in node.args if not isinstance(it, ast.Starred)]
    keywords = [it.arg for it in node.keywords if it.arg is not None]
    partial = len(positional) < len(node.args) or len(keywords) < len(node.keywords)
    return misfit(case.packages, dotted, len(positional), keywords, case.python, partial=partial)


def _is_the_import(file: CodeFile, node: ast.Call) -> bool:
    """Whether the first name of what is called is bound by an import at the top of the file and by nothing else."""
    first: ast.expr = node.func
    while isinstance(first, ast.Attribute):
        first = first.value
    binding = file.bindings.get(first.id) if isinstance(first, ast.Name) else None
    site = file.import_at(binding.line) if binding is not None and binding.kind == "import" else None
    return (
        binding is not None and site is not None and site.at_top and not binds_elsewhere(file, binding.name, site.node)
    )


def _judged(case: Case, file: CodeFile, found: _Misfit) -> Finding | None:
    """The finding; None for what the start executes without being refused, or a condition decides."""
    around = list(file.sites.around(found.node))
    if any(isinstance(it, ast.If | ast.IfExp) and _BY_VERSION.search(ast.unparse(it.test)) for it in around):
        return None
    reach = _reach(case, file, found)
    if reach is None:
        return None
    guarded = any(isinstance(it, ast.Try) and it.handlers for it in around)
    top = found.dotted.partition(".")[0]
    if _is_told(case, top):
        return None
    release = release_of(case, top)
    fix = _fix(case, file, found)
    return Finding(
        location=file.place(found.node),
        reach=reach,
        certain=not (guarded and reach is Reach.REQUEST),
        problem=f"{release or found.dotted} does not take this call: {found.message}.",
        cause=_cause(reach),
        fix=fix,
        no_fix_reason=None if fix else "What takes its place is to be seen in the release notes of the library.",
        evidence=(Evidence(f"the signature of {found.dotted}", release),) if release else (),
    )


def _cause(reach: Reach) -> str:
    if reach in (Reach.BOOT, Reach.STARTUP):
        return "The start executes it, and ends here."
    return "The code is written for another release; whatever executes this line fails, and no start shows it."


def _reach(case: Case, file: CodeFile, found: _Misfit) -> Reach | None:
    """From where the call is executed; None at the top of a module that the start executes without a complaint."""
    node = found.node
    for mishap in case.timeline.mishaps:
        place, within = mishap.location, range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if place.path == file.path and place.line in within:
            refused = isinstance(mishap.fault, RaisedByCode) and mishap.fault.operation == "call"
            return mishap.reach if refused and not found.lacks and mishap.certain else None
    reach = case.reach_of(file.path, node.lineno)
    return reach if file.sites.function_of(node) is not None and reach is not Reach.BOOT else None


def _fix(case: Case, file: CodeFile, found: _Misfit) -> Fix | None:
    """The argument's name as it is spelt in the release."""
    match = _UNEXPECTED.search(found.message)
    keyword = next((it for it in found.node.keywords if match is not None and it.arg == match[1]), None)
    known = signature(case.packages, found.dotted)
    if keyword is None or keyword.arg is None or known is None:
        return None
    given = {it.arg for it in found.node.keywords}
    free = [it.name for it in known.parameters if it.kind in ("either", "keyword") and it.name not in given]
    near = suggestion(keyword.arg, free)
    if near is None:
        return None
    start = file.position(keyword.lineno, keyword.col_offset)
    end = Position(start.line, start.column + len(keyword.arg))
    edit = Edit(file.path, start, end, near)
    return Fix(Applicability.REVIEW, f"The release calls it `{near}`.", (edit,))


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/ports/{{name}}")
def port(name: str) -> str:
    raise HTTPException({}=404, detail=f"There is no port of {{name}}")
"""

RULE = Rule(
    code="DEP019",
    name="refused-argument",
    summary="A library's function does not take this call",
    check=check,
    fix="sometimes",
    requirements=("A3",),
    bad={**_PROJECT, "main.py": _MAIN.format("statuscode")},
    good={**_PROJECT, "main.py": _MAIN.format("status_code")},
    expect=Expectation("main.py", 8, stage=Stage.REQUEST, observation=Answers(Request("/ports/Atlantis"), status=500)),
)
