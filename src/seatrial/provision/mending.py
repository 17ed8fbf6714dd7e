"""Resolving lines that may not be satisfiable: each obstacle is explained, got out of the way, and said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from seatrial.provision.distributions import normalise
from seatrial.provision.explain import Explained, explain
from seatrial.provision.problems import InstallProblem, Line
from seatrial.provision.requirements import Declared, relaxed
from seatrial.provision.uvtool import Ran
from seatrial.provision.versions import SUPPORTED
from seatrial.provision.workspace import Workspace

_STEPS = 24
_SUSPECTS = 4


@dataclass(frozen=True, slots=True)
class Resolved:
    """`pins` name -> version of all that is needed; `problems` what was in the way; `absent` what had to stay out.

    `unreachable`: the index did not answer, and `pins` are empty or older than today.
    """

    pins: Mapping[str, str]
    problems: tuple[InstallProblem, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """The lines as they are by now: `texts` by their index, None for one that is left out."""

    lines: tuple[Line, ...]
    texts: tuple[str | None, ...]
    constraints: tuple[Line, ...]

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


def resolve_lines(workspace: Workspace, declared: Declared, python: str) -> Resolved:
    """Resolve what is declared for an interpreter of version `python`, past whatever stands in the way."""
    state = _State(declared.lines, tuple(line.text for line in declared.lines), declared.constraints)
    state, problems = _without_unreadable(state)
    dropped: dict[str, str] = {}
    for _ in range(_STEPS):
        ran = _compile(workspace, state)
        if ran.succeeded:
            pins = _pins(_least_changed(workspace, state, ran).output)
            return Resolved(pins, tuple(_filled(problems, pins)), dropped)
        told = explain(ran.error, state.declared(), python)
        problem = _problem(workspace, state, told, ran.error)
        if told.kind == "unreachable-index":
            return Resolved({}, (*problems, problem), dropped, unreachable=True)
        mended = _mend(workspace, state, told, python)
        problems = [*problems, problem]
        if mended is None:
            break
        for index, (before, after) in enumerate(zip(state.texts, mended.texts, strict=True)):
            if before is not None and after is None and not mended.indices(state.lines[index].name):
                dropped[state.lines[index].name] = problem.message
        state = mended
    return Resolved({}, tuple(problems), dropped)


def _compile(workspace: Workspace, state: _State) -> Ran:
    return workspace.compile(state.given(), [line.text for line in state.constraints])


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


def _problem(workspace: Workspace, state: _State, told: Explained, error: str) -> InstallProblem:
    lines = tuple(line for name in told.suspects for line in state.lines if line.name == name)
    if told.position is not None:
        lines = _line_at(state, told.position)
    pythons: tuple[str, ...] = ()
    message = told.message
    if told.kind in ("build-needed", "no-wheel") and lines and lines[0].name == told.subject:
        pythons = _pythons_with_wheels(workspace, lines[0])
        message += f" It has wheels for Python {', '.join(pythons)}." if pythons else ""
    names = (*told.suspects, *([told.subject] if told.subject and told.subject not in told.suspects else []))
    return InstallProblem(told.kind, message, names, lines, error.strip(), (), pythons)


def _line_at(state: _State, position: int) -> tuple[Line, ...]:
    start = 0
    for line in state.remaining():
        if start <= position <= start + len(line.text):
            return (line,)
        start += len(line.text.encode()) + 1
    return ()


def _pythons_with_wheels(workspace: Workspace, line: Line) -> tuple[str, ...]:
    """The Pythons for which the release that is asked for can be had without a build."""
    here = workspace.interpreter.minor
    minors = [(3, minor) for minor in range(SUPPORTED[0][1], SUPPORTED[1][1] + 1) if (3, minor) != here]
    spelt = [f"{major}.{minor}" for major, minor in minors]
    text = line.text.split(";")[0]
    return tuple(python for python in spelt if workspace.compile([text], [], python=python).succeeded)


def _mend(workspace: Workspace, state: _State, told: Explained, python: str) -> _State | None:
    """The lines with the smallest change that gets past what uv told of; None where none is known."""
    if told.position is not None:
        broken = _line_at(state, told.position)
        index = next((i for i in range(len(state.lines)) if broken and state.texts[i] == broken[0].text), None)
        return None if index is None else state.with_text(index, None)
    if told.kind == "no-such-distribution" and state.indices(told.subject):
        return _dropped(state, told.subject)
    onward: _State | None = None
    for candidate in _relaxations(state, told):
        ran = _compile(workspace, candidate)
        if ran.succeeded:
            return candidate
        if onward is None and _moved_on(explain(ran.error, candidate.declared(), python), told):
            onward = candidate
    return onward or _last_resort(state, told)


def _least_changed(workspace: Workspace, state: _State, ran: Ran) -> Ran:
    """Put back, one by one, lines that were let go on the way and need not have been."""
    changed = [i for i, text in enumerate(state.texts) if text is not None and text != state.lines[i].text]
    for index in changed if len(changed) > 1 else []:
        candidate = state.with_text(index, state.lines[index].text)
        again = _compile(workspace, candidate)
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
    """The lines with one suspect's version let go, a little at first."""
    for name in told.suspects[:_SUSPECTS]:
        for within_major in (True, False):
            changed = _let_go(state, name, within_major=within_major)
            if changed is not None:
                yield changed


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
