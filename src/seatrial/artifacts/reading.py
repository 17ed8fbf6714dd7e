"""From the facts of one backend to the survey that its papers are written from."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from seatrial.artifacts.installing import install_of
from seatrial.artifacts.stamp import is_ours
from seatrial.artifacts.survey import Data, Edge, Launch, Survey, Variable
from seatrial.artifacts.variables import variables_of
from seatrial.errors import UsageError
from seatrial.project.documents import Documents
from seatrial.project.files import Source
from seatrial.project.launch.targets import Target
from seatrial.project.settings_facts import Kind
from seatrial.project.settings_places import is_apart
from seatrial.simulation.gather import Facts
from seatrial.simulation.timeline import Timeline

_HEALTH = (
    "health",
    "healthz",
    "health-check",
    "healthcheck",
    "health/ready",
    "readyz",
    "ready",
    "livez",
    "ping",
    "status",
)
_POSTGRES = {"asyncpg", "psycopg", "psycopg-binary", "psycopg2", "psycopg2-binary", "pg8000"}
_MYSQL = {"mysqlclient", "pymysql", "aiomysql", "asyncmy", "mysql-connector-python"}
_MONGO = {"pymongo", "motor", "beanie", "odmantic", "mongoengine"}
_OTHER = {"oracledb", "pyodbc"}
_REDIS = {"redis", "aioredis", "arq", "fastapi-limiter", "fastapi-cache2", "rq", "dramatiq", "celery", "coredis"}
_LIMITS = {"slowapi", "limits", "fastapi-limiter", "asgi-ratelimit", "throttled-py"}
_SERVERS = ("uvicorn", "hypercorn", "granian")


class Texts(Mapping[str, str]):
    """The present text of every paper, read when it is asked for."""

    def __init__(self, documents: Documents, files: Iterable[str]) -> None:
        self._documents = documents
        self._files = tuple(files)

    def __getitem__(self, path: str) -> str:
        text = self._documents.text(path) if self._documents.is_file(path) else None
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def survey_of(
    facts: Facts, timeline: Timeline, papers: Collection[str], today: date, *, replaced: bool = False
) -> Survey:
    """The survey; `papers` are the names of those that are to be written, `replaced` those of a person's own too.

    Raises UsageError where nothing is declared, nothing starts the server, or either lies outside PATH.
    """
    target = facts.target
    if target is None:
        raise UsageError("nothing says what starts the server: name it with --target module:app")
    documents = Documents.of(facts.tree.root)
    home = _home(facts, target)
    install = install_of(facts.manifest, documents, home)
    code = _code(facts, home)
    declared = frozenset(requirement.key for requirement in facts.manifest.requirements)
    data = _data(facts, home, declared, code)
    variables = variables_of(facts, timeline, data, code)
    return Survey(
        name=_name(facts, documents, home),
        home=home,
        within=posixpath.normpath(posixpath.join(*documents.above, home)),
        above="/".join(documents.above),
        python=".".join(map(str, facts.python)),
        launch=_launch(target, home, declared, frozenset(read.name for read in facts.settings.reads)),
        install=install,
        variables=variables,
        data=data,
        edge=_edge(code, declared, variables),
        health=_health(timeline),
        image="dockerfile" in papers or documents.is_file(_join(home, "Dockerfile")),
        by_hand=_by_hand(documents, home, papers, replaced=replaced),
        stack="compose" in papers or documents.is_file(_join(home, "docker-compose.yml")),
        railway="railway" in papers or documents.is_file(_join(home, ".railway/railway.ts")),
        files=frozenset(facts.tree.files),
        texts=Texts(documents, facts.tree.files),
        today=today.isoformat(),
    )


def _by_hand(documents: Documents, home: str, papers: Collection[str], *, replaced: bool) -> str:
    """The Dockerfile, or where there is none the Procfile, if it is a person's own and stays so."""
    for name in ("Dockerfile", "Procfile"):
        text, ours = documents.text(_join(home, name)), name.lower() in papers
        if text is not None:
            return "" if is_ours(text) or (ours and replaced) else name
        if ours:
            return ""
    return ""


def _home(facts: Facts, target: Target) -> str:
    """The folder that the server is started in and everything declared lies in."""
    base, cwd = facts.base, target.cwd
    home = base if _holds(base, cwd) else cwd
    folder = facts.manifest.folder
    if not _holds(home, folder):
        home = folder
    if home == ".." or home.startswith("../"):
        raise UsageError(f"the backend is started, or declared, above this folder: run it in {home}")
    return home


