"""Pool arguments that the pool does not take

## What it finds
`pool_size`, `max_overflow`, `pool_timeout` or `pool_use_lifo` for an engine whose pool has no use for them: one
with `poolclass=NullPool` or `StaticPool`, or one whose URL falls back to SQLite in memory.

## Why it bites
SQLAlchemy refuses the engine: `TypeError: Invalid argument(s) 'pool_size' sent to create_engine()`. With a fallback
URL this shows only where the real one is missing, which is the first start of every newcomer.

## What is flagged
The engine, under the documented URL; as a hazard where only the URL of a database on Neon shows it.

## What is not
Arguments that are added only for the URLs that take them.

## Fix safety
Safe where the pool's class is written beside them: the arguments that it ignores go. Otherwise which of the two was
meant is for a person to say.

## Reference
https://docs.sqlalchemy.org/en/20/core/pooling.html#switching-pool-implementations
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix
from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.databases import Struck, is_refusal, proven, struck
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.simulation.timeline import Refusal


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    for item in struck(case, lambda mishap, timeline: is_refusal(mishap, "pool-arguments")):
        fault = item.mishap.fault
        assert isinstance(fault, Refusal)
        names = fault.subject.split(",")
        fix = _fix(case, item, names)
        yield Finding(
            location=item.mishap.location,
            reach=item.mishap.reach,
            stage=item.stage,
            severity=item.severity,
            certain=item.mishap.certain,
            problem=f"The engine's pool does not take {', '.join(f'`{name}`' for name in names)}.",
            cause=f"{item.mishap.failure.message.partition('  ')[0]} {item.phrase}".strip(),
            fix=fix,
            no_fix_reason=None if fix else "Whether the pool or the arguments are meant is for a person to say.",
        )


def _fix(case: Case, item: Struck, names: list[str]) -> Fix | None:
    file = case.code.file(item.mishap.location.path)
    line = item.mishap.location.line
    for maker in ("create_engine", "create_async_engine"):
        for call in file.sites.calls.get(maker, ()) if file is not None else ():
            own = [keyword for keyword in call.keywords if keyword.arg in names]
            chosen = any(it.arg == "poolclass" and last_name(it.value).endswith("Pool") for it in call.keywords)
            if call.lineno <= line <= (call.end_lineno or 0) and len(own) == len(names) and chosen and file is not None:
                parts: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
                edits = []
                for keyword in own:
                    before = parts[parts.index(keyword.value) - 1]
                    if before is keyword.value or not parts.index(keyword.value):
                        return None
                    edits.append(Edit(file.path, file.end(before), file.end(keyword.value), ""))
                fix = Fix(Applicability.REVIEW, "Leave out what the chosen pool has no use for.", tuple(edits))
                return proven(case, fix, item)
    return None


_PROJECT = {
    "requirements.txt": "fastapi\nsqlalchemy\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
}
_MAIN = """\
from fastapi import FastAPI
from sqlalchemy import NullPool, create_engine

engine = create_engine("sqlite:///tasks.db", poolclass=NullPool{})
app = FastAPI()
"""

RULE = Rule(
    code="DB003",
    name="pool-arguments",
    summary="An engine is given arguments that its pool does not take",
    check=check,
    fix="sometimes",
    requirements=("A4",),
    bad={**_PROJECT, "main.py": _MAIN.format(", pool_size=5, max_overflow=10")},
    good={**_PROJECT, "main.py": _MAIN.format("")},
    expect=Expectation("main.py", 4, exception="TypeError"),
)
