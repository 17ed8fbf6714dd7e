"""A transaction pooler refuses the settings that a connection starts with

## What it finds
Session settings that are sent with the first packet of a connection (`server_settings` of asyncpg, `options` of
libpq) to a database that is reached through a pooler in transaction mode.

## Why it bites
A pooler hands one connection to many clients in turn, so it takes only settings that it can give to each of them:
`application_name`, `client_encoding`, `DateStyle`, `TimeZone` and `standard_conforming_strings`. Any other ends every
connection: `unsupported startup parameter: jit`. No request that needs the database is answered.

## What is flagged
The engine, where its `connect_args` hold such a setting and a documented URL is that of a pooler (`-pooler` of Neon,
port 6543 of Supabase, a host named for PgBouncer): as an error. As a warning where the URL is a direct one of Neon,
whose console gives the pooled one unless asked otherwise.

## What is not
Settings that poolers take, and `options=endpoint=...`, which is for Neon's own proxy.

## Fix safety
Review: the settings go, which the server's own take the place of. To keep one, set it for the role
(`ALTER ROLE ... SET jit = off`), or for each transaction by `SET LOCAL`.

## Reference
https://neon.com/docs/connect/connection-errors
https://www.pgbouncer.org/config.html#ignore_startup_parameters
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Applicability, Edit, Fix, Location, Related, Severity, Stage
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Answers, Request
from seatrial.rules.played import Written, argument
from seatrial.rules.poolers import neon, pooler, server_engines
from seatrial.rules.rule import Expectation, Finding, Rule

_TAKEN = frozenset({"application_name", "client_encoding", "datestyle", "timezone", "standard_conforming_strings"})
_OPTION = re.compile(r"(?:-c\s*|--)([\w.]+)\s*=")


def check(case: Case) -> Iterator[Finding]:
    """One finding for each engine."""
    for found, _ in server_engines(case):
        refused = _refused(argument(found.call, "connect_args", None))
        through = pooler(case) if refused else None
        place = through.location if through is not None else neon(case) if refused else None
        if place is not None:
            kind = through.kind if through is not None else ""
            yield _finding(found, refused, kind, place)


def _refused(connect_args: object) -> tuple[str, ...]:
    """The settings among the arguments of the driver that a pooler does not take."""
    if not isinstance(connect_args, dict):
        return ()
    settings = connect_args.get("server_settings")
    options = connect_args.get("options")
    names = [name for name in settings if isinstance(name, str)] if isinstance(settings, dict) else []
    names += _OPTION.findall(options) if isinstance(options, str) else []
    return tuple(name for name in names if name.lower() not in _TAKEN)


def _finding(found: Written, refused: tuple[str, ...], kind: str, place: Location) -> Finding:
    names = ", ".join(f"`{name}`" for name in refused)
    edits = _edits(found, refused)
    fix = Fix(Applicability.REVIEW, "Leave the settings to the server.", edits) if edits else None
    return Finding(
        location=found.place,
        reach=found.call.reach,
        stage=Stage.PRODUCTION,
        severity=Severity.ERROR if kind else Severity.WARNING,
        problem=f"A pooler refuses every connection that starts with {names}.",
        cause=f"The database is reached through {kind} in transaction mode."
        if kind
        else "Neon's console gives the address of its pooler unless asked for the direct one.",
        fix=fix,
        no_fix_reason=None if fix else "Where the settings are put together cannot be edited exactly.",
        related=(Related(place, "the documented address of the database"),),
    )


def _edits(found: Written, refused: tuple[str, ...]) -> tuple[Edit, ...]:
    """Take the settings out of the dictionary that is written in the call; the whole of it where none is left."""
    given = found.keyword("connect_args")
    outer = given.value if given is not None else None
    for key, value in zip(outer.keys, outer.values, strict=True) if isinstance(outer, ast.Dict) else ():
        if isinstance(key, ast.Constant) and key.value == "server_settings" and isinstance(value, ast.Dict):
            names = [it.value for it in value.keys if isinstance(it, ast.Constant)]
            if len(names) != len(value.keys):
                return ()
            if set(names) <= set(refused):
                return (Edit(found.file.path, found.file.start(value), found.file.end(value), "{}"),)
            return tuple(_without(found.file, value, refused))
    return ()


def _without(file: CodeFile, held: ast.Dict, refused: tuple[str, ...]) -> Iterator[Edit]:
    keys = [key for key in held.keys if isinstance(key, ast.Constant)]
    kept = [key.value not in refused for key in keys]
    for index, key in enumerate(keys):
        if kept[index]:
            continue
        if any(kept[:index]):
            yield Edit(file.path, file.end(held.values[index - 1]), file.end(held.values[index]), "")
        else:
            yield Edit(file.path, file.start(key), file.start(keys[index + 1]), "")


_PROJECT = {
    "requirements.txt": "asyncpg\nfastapi\nsqlalchemy[asyncio]\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "DATABASE_URL=postgresql+asyncpg://user:password@pgbouncer:6432/app\n",
}
_MAIN = """\
import os

from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
url = url.difference_update_query(["sslmode", "channel_binding"])
engine = create_async_engine(
    url,
    pool_pre_ping=True,
    connect_args={{
        "statement_cache_size": 0,
        "prepared_statement_name_func": str,
        "server_settings": {{{}}},
    }},
)
app = FastAPI()


@app.get("/health")
async def health() -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("select now()")))
"""

RULE = Rule(
    code="DB017",
    name="startup-parameters",
    summary="A transaction pooler refuses the settings that a connection starts with",
    check=check,
    fix="sometimes",
    requirements=("A4", "C3"),
    bad={**_PROJECT, "main.py": _MAIN.format('"application_name": "tasks", "jit": "off"')},
    good={**_PROJECT, "main.py": _MAIN.format('"application_name": "tasks"')},
    expect=Expectation(
        "main.py",
        9,
        stage=Stage.PRODUCTION,
        observation=Answers(Request("/health"), status=500),
        database=True,
        pooled=True,
    ),
)
