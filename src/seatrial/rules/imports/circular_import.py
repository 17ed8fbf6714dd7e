"""Circular import that needs a name before it is bound

## What it finds
Modules that import one another in a circle, where one of them asks another for a name while that one is still being
loaded and has not bound it yet. The whole circle is given, import by import.

## Why it bites
Python puts a module into `sys.modules` before executing it. Who comes round the circle gets the half-loaded module,
and `ImportError: cannot import name … from partially initialized module` (or `AttributeError`) stops the start.

## What is flagged
Circles that break the start under the launch target, at the statement that fails.

## What is not
Circles that work because every name is bound in time, imports under `if TYPE_CHECKING`, imports in functions.

## Fix safety
The smallest change that breaks the circle: import from the module that defines the name rather than from the
package that re-exports it; else import where the names are used, in functions and, for annotations that no
framework evaluates, under `if TYPE_CHECKING`. Safe where the simulated start then passes. Where every import of the
circle is needed while its module is loaded, the code has to be divided differently, and there is no exact fix.

## Reference
https://docs.python.org/3/faq/programming.html#what-are-the-best-practices-for-using-import-in-a-module
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.boot import Outcome
from seatrial.issue import Applicability, Fix, Location, Measure, Related, Verdict
from seatrial.rules.case import Case
from seatrial.rules.cutting import deferred, from_home, site_of
from seatrial.rules.grouping import Group, grouped
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.shadows import shadow_behind
from seatrial.simulation.timeline import PartialModule


def check(case: Case) -> Iterator[Finding]:
    """One finding for each circle."""
    for group in grouped(case.timeline, PartialModule, lambda fault: _modules(case, fault)):
        fault = group.fault
        fix = _fix(case, group)
        yield Finding(
            location=group.location,
            reach=group.reach,
            certain=group.first.certain,
            problem=f"`{fault.symbol}` is asked of `{fault.module}` before that module has bound it.",
            cause=f"The modules import one another in a circle: {_round(fault)}.",
            fix=fix,
            no_fix_reason=None if fix else "Every import of the circle is needed while its module is loaded.",
            related=(*_circle(fault, group.location), *group.related),
        )


def _modules(case: Case, fault: PartialModule) -> frozenset[str] | None:
    if shadow_behind(case, fault) is not None:
        return None
    return frozenset(module for module, _ in fault.cycle) | {fault.module}


def _round(fault: PartialModule) -> str:
    names = [module for module, _ in fault.cycle]
    return " → ".join(f"`{name}`" for name in (*names, *names[:1]))


def _circle(fault: PartialModule, location: Location) -> tuple[Related, ...]:
    names = [module for module, _ in fault.cycle]
    after = [*names[1:], *names[:1]]
    return tuple(
        Related(place, f"`{module}` imports `{imported}`")
        for (module, place), imported in zip(fault.cycle, after, strict=True)
        if (place.path, place.line) != (location.path, location.line)
    )


def _fix(case: Case, group: Group[PartialModule]) -> Fix | None:
    """The first way that provably works; the first at all, for review, where none does."""
    first: Fix | None = None
    for fix in _ways(case, group):
        proven = case.mends(fix, group.first)
        if proven is not False:
            return fix
        first = first or Fix(Applicability.REVIEW, fix.explanation, fix.edits)
    return first


def _ways(case: Case, group: Group[PartialModule]) -> Iterator[Fix]:
    """Every cut there is: at the statement that fails first, then back along the circle."""
    places = dict.fromkeys((group.location, *(place for _, place in reversed(group.fault.cycle))))
    statements = {(place.path, place.line): place for place in reversed(places)}
    ordered = [place for place in places if statements[place.path, place.line] is place or place is group.location]
    sites = [found for place in ordered if (found := site_of(case.code, place.path, place.line)) is not None]
    for file, site in sites:
        if (edits := from_home(case.code, file, site)) is not None:
            yield Fix(Applicability.SAFE, "Import it from the module that defines it, past the package.", edits)
    for file, site in sites:
        if (edits := deferred(case.code, file, site)) is not None:
            yield Fix(Applicability.SAFE, f"Import it in {file.path} only where it is used.", edits)


def measure(case: Case) -> Iterator[Measure]:
    """Whether every module has its names by the time another asks for them."""
    if case.timeline.boot.outcome is Outcome.SERVES:
        said = f"{len(case.timeline.loaded)} modules are loaded, and none is asked for a name before it has it"
        yield Measure("A6", Verdict.HOLDS, said)
    else:
        yield Measure("A6", Verdict.CANNOT_TELL, "the start does not come to its end, so not every import is executed")


_PROJECT = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n",
    "app/__init__.py": "",
    "app/users.py": (
        "from app.tasks import tasks_of\n"
        "\n"
        'NAMES = ["Ada"]\n'
        "\n"
        "\n"
        "def summary(name: str) -> dict[str, list[str]]:\n"
        "    return {name: tasks_of(name)}\n"
    ),
    "app/main.py": (
        "from fastapi import FastAPI\n"
        "\n"
        "from app.users import summary\n"
        "\n"
        "app = FastAPI()\n"
        "\n"
        "\n"
        '@app.get("/users/{name}")\n'
        "def read(name: str) -> dict[str, list[str]]:\n"
        "    return summary(name)\n"
    ),
}

RULE = Rule(
    code="IMP004",
    name="circular-import",
    summary="Modules import one another in a circle that needs a name too early",
    check=check,
    measure=measure,
    fix="sometimes",
    requirements=("A2", "A6"),
    bad={
        **_PROJECT,
        "app/tasks.py": (
            "from app.users import NAMES\n"
            "\n"
            "\n"
            "def tasks_of(name: str) -> list[str]:\n"
            '    return ["sail"] if name in NAMES else []\n'
        ),
    },
    good={
        **_PROJECT,
        "app/tasks.py": (
            "def tasks_of(name: str) -> list[str]:\n"
            "    from app.users import NAMES\n"
            "\n"
            '    return ["sail"] if name in NAMES else []\n'
        ),
    },
    expect=Expectation("app/tasks.py", 1, exception="ImportError"),
)
