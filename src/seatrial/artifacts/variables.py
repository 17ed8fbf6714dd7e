"""Every environment variable that the server reads, as `.env.example`, compose and the guides name it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from seatrial.artifacts.env_lines import is_bought, is_own_secret, line_for
from seatrial.artifacts.survey import Data, Variable
from seatrial.project.settings_facts import EnvDocumented, EnvRead, Kind, Source
from seatrial.project.settings_places import is_apart
from seatrial.project.settings_values import database_part, kind_by_name
from seatrial.simulation.gather import Facts
from seatrial.simulation.timeline import Timeline

# What platforms, shells and Python itself set: nobody writes these into an example.
_GIVEN = re.compile(
    r"PORT|PATH|HOME|USER|PWD|SHELL|LANG|TERM|HOSTNAME|TMPDIR|PYTHON\w*|VIRTUAL_ENV|CI|DYNO|K_SERVICE|FUNCTION_NAME"
    r"|(?:RAILWAY|RENDER|VERCEL|FLY|HEROKU|AWS_LAMBDA|GITHUB|UV|WEBSITE|XDG|KUBERNETES|PYTEST)_(?!PREVIEW)\w+|RENDER|VERCEL"
    r"|PROMETHEUS_MULTIPROC_DIR",
)
_GROUPS = (
    (r"DATABASE|POSTGRES|(?:^|_)(?:DB|PG|SQL)(?:_|$)|NEON|ALEMBIC", "2 Database"),
    (r"REDIS|CACHE|CELERY|BROKER|QUEUE", "3 Cache and queues"),
    (r"JWT|AUTH|SECRET|TOKEN_EXP|ACCESS_TOKEN|REFRESH|SESSION|ALGORITHM|OAUTH|LOGIN", "4 Sign-in and secrets"),
    (r"CORS|ORIGIN|FRONTEND|CLIENT_URL|ALLOWED_HOST|TRUSTED", "5 Front end and CORS"),
    (
        r"SMTP|MAIL|API_?KEY|STRIPE|OPENAI|GEMINI|GROQ|ANTHROPIC|AWS|S3|SENTRY|GOOGLE|TWILIO|_API|WEBHOOK",
        "6 Other services",
    ),
    (r"ENV$|ENVIRONMENT|DEBUG|LOG|HOST$|WORKERS|NAME$|VERSION|RELOAD|TIMEOUT|LIMIT", "1 Server"),
)
_UNSAFE = re.compile(r"://|@|[A-Za-z0-9+/_-]{24,}")


def variables_of(facts: Facts, timeline: Timeline, data: Data, code: str) -> tuple[Variable, ...]:
    """Each variable once, in the order of first mention; `code` is the text of all that is served."""
    reads = [
        read for read in facts.settings.reads if not is_apart(read.location.path) and not _GIVEN.fullmatch(read.name)
    ]
    supplied = dict(timeline.supplied)
    names = dict.fromkeys([*(read.name for read in reads), *(name for name in supplied if not _GIVEN.fullmatch(name))])
    documented = _documented(facts.documented.documented)
    made = (_variable(name, facts.settings.of(name), documented.get(name), supplied, data) for name in names)
    return tuple(
        replace(it, required=True) if _is_asked_for(it, facts.settings.of(it.name), code) else it for it in made
    )


def _is_asked_for(variable: Variable, reads: Sequence[EnvRead], code: str) -> bool:
    """Whether a deployment needs it although the code reads it as optional: it is None there, and then refused."""
    if variable.required or variable.bought or any(read.default not in (None, "None", "''", '""') for read in reads):
        return variable.required
    if variable.secret or variable.role == "database":
        return True
    said = (
        rf"\b{re.escape(variable.name)}\b[^\n]{{0,60}}(?:is not set|is required|must be set|is missing|not configured)"
    )
    return re.search(said, code) is not None


def _documented(items: Iterable[EnvDocumented]) -> dict[str, EnvDocumented]:
    """What the strongest paper says that people write for people; a committed `.env` is nobody's example."""
    found: dict[str, EnvDocumented] = {}
    for item in items:
        if item.source in (Source.TEMPLATE, Source.COMPOSE, Source.README):
            found.setdefault(item.name, item)
    return found


