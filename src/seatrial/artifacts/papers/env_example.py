""".env.example: every variable that the code reads, by group, with what it is, and never a real secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from seatrial.artifacts.paper import Draft, Manner, Paper, Purpose
from seatrial.artifacts.survey import Survey, Variable
from seatrial.project import dotenv
from seatrial.project.settings_documented import from_template

_HEAD = (
    "# Every variable that the server reads. Copy it to .env, which is never committed, and fill it in:\n"
    "# `scripts/prepare-deployment.sh init` does both and makes the secrets.\n"
    "# Lines that begin with `#` and a name are optional, and hold what the code takes by itself.\n"
)


def draft(survey: Survey) -> Iterator[Draft]:
    """A new example, or the one that is there with the variables that it lacks."""
    path = survey.path(".env.example")
    present = survey.texts.get(path)
    if present is None:
        yield Draft(path, _HEAD + _groups(survey.variables), Manner.LINES)
        return
    named = {item.name for item in from_template(present, path)}
    lacking = [variable for variable in survey.variables if variable.name not in named]
    unset = {item.name for item in dotenv.parse(present)}
    lacking += [it for it in survey.variables if it.required and it.name in named and it.name not in unset]
    text = present.rstrip("\n") + "\n" + _groups(lacking) if lacking else present
    yield Draft(path, text, Manner.LINES)


def _groups(variables: Sequence[Variable]) -> str:
    ordered = sorted(variables, key=lambda variable: (variable.group, not variable.required))
    return "".join(_group(name, list(of)) for name, of in groupby(ordered, key=lambda variable: variable.group))


def _group(name: str, variables: Sequence[Variable]) -> str:
    return f"\n# --- {name.partition(' ')[2]}\n" + "".join(map(_lines, variables))


def _lines(variable: Variable) -> str:
    need = "Required" if variable.required else "Optional"
    said = f"# {need}{': ' + variable.comment if variable.comment else '.'}\n"
    if variable.required:
        return f"{said}{variable.name}={variable.value}\n"
    # What the code does without has no value that could be meant.
    return (
        f"{said}# {variable.name}={variable.value if variable.value not in ('change-me', '60') else variable.default}\n"
    )


PAPER = Paper("env-example", "every variable, and never a real secret", tuple(Purpose), draft, order=30)
