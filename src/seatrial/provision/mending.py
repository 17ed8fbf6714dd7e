"""Resolving lines that may not be satisfiable: each obstacle is explained, got out of the way, and said."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from seatrial.provision.distributions import normalise
from seatrial.provision.explain import Explained, explain
from seatrial.provision.generated import compiles
from seatrial.provision.problems import InstallProblem, Line
from seatrial.provision.requirements import Declared, relaxed
from seatrial.provision.resolved import Resolved
from seatrial.provision.setup_code import lacking
from seatrial.provision.sources import SourceRelease, source_release
from seatrial.provision.uvtool import Ran
from seatrial.provision.versions import SUPPORTED
from seatrial.provision.workspace import Workspace

_STEPS = 60
_SECONDS = 60.0
_SUSPECTS = 4


@dataclass(frozen=True, slots=True)
class _State:
    """The lines as they are by now: `texts` by their index, None for one that is left out."""

    lines: tuple[Line, ...]
    texts: tuple[str | None, ...]
    constraints: tuple[Line, ...]
    sources: tuple[SourceRelease, ...] = ()

    def given(self) -> list[str]:
        return [text for text in self.texts if text is not None]

    def with_text(self, index: int, text: str | None) -> _State:
        return replace(self, texts=(*self.texts[:index], text, *self.texts[index + 1 :]))

    def indices(self, name: str) -> list[int]:
        return [i for i, line in enumerate(self.lines) if line.name == name and self.texts[i] is not None]

    def declared(self) -> list[Line]:
        """The lines that are not left out, as they were declared."""
        return [line for line, text in zip(self.lines, self.texts, strict=True) if text is not None]

    def remaining(self) -> list[Line]:
        pairs = zip(self.lines, self.texts, strict=True)
        return [replace(line, text=text) for line, text in pairs if text is not None]


@dataclass(slots=True)
class _Course:
    """One resolution under way."""

    workspace: Workspace
    python: str
    state: _State
    problems: list[InstallProblem] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    tried: dict[_State, Ran] = field(default_factory=dict)


def resolve_lines(workspace: Workspace, declared: Declared, python: str, *, first: bool = False) -> Resolved:
    """Resolve what is declared for an interpreter of version `python`, past whatever stands in the way.

    With `first` it ends, without pins, at an obstacle that no build gets past.
    """
    state = _State(declared.lines, tuple(line.text for line in declared.lines), declared.constraints)
    state, problems = _without_unreadable(state)
    course = _Course(workspace, python, state, problems)
    deadline = time.monotonic() + _SECONDS
    for step in range(_STEPS):
        if first and any(it.is_final for it in course.problems):
            break
        ran = _compile(course, course.state)
        if ran.succeeded:
            return _arrived(course, ran)
        told = explain(ran.error, course.state.declared(), python)
        if told.kind == "unreachable-index":
            problem = _problem(course, told, ran.error)
            return Resolved({}, (*course.problems, problem), course.dropped, unreachable=True)
        last = step == _STEPS - 2 or time.monotonic() > deadline
        if not (_all_let_go(course) if last else _advance(course, told, ran.error)):
            break
    return Resolved({}, tuple(course.problems), course.dropped)


def _arrived(course: _Course, ran: Ran) -> Resolved:
    pins = _pins(_least_changed(course, ran).output)
    used = [source for source in course.state.sources if pins.get(source.name) == source.version]
    missing = "it is built from source, and its compiled parts are not on this disk"
    return Resolved(
        pins,
        tuple(_filled(course.problems, pins)),
        {name: why for name, why in course.dropped.items() if name not in pins},
        {source.name: str(source.folder) for source in used},
        {source.name: missing for source in used if source.compiled},
    )


def _advance(course: _Course, told: Explained, error: str) -> bool:
    """Get past one obstacle and note it; False where no way is known."""
    pythons, broken = tuple[str, ...](), ""
    if told.release:
        pythons = _pythons_with_wheels(course.workspace, told.release) if told.kind != "conflict" else ()
        # A release that has wheels for other Pythons has compiled parts that were not written with this one in mind.
        source = _source(course, told) if told.kind == "build-needed" or not pythons else None
        broken = _broken(course, source) if source is not None else ""
        optional = source is not None and source.optional and not broken
        if source is not None and (not pythons or optional):
            course.state = replace(course.state, sources=(*course.state.sources, source))
            if source.compiled and not optional:
                _note(course, replace(_problem(course, told, error), broken=broken))
            return True
    _note(course, replace(_problem(course, told, error, pythons), broken=broken))
    mended = _mend(course, told)
    if mended is None:
        return False
    for line, before, after in zip(course.state.lines, course.state.texts, mended.texts, strict=True):
        if before is not None and after is None:
            course.dropped[line.name] = told.message
    course.state = mended
    return True


def _broken(course: _Course, source: SourceRelease) -> str:
    """Why a release does not compile here, where that is known."""
    major, minor = map(int, course.python.split(".")[:2])
    if not source.optional and not compiles(source.cython, (major, minor)):
        return f"Its C code was generated by Cython {source.cython}, and does not compile on Python {major}.{minor}."
    missing = lacking(source.setup, (major, minor))
    return f"Its setup.py imports `{missing}`, which Python {major}.{minor} does not have." if missing else ""


def _note(course: _Course, problem: InstallProblem) -> None:
    """Note a problem, once: a line that was let go a little may meet the same obstacle again."""
    if all((known.kind, known.lines) != (problem.kind, problem.lines) for known in course.problems):
        course.problems.append(problem)


def _source(course: _Course, told: Explained) -> SourceRelease | None:
    """The release that has no wheel, read from its source archive; None where that has been tried, or cannot be had."""
    if course.workspace.offline:
        return None
    name = normalise(re.split(r"[^A-Za-z0-9._-]", told.release, maxsplit=1)[0])
    own = [course.state.texts[index] or "" for index in course.state.indices(name)]
    constraints = [line.text for line in course.state.constraints if line.name == name]
    ran = course.workspace.locate([told.release, *own], constraints)
    source = source_release(ran.output) if ran.succeeded else None
    return None if source in course.state.sources else source


def _all_let_go(course: _Course) -> bool:
    """The way out when there is no end of obstacles: every pin let go at once."""
    state = course.state
    for name in dict.fromkeys(line.name for line in state.lines):
        state = _let_go(state, name, within_major=False) or state
    changed, course.state = state != course.state, state
    return changed


def _compile(course: _Course, state: _State) -> Ran:
    """Ask uv for these lines, once: what was tried as a way out is often what is resolved next."""
    if state not in course.tried:
        links = [source.folder for source in state.sources]
        constraints = [line.text for line in state.constraints]
        course.tried[state] = course.workspace.compile(state.given(), constraints, links=links)
    return course.tried[state]


def _without_unreadable(state: _State) -> tuple[_State, list[InstallProblem]]:
    """Leave out what is no requirement at all: uv would stop at the first of them."""
    from packaging.requirements import InvalidRequirement, Requirement

    problems: list[InstallProblem] = []
    for index, line in enumerate(state.lines):
        try:
            Requirement(line.text)
        except InvalidRequirement as error:
            why = str(error).splitlines()[0].rstrip(".")
            message = f"`{line.text}` is no requirement: {why}."
            problems.append(InstallProblem("invalid-requirement", message, (line.name,), (line,), str(error)))
            mended = relaxed_name(line)
            state = state.with_text(index, mended)
    return state, problems


def relaxed_name(line: Line) -> str | None:
    """What an unreadable line most likely asks for: its name alone, if it starts as a requirement does."""
    from packaging.requirements import InvalidRequirement, Requirement

    candidate = line.text.split()[0].rstrip("=<>!~,;.0123456789*") if line.text.split() else ""
    try:
        return Requirement(candidate).name if candidate and normalise(candidate) == line.name else None
    except InvalidRequirement:
        return None


def _problem(course: _Course, told: Explained, error: str, pythons: tuple[str, ...] = ()) -> InstallProblem:
    lines = tuple(line for name in told.suspects for line in course.state.lines if line.name == name)
    if told.position is not None:
        lines = _line_at(course.state, told.position)
    message = told.message + (f" It has wheels for Python {', '.join(pythons)}." if pythons else "")
    names = (*told.suspects, *([told.subject] if told.subject and told.subject not in told.suspects else []))
    return InstallProblem(told.kind, message, names, lines, error.strip(), (), pythons)


def _line_at(state: _State, position: int) -> tuple[Line, ...]:
    start = 0
    for line in state.remaining():
        if start <= position <= start + len(line.text):
            return (line,)
        start += len(line.text.encode()) + 1
    return ()


def _pythons_with_wheels(workspace: Workspace, release: str) -> tuple[str, ...]:
    """The Pythons for which a release can be had without a build."""
    here = workspace.interpreter.minor
    minors = [(3, minor) for minor in range(SUPPORTED[0][1], SUPPORTED[1][1] + 1) if (3, minor) != here]
    spelt = [f"{major}.{minor}" for major, minor in minors]
    return tuple(python for python in spelt if workspace.compile([release], [], python=python).succeeded)


def _mend(course: _Course, told: Explained) -> _State | None:
    """The lines with the smallest change that gets past what uv told of; None where none is known."""
    state = course.state
    if told.position is not None:
        broken = _line_at(state, told.position)
        index = next((i for i in range(len(state.lines)) if broken and state.texts[i] == broken[0].text), None)
        return None if index is None else state.with_text(index, None)
    if told.kind == "no-such-distribution" and state.indices(told.subject):
        return _dropped(state, told.subject)
    onward: _State | None = None
    for candidate in _relaxations(state, told):
        ran = _compile(course, candidate)
        if ran.succeeded:
            return candidate
        if onward is None and _moved_on(explain(ran.error, candidate.declared(), course.python), told):
            onward = candidate
    return onward or _last_resort(state, told)


def _least_changed(course: _Course, ran: Ran) -> Ran:
    """Put back, one by one, lines that were let go on the way and need not have been."""
    state = course.state
    changed = [i for i, text in enumerate(state.texts) if text is not None and text != state.lines[i].text]
    for index in changed if 1 < len(changed) <= _STEPS // 2 else []:
        candidate = state.with_text(index, state.lines[index].text)
        again = _compile(course, candidate)
        if again.succeeded:
            state, ran = candidate, again
    return ran


def _moved_on(now: Explained, before: Explained) -> bool:
    """Whether another obstacle is met than before."""
    if now.kind == "unreachable-index":
        return False
    return (now.kind, now.subject, set(now.suspects)) != (before.kind, before.subject, set(before.suspects)) and not (
        set(now.suspects) > set(before.suspects)
    )


def _relaxations(state: _State, told: Explained) -> Iterator[_State]:
    """The lines with versions of suspects let go, in the order of what a person would give up first.

    A pin (`==`) goes before a bound (`>=`): a pin is often what `pip freeze` happened to see, a bound was meant.
    """
    suspects = told.suspects[:_SUSPECTS]
    pinned = [name for name in suspects if _let_go(state, name, within_major=True)]
    bounded = [name for name in suspects if name not in pinned]
    together = [pinned] if len(pinned) > 1 else []
    for names in [*([name] for name in pinned), *together]:
        for within_major in (True, False):
            changed = _all_of(state, names, within_major=within_major)
            if changed is not None:
                yield changed
    for name in bounded:
        changed = _let_go(state, name, within_major=False)
        if changed is not None:
            yield changed


def _all_of(state: _State, names: Iterable[str], *, within_major: bool) -> _State | None:
    changed = state
    for name in names:
        changed = _let_go(changed, name, within_major=within_major) or changed
    return changed if changed != state else None


def _let_go(state: _State, name: str, *, within_major: bool) -> _State | None:
    changed = state
    for index in state.indices(name):
        text = relaxed(state.texts[index] or "", within_major=within_major)
        changed = changed.with_text(index, text) if text is not None else changed
    kept = tuple(line for line in state.constraints if line.name != name)
    changed = replace(changed, constraints=kept) if not within_major else changed
    return changed if changed != state else None


def _last_resort(state: _State, told: Explained) -> _State | None:
    """All suspects let go at once; where they are already, the first that can be spared is left out."""
    changed = state
    for name in told.suspects:
        changed = _let_go(changed, name, within_major=False) or changed
    if changed != state and len(told.suspects) > 1:
        return changed
    return _dropped(state, told.suspects[0]) if told.suspects else None


def _dropped(state: _State, name: str) -> _State:
    changed = state
    for index in state.indices(name):
        changed = changed.with_text(index, None)
    return changed


def _pins(output: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in output.splitlines():
        name, equals, version = line.split(";")[0].strip().partition("==")
        if equals and not name.startswith(("-", "#")):
            found[normalise(name.split("[")[0])] = version.strip()
    return found


def _filled(problems: list[InstallProblem], pins: Mapping[str, str]) -> Iterator[InstallProblem]:
    for problem in problems:
        names = dict.fromkeys(line.name for line in problem.lines if line.name)
        yield replace(problem, instead=tuple((name, pins.get(name, "")) for name in names))