def _holds(folder: str, path: str) -> bool:
    return (folder in (".", path) and not path.startswith("..")) or path.startswith(folder + "/")


def _join(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))


def _name(facts: Facts, documents: Documents, home: str) -> str:
    """A checkout may have any name: what says it itself comes first, and what was written before."""
    documents_named = (*facts.manifest.installed, *facts.manifest.documents)
    named = next((document.name for document in documents_named if document.name), "")
    written = re.search(r"service\(\"([^\"]+)\"", documents.text(_join(home, ".railway/railway.ts")) or "")
    named = named or (written[1] if written else "")
    folder = posixpath.basename(home) if home != "." else (documents.above or (facts.tree.root.resolve().name,))[-1]
    slug = re.sub(r"[^a-z0-9]+", "-", (named or folder).lower()).strip("-")
    return slug or "backend"


def _launch(target: Target, home: str, declared: frozenset[str], read: frozenset[str]) -> Launch:
    """uvicorn, unless the backend is started by another server and does not have it; a program of its own that takes
    the platform's port is kept.
    """
    server = target.server if target.server in _SERVERS and target.server in declared else "uvicorn"
    if not target.module:
        raise UsageError("the server is started by code that names no module: name it with --target module:app")
    entry = target.path_entries[0] if target.path_entries else target.cwd
    app_dir = posixpath.relpath(entry, home)
    paths = tuple(posixpath.relpath(path, home) for path in (*target.path_entries[1:], *target.installed))
    program = target.run_module if target.imports and "PORT" in read and app_dir == "." else ""
    return Launch(
        target.module, target.attribute or "app", target.factory, server, app_dir,
        tuple(path for path in dict.fromkeys(paths) if path != app_dir and not path.startswith("..")),
        program, "HOST" in read,
    )  # fmt: skip


def _code(facts: Facts, home: str) -> str:
    """The text of all that is served."""
    within = "" if home == "." else home + "/"
    sources = facts.trees.sources.items()
    return "\n".join(
        source.text
        for path, source in sources
        if isinstance(source, Source) and path.startswith(within) and not is_apart(path[len(within) :])
    )


def _data(facts: Facts, home: str, declared: frozenset[str], code: str) -> Data:
    names = [read.name.upper() for read in facts.settings.reads]
    engine = _engine(facts, declared, code)
    return Data(
        engine=engine,
        dialect=_dialect(engine, declared, code),
        mongo=bool(declared & _MONGO) and any("MONGO" in name for name in names),
        redis=bool(declared & _REDIS) and any("REDIS" in name for name in names),
        migrations=_migrates(facts, home, declared),
        asyncpg="asyncpg" in declared and "create_async_engine" in code,
        caches_off=re.search(r"[\"']?statement_cache_size[\"']?\s*[:=]\s*0", code) is not None,
        pre_ping=re.search(r"pool_pre_ping|def \w*ping\b|[\"']checkout[\"']", code) is not None,
        recycle="pool_recycle" in code,
    )


def _engine(facts: Facts, declared: frozenset[str], code: str) -> str:
    """What keeps the data in production: a driver that is declared says more than a file for development.

    Of several drivers the address decides that a paper, or else the code, names.
    """
    asked = [read for read in facts.settings.reads if read.kind is Kind.DATABASE_URL]
    # The strongest comes first, and a guide that only names the variable says nothing of its value.
    documented = {item.name: item.value for item in reversed(facts.documented.documented) if item.value}
    values = [documented.get(read.name, "") + (read.default or "") for read in asked]
    declares = {"postgresql": bool(declared & _POSTGRES), "mysql": bool(declared & _MYSQL)}
    if all(declares.values()):
        return _named([*values, code]) or "postgresql"
    found = next((engine for engine, driver in declares.items() if driver), "")
    if found or declared & _OTHER:
        return found or "other"
    lies_in_a_file = any("sqlite" in value for value in values) or "sqlite:" in code or "sqlite+" in code
    return _named(values) or ("sqlite" if lies_in_a_file else "")


def _named(texts: Iterable[str]) -> str:
    """The engine of the first address in them."""
    for text in texts:
        if match := re.search(r"\b(?:(postgres(?:ql)?)|mysql|mariadb)(?:\+\w+)?://", text):
            return "postgresql" if match[1] else "mysql"
    return ""