def _variable(
    name: str, reads: Sequence[EnvRead], said: EnvDocumented | None, supplied: dict[str, str], data: Data
) -> Variable:
    kind = _kind(name, reads)
    default = next((text for read in reads if (text := _literal(read.default)) is not None), "")
    scheme = _scheme(name, said, supplied, data.dialect)
    line = line_for(name, reads, scheme, kind)
    secret = kind is Kind.SECRET and is_own_secret(name) and not is_bought(name)
    value = (
        "http://localhost:3000" if re.search(r"ORIGIN|CORS", name, re.I) and line.value == "change-me" else line.value
    )
    if default and kind is not Kind.SECRET:
        value = default
    elif said is not None and said.value and kind not in (Kind.SECRET, Kind.DATABASE_URL):
        value = value if _UNSAFE.search(said.value) else said.value
    return Variable(
        name=name,
        group=_group(name, kind),
        value=value,
        required=_is_required(name, reads, kind, supplied),
        comment=_comment(kind, line.comment, reads),
        secret=secret,
        bought=kind is Kind.SECRET and is_bought(name),
        role=_role(name, kind, data),
        default=default,
    )


def _kind(name: str, reads: Sequence[EnvRead]) -> Kind:
    """The form of the value; an address that is typed as a secret is still an address."""
    kind = next((read.kind for read in reads if read.kind is not Kind.TEXT), Kind.TEXT)
    by_name = kind_by_name(name)
    return by_name if kind is Kind.TEXT or (kind is Kind.SECRET and by_name in (Kind.DATABASE_URL, Kind.URL)) else kind


def _is_required(name: str, reads: Sequence[EnvRead], kind: Kind, supplied: dict[str, str]) -> bool:
    """Whether anything fails without it: a read that says so, a start that did, or an address or a secret of None."""
    if name in supplied or any(read.required for read in reads):
        return True
    bare = bool(reads) and all(read.default in (None, "None", "''", '""') and not read.owner for read in reads)
    return bare and (kind is Kind.DATABASE_URL or (kind is Kind.SECRET and is_own_secret(name) and not is_bought(name)))


def _literal(source: str | None) -> str | None:
    """A default of the code as it would be written in a dotenv file; None where it is none, or computed."""
    try:
        value = ast.literal_eval(source) if source is not None else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        text = str(value)
        return None if "\n" in text or "#" in text else text
    return None


def _scheme(name: str, said: EnvDocumented | None, supplied: dict[str, str], dialect: str) -> str:
    """What the papers say, with the driver where they leave that open."""
    for value in (said.value if said is not None else None, supplied.get(name)):
        scheme = (value or "").strip("\"' ").partition("://")[0]
        if re.fullmatch(r"postgres(?:ql)?(?:\+\w+)?|sqlite(?:\+\w+)?|mysql(?:\+\w+)?", scheme):
            return dialect if scheme in ("postgres", "postgresql", "mysql") else scheme
    return dialect


def _group(name: str, kind: Kind) -> str:
    if kind is Kind.DATABASE_URL:
        return "2 Database"
    return next((group for pattern, group in _GROUPS if re.search(pattern, name, re.I)), "7 Everything else")


def _comment(kind: Kind, said: str, reads: Sequence[EnvRead]) -> str:
    choices = next((read.choices for read in reads if read.choices), ())
    if choices:
        return f"one of {', '.join(choices)}"
    if kind is Kind.DATABASE_URL:
        return "address of the database; on Neon the pooled one"
    return said or (f"read in {reads[0].location.path}" if reads else "")


def _role(name: str, kind: Kind, data: Data) -> str:
    """What of a service the variable leads to."""
    if re.search(r"TEST", name):
        return ""
    if data.redis and re.search(r"REDIS|CELERY|BROKER", name):
        part = re.search(r"(HOST|PORT)$", name)
        return f"redis-{part[1].lower()}" if part else "redis" if kind is Kind.URL else ""
    if data.mongo and "MONGO" in name.upper():
        return _role_of_mongo(name)
    if data.engine not in ("postgresql", "mysql"):
        return ""
    if kind is Kind.DATABASE_URL or (data.engine == "mysql" and kind is Kind.URL and _MYSQL.search(name)):
        return "direct" if re.search(r"DIRECT|UNPOOLED|MIGRATION|NON_POOLING", name) else "database"
    part_name = database_part(_MYSQL.sub("DB", name) if data.engine == "mysql" else name)
    return {"database": "name", "credentials": ""}.get(part_name, part_name)


_MYSQL = re.compile(r"MYSQL|MARIA_?DB", re.I)


def _role_of_mongo(name: str) -> str:
    """A part of the address, or all of it; the database's name is the backend's own."""
    if re.search(r"(?:URL|URI|DSN|CONNECTION(?:_STRING)?)$", name, re.I):
        return "mongo"
    part = re.search(r"(HOST|SERVER|PORT|USER|PASSWORD|PASS)(?:_?NAME)?$", name, re.I)
    known = {"server": "host", "pass": "password"}
    return f"mongo-{known.get(part[1].lower(), part[1].lower())}" if part else ""
