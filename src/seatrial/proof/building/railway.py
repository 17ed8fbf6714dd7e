"""The clean room by Railway's rules: Railpack's provider, Python, installer and start command, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.issue import Location
from seatrial.options import BuildOptions
from seatrial.platforms import railpack
from seatrial.platforms.railpack import VARIABLES
from seatrial.platforms.railway import RailwayPlan, plan_railway
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.proof.building.cleanroom import Terms
from seatrial.proof.building.installing import TOOLS, Command, Recipe, surroundings, tool_program
from seatrial.proof.building.starting import PlatformStart
from seatrial.proof.building.values import NO_PLAN, Mark, Step
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.provision.uvtool import uv_binary

# What Railway itself sets; `PORT` comes with each start.
_OWN = {"RAILWAY_ENVIRONMENT": "production", "RAILWAY_ENVIRONMENT_NAME": "production"}


def railway_terms(tree: Tree, base: str, options: BuildOptions) -> Terms:
    """What Railway lays down. The root directory is PATH, if that can be deployed, else the backend's."""
    documents = Documents.of(tree.root)
    folder = root_directory(documents, base)
    plan = plan_railway(documents, folder)
    if plan.builder == "dockerfile":
        return replace(_by_dockerfile(plan, folder), folder=folder)
    step = _planned(plan, documents, folder, options)
    if step.mark is not Mark.PASS:
        return Terms("railway", choices=plan.choices, early=(step,))
    assert plan.start is not None
    where = plan.start.location or next((it.location for it in plan.choices[::-1] if it.location), Location(folder, 1))
    start = PlatformStart(plan.start.command, plan.start.source, where, folder)
    return Terms(
        "railway",
        _wanted(plan, options),
        lambda place, python: _recipe(plan, folder, place, python, options),
        start,
        {**dict(VARIABLES), **_OWN},
        plan.choices,
        (step,),
        folder=folder,
    )


def root_directory(documents: Documents, base: str) -> str:
    """PATH itself where its papers lead Railway to a start, whatever folder the backend's code is in; else `base`."""
    if base == ".":
        return base
    whole = plan_railway(documents, ".")
    by_papers = whole.provider == "python" and whole.start is not None and not whole.problem
    return "." if whole.builder == "dockerfile" or by_papers else base


def _by_dockerfile(plan: RailwayPlan, base: str) -> Terms:
    """Railpack is not asked: the image is what is deployed."""
    evidence = ["the Dockerfile is built: the container is what Railway runs"]
    if plan.start is not None and "$" in plan.start.command:
        where = plan.start.location or Location(base, 1)
        problem = (
            f"Railway runs `{plan.start.command}` without a shell, so that `$PORT` reaches the server as it stands."
        )
        cause = "A start command that is set for a Dockerfile service is not read by any shell."
        way_out = "Take the start command away and let the image's CMD read the port, or lead it with `sh -c`."
        issue = NO_PLAN.issue(where, problem, cause, (), way_out)
        return Terms("railway", choices=plan.choices, early=(Step("plan", Mark.FAIL, (problem,), (issue,)),))
    step = Step("plan", Mark.PASS, tuple(evidence))
    return Terms("railway", choices=plan.choices, variables=_OWN, early=(step,), image=True)


def _planned(plan: RailwayPlan, documents: Documents, base: str, options: BuildOptions) -> Step:
    if plan.problem or plan.provider != "python":
        problem = plan.problem or f"Railpack takes this for a project of {plan.provider}, not of Python"
        where = next((it.location for it in plan.choices[::-1] if it.location), None) or Location(base, 1)
        where = Location(_paper(plan, base), 1) if plan.problem else where
        issue = NO_PLAN.issue(where, f"Railway cannot build this: {problem}.", "; ".join(plan.notes) or problem)
        return Step("plan", Mark.FAIL, (problem, *plan.notes), (issue,))
    if plan.installer == "pip" and (unlaid := railpack.unlaid(documents, base)):
        name, where = unlaid
        problem = f"`{name}` is not there when Railpack installs: it lays only requirements.txt into that step"
        cause = "Everything else is laid there only where requirements.txt says `file://`, in a comment too."
        return Step("plan", Mark.FAIL, (problem,), (NO_PLAN.issue(where, f"{problem}.", cause),))
    try:
        find_interpreter(_wanted(plan, options))
    except UsageError as error:
        return Step("plan", Mark.INCONCLUSIVE, (f"Railway takes Python {plan.python}: {error}",))
    return Step("plan", Mark.PASS, ("the root directory is " + (base if base != "." else "PATH"), *plan.notes))


def _paper(plan: RailwayPlan, base: str) -> str:
    """The file that a problem of the plan is about."""
    name = next((it for it in ("Procfile", "railpack.json") if plan.problem.removeprefix("the ").startswith(it)), "")
    return "/".join(part for part in (base if base != "." else "", name) if part) or base


def _wanted(plan: RailwayPlan, options: BuildOptions) -> str:
    """The version that is looked for: a person's own, else Railpack's, to the minor where its patch is not at hand."""
    if options.python:
        return options.python
    try:
        find_interpreter(plan.python)
    except UsageError:
        return ".".join(plan.python.split(".")[:2])
    return plan.python


def _recipe(plan: RailwayPlan, base: str, place: Path, python: Interpreter, options: BuildOptions) -> Recipe:
    chosen = next(it for it in plan.choices if it.subject == "installer")
    where = chosen.location or Location(base, 1)
    made = _commands(plan, base, place, python, options)
    if isinstance(made, str):
        return Recipe(plan.installer, (), chosen.rule, where, made)
    problem = "" if made else "nothing is installed: " + chosen.rule
    return Recipe(plan.installer, made, chosen.rule, where, problem)


def _commands(
    plan: RailwayPlan, base: str, place: Path, python: Interpreter, options: BuildOptions
) -> tuple[Command, ...] | str:
    """Railpack's own commands, led to the environment at `place`."""
    if plan.installer == "pip":
        venv = (str(python.executable), "-m", "venv", "--clear", str(place))
        pip = (str(place / "bin" / "python"), "-m", "pip", "install", "--no-input", "-r", "requirements.txt")
        argvs: tuple[tuple[str, ...], ...] = (venv, (*pip, *(["--no-index"] if options.offline else [])))
        more: dict[str, str] = {}
    elif plan.installer == "uv":
        offline = ("--offline",) if options.offline else ()
        interpreter = str(place / "bin" / "python")
        argvs = tuple((uv_binary(), *it.split()[1:], "--python", interpreter, *offline) for it in plan.install)
        more = {"UV_PROJECT_ENVIRONMENT": str(place)}
    elif plan.installer in TOOLS:
        program = tool_program(plan.installer, python, options)
        if isinstance(program, str):
            return program
        argvs = tuple((str(program), *it.split()[1:]) for it in plan.install)
        more = surroundings(place)
    else:
        return ()
    shown = zip(plan.install, argvs, strict=True)
    return tuple(Command(text, argv, base, more) for text, argv in shown)
