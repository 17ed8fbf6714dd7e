"""Whether a lock file is in step with its manifest, asked of the tool that wrote it, in the copy."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import replace
from pathlib import Path

from seatrial.issue import Location
from seatrial.options import BuildOptions
from seatrial.project.manifest.declared import Document, Manifest, normalise
from seatrial.project.manifest.stale import compiled_from
from seatrial.proof.building.installing import surroundings, tool_program, why_outside
from seatrial.proof.building.running import Ran, run
from seatrial.proof.building.values import OUT_OF_STEP, Mark, Step
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.uvtool import uv_binary

_CHECKS = {
    "poetry.lock": ("poetry", ("check", "--lock", "--no-interaction", "--no-ansi")),
    "pdm.lock": ("pdm", ("lock", "--check")),
    "Pipfile.lock": ("pipenv", ("verify",)),
}
# What uv, poetry, pdm and pipenv say of a lock out of step. A tool that fails in another way has judged nothing.
_SAYS_STALE = re.compile(r"needs to be updated|changed significantly|doesn't match|out[- ]of[- ]date|outdated", re.I)
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def check_lock(manifest: Manifest, copy: Path, python: Interpreter, options: BuildOptions) -> Step:
    """The lock that would be installed, or the compiled requirements; skipped where nothing is locked."""
    chosen = manifest.installation
    files = chosen.files if chosen else ()
    lock = next((path for path in files if path.endswith(".lock")), "")
    compiled = next((document for document in manifest.installed if document.compiled), None)
    if lock.endswith("uv.lock"):
        words = ["lock", "--check", "--python", str(python.executable), *(["--offline"] if options.offline else [])]
        ran = _in(copy, lock, (uv_binary(), *words))
        return _judged("uv lock --check", ran, lock, "uv lock")
    if os.path.basename(lock) in _CHECKS:
        return _by_tool(lock, copy, python, options)
    if compiled is not None:
        return _recompiled(manifest, compiled, copy, python, options)
    reason = "nothing is locked: each build may install other releases" if files else "nothing is declared"
    return Step("lock", Mark.SKIPPED, (reason,))


def one_fault(lock: Step, installed: Step) -> Step:
    """The installation without an issue of its own where what stops it is the lock that has been judged already."""
    failed = lock.mark is Mark.FAIL and installed.mark is Mark.FAIL
    if not (failed and _SAYS_STALE.search(" ".join(installed.evidence))):
        return installed
    return replace(installed, issues=lock.issues)


def _in(copy: Path, lock: str, argv: tuple[str, ...], more: dict[str, str] | None = None) -> Ran:
    return run(argv, cwd=copy / os.path.dirname(lock), seconds=300, more=more)


def _by_tool(lock: str, copy: Path, python: Interpreter, options: BuildOptions) -> Step:
    tool, words = _CHECKS[os.path.basename(lock)]
    program = tool_program(tool, python, options)
    if isinstance(program, str):
        return Step("lock", Mark.INCONCLUSIVE, (program,))
    own = surroundings(program.parents[1])
    return _judged(f"{tool} {' '.join(words)}", _in(copy, lock, (str(program), *words), own), lock, f"{tool} lock")


def _judged(shown: str, ran: Ran, lock: str, remedy: str) -> Step:
    if ran.succeeded:
        return Step("lock", Mark.PASS, (f"$ {shown}", f"{lock} is in step with its manifest"))
    outside = why_outside(ran)
    if outside or not _SAYS_STALE.search(ran.output):
        return Step(
            "lock", Mark.INCONCLUSIVE, (f"$ {shown}", outside or f"it does not get to an answer: {ran.last(3)}")
        )
    issue = OUT_OF_STEP.issue(
        Location(lock, 1),
        f"{lock} is not what its manifest gives.",
        ran.last(4),
        (f"`{shown}` ends with exit code {ran.code}",),
        f"The lock has to be made anew, by `{remedy}`, which asks the package index.",
    )
    return Step("lock", Mark.FAIL, (f"$ {shown}", ran.last(4)), (issue,))


def _recompiled(manifest: Manifest, document: Document, copy: Path, python: Interpreter, options: BuildOptions) -> Step:
    """Compile the sources again with the pins at hand as preferences: what is in step comes out as it is."""
    path = copy / document.path
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    compiled = compiled_from(text, document.path, (it.path for it in manifest.documents))
    sources = [posixpath.relpath(it, posixpath.dirname(document.path) or ".") for it in compiled]
    if not sources:
        return Step("lock", Mark.SKIPPED, (f"{document.path} is compiled, and nothing says from what",))
    again = path.with_name(f".again-{path.name}")
    again.write_text(text, encoding="utf-8")
    argv = [uv_binary(), "pip", "compile", "--quiet", "--python", str(python.executable), *sources, "-o", again.name]
    ran = run((*argv, *(["--offline"] if options.offline else [])), cwd=path.parent, seconds=300)
    shown = f"uv pip compile {' '.join(sources)} -o {path.name}"
    if not ran.succeeded:
        again.unlink(missing_ok=True)
        said = why_outside(ran) or f"it does not get to an answer: {ran.last(3)}"
        return Step("lock", Mark.INCONCLUSIVE, (f"$ {shown}", said))
    before, after = _pins(text), _pins(again.read_text(encoding="utf-8"))
    again.unlink()
    changed = _differences(before, after)
    if not changed:
        return Step("lock", Mark.PASS, (f"$ {shown}", f"{document.path} comes out as it is"))
    issue = OUT_OF_STEP.issue(
        Location(document.path, 1),
        f"{document.path} is not what {' and '.join(sources)} gives.",
        "; ".join(changed[:6]),
        tuple(changed[:20]),
        f"It has to be compiled anew, by `{shown}`, which asks the package index.",
    )
    return Step("lock", Mark.FAIL, (f"$ {shown}", *changed[:20]), (issue,))


def _pins(text: str) -> dict[str, str]:
    return {normalise(match[1]): match[2] for match in _PIN.finditer(text)}


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [
        f"{name}: {before.get(name, 'not there')} is locked, {after.get(name, 'nothing')} is asked for"
        for name in names
        if before.get(name) != after.get(name)
    ]