def _dialect(engine: str, declared: frozenset[str], code: str) -> str:
    """The driver has to be named: what a plain `postgresql://` loads differs between releases of SQLAlchemy."""
    scheme = "mysql" if engine == "mysql" else "postgresql"
    if "create_async_engine" in code:
        drivers = ("aiomysql", "asyncmy") if engine == "mysql" else ("asyncpg", "psycopg")
        found = next((name for name in drivers if name in declared), "")
    elif "create_engine" in code and ".connect(" not in code.replace("engine.connect(", ""):
        drivers = ("pymysql", "mysqlclient") if engine == "mysql" else ("psycopg2", "psycopg")
        found = next((name for name in drivers if {name, f"{name}-binary"} & declared), "")
    else:
        found = ""
    driver = {"mysqlclient": "mysqldb"}.get(found, found)
    return f"{scheme}+{driver}" if driver else scheme


def _migrates(facts: Facts, home: str, declared: frozenset[str]) -> bool:
    """Whether Alembic has something to do, and takes the database's address from where the server does."""
    if "alembic" not in declared or _join(home, "alembic.ini") not in facts.tree:
        return False
    within = "" if home == "." else home + "/"
    scripts = [path for path in facts.tree.python if path.startswith(within)]
    has_versions = any("/versions/" in path for path in scripts)
    texts = [facts.trees.sources.get(path) for path in scripts if path.endswith("/env.py")]
    usable = [it.text for it in texts if isinstance(it, Source) and _OWN_ADDRESS.search(it.text)]
    return has_versions and any(_finds_its_imports(facts, home, text) for text in usable)


# How Alembic's script takes the address from elsewhere than alembic.ini, which names one machine's.
_OWN_ADDRESS = re.compile(
    r"set_main_option\(\s*[\"']sqlalchemy\.url|\[[\"']sqlalchemy\.url[\"']\]\s*=|[\"']sqlalchemy\.url[\"']\s*:"
    r"|\bcreate_(?:async_)?engine\(|\bengine_from_config\([^)]*\burl\s*=|\bimport\b[^\n]*\b\w*engine\b(?!_from_config)"
    r"|\bconnectable\s*=\s*(?!engine_from_config|async_engine_from_config|context|config)\w"
)


def _finds_its_imports(facts: Facts, home: str, text: str) -> bool:
    """Whether what a script imports of the backend's own lies where `python -m alembic` looks: in its folder.

    One that adds folders of its own may find it in any of the backend's; nothing outside it goes with it.
    """
    asked = set(re.findall(r"^\s*(?:from|import)\s+(\w+)", text, re.M))
    known = {posixpath.basename(path).removesuffix(".py") for path in facts.tree.python}
    known |= {part for path in facts.tree.python for part in path.split("/")[:-1]} | {facts.tree.root.resolve().name}
    known |= set(Documents.of(facts.tree.root).above)
    places = {home}
    if "sys.path" in text:
        within = "" if home == "." else home + "/"
        places |= {posixpath.dirname(path) or "." for path in facts.tree.python if path.startswith(within)}
        places |= {posixpath.dirname(place) or "." for place in places if place not in (home, ".")}
    wanted = {name for name in asked & known if name not in sys.stdlib_module_names}
    return all(any(_is_in(facts, place, name) for place in places) for name in wanted)


def _is_in(facts: Facts, home: str, name: str) -> bool:
    return _join(home, f"{name}.py") in facts.tree or any(
        it.endswith(".py") for it in facts.tree.below(_join(home, name))
    )


def _edge(code: str, declared: frozenset[str], variables: Iterable[Variable]) -> Edge:
    cors = "none"
    if "CORSMiddleware" in code:
        cors = "any" if re.search(r"allow_origins\s*=\s*\[\s*[\"']\*", code) else "listed"
    return Edge(
        cors=cors,
        docs=re.search(r"\b(?:docs_url|openapi_url)[\"']?\s*[=:]", code) is not None,
        headers=re.search(r"strict-transport-security|x-content-type-options", code, re.I) is not None,
        limits=bool(declared & _LIMITS),
        weak=tuple(it.name for it in variables if it.secret and not it.required and it.default),
    )


def _health(timeline: Timeline) -> str:
    """The route that says how the server is: GET, without parameters, and of the usual names the most usual."""
    paths = [route.path for route in timeline.routes if "GET" in route.methods and "{" not in route.path]
    for name in _HEALTH:
        found = [path for path in paths if path.rstrip("/").lower().endswith(f"/{name}")]
        if found:
            return min(found, key=lambda path: (len(path), path))
    return ""
