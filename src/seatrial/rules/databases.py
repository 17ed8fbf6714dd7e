"""Databases as rules see them: what goes wrong under which URL, the engine that is behind it, and its translation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from seatrial.issue import Applicability, Edit, Fix, Location, Severity, Stage
from seatrial.libraries.sqlalchemy_urls import Url, url_of
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile, FunctionNode
from seatrial.rules.declaring import declare
from seatrial.rules.edits import add_import, insert_before
from seatrial.rules.edits import replace as put
from seatrial.rules.statements import dotted
from seatrial.simulation.timeline import Call, Mishap, MissingModule, Refusal, Timeline

Later = Callable[[Timeline], Iterable[Mishap]]
"""What a timeline says of requests that come after it."""


class Under(Enum):
    """Under which URL something goes wrong."""

    PAPERS = "the documented URL"
    NEON = "the URL of a database on Neon"
    PASTED = "the URL as Neon's console gives it"


@dataclass(frozen=True, slots=True)
class Struck:
    """One thing that goes wrong with a database, under the plainest condition that shows it."""

    mishap: Mishap
    under: Under
    timeline: Timeline

    @property
    def stage(self) -> Stage | None:
        """Only in production, unless the papers' own URL shows it."""
        return None if self.under is Under.PAPERS else Stage.PRODUCTION

    @property
    def severity(self) -> Severity | None:
        """What production alone meets stops it there; what a translated URL would avoid is a hazard."""
        return {Under.PAPERS: None, Under.NEON: Severity.ERROR, Under.PASTED: Severity.WARNING}[self.under]

    @property
    def phrase(self) -> str:
        """A sentence for the cause."""
        said = {
            Under.NEON: "It shows with the URL of a database on Neon (`?sslmode=require&channel_binding=require`).",
            Under.PASTED: "It shows with the URL as Neon's console gives it (`postgresql://…?sslmode=require&…`).",
        }
        return said.get(self.under, "")


def struck(
    case: Case,
    wanted: Callable[[Mishap, Timeline], bool],
    later: Later = lambda timeline: (),
) -> Iterator[Struck]:
    """The mishaps that a rule is about, each place and kind once; `later` gives those that only requests meet."""
    seen: set[tuple[str, int, str]] = set()
    played = (
        (Under.PAPERS, case.timeline),
        (Under.NEON, case.timeline.production),
        (Under.PASTED, case.timeline.pasted),
    )
    for under, timeline in played:
        if timeline is None:
            continue
        for mishap in (*timeline.mishaps, *later(timeline)):
            if wanted(mishap, timeline):
                key = (mishap.location.path, mishap.location.line, _kind(mishap))
                if key not in seen:
                    seen.add(key)
                    yield Struck(mishap, under, timeline)


def _kind(mishap: Mishap) -> str:
    fault = mishap.fault
    return fault.kind if isinstance(fault, Refusal) else getattr(fault, "name", "")


def is_refusal(mishap: Mishap, kind: str, libraries: tuple[str, ...] = ("sqlalchemy",)) -> bool:
    """Whether a library refuses something in this way."""
    return isinstance(mishap.fault, Refusal) and mishap.fault.library in libraries and mishap.fault.kind == kind


def is_untranslated(mishap: Mishap, timeline: Timeline) -> bool:
    """Whether a driver is only asked for because an async engine is given a URL that names none."""
    if not isinstance(mishap.fault, MissingModule):
        return False
    here = (mishap.location.path, mishap.location.line)
    return any(
        is_refusal(other, "sync-driver") and (other.location.path, other.location.line) == here
        for other in timeline.mishaps
    ) or _is_async_engine(mishap, timeline)


def _is_async_engine(mishap: Mishap, timeline: Timeline) -> bool:
    """An async engine without a driver in its URL: what it loads then was never meant."""
    for call in timeline.calls:
        here = (call.location.path, call.location.line) == (mishap.location.path, mishap.location.line)
        if here and call.callee.endswith("create_async_engine"):
            url = url_of(call.args[0] if call.args else dict(call.kwargs).get("url"))
            return url is not None and not url.driver
    return False


def scheme_at(timeline: Timeline, location: Location) -> str:
    """The scheme of the URL that the engine at a place is given; "" where that is not known."""
    for call in timeline.calls:
        if (call.location.path, call.location.line) == (location.path, location.line) and "engine" in call.callee:
            url = url_of(call.args[0] if call.args else dict(call.kwargs).get("url"))
            if url is not None:
                return url.scheme
    return ""


def version_of(case: Case, distribution: str) -> tuple[int, ...] | None:
    """The release of an installed distribution; None where there is none."""
    environment = case.environment
    found = environment.distribution(distribution) if environment is not None else None
    text = environment.versions.get(distribution, found.version if found else "") if environment is not None else ""
    return tuple(int(part) for part in text.split(".") if part.isdigit()) or None


def made(timeline: Timeline) -> Iterator[tuple[Call, Url]]:
    """Every engine that the start makes, with its URL where that is known; the last of those made at one place."""
    found: dict[tuple[str, int, int], tuple[Call, Url]] = {}
    for call in timeline.calls:
        if call.callee.rpartition(".")[2] in ("create_engine", "create_async_engine"):
            url = url_of(call.args[0] if call.args else dict(call.kwargs).get("url"))
            if url is not None:
                found[call.location.path, call.location.line, call.location.column] = call, url
    yield from found.values()


# -- the translation -----------------------------------------------------------------------------------------------

_URL_HELPER = '''\
def for_asyncpg(text: str) -> URL:
    """The database URL as asyncpg takes it, without the parameters that only libpq knows."""
    url = make_url(text)
    if url.get_backend_name() != "postgresql":
        return url
    return url.set(drivername="postgresql+asyncpg").difference_update_query(["sslmode", "channel_binding"])
'''
_TLS_HELPER = '''\
def for_asyncpg(text: str) -> tuple[URL, dict[str, Any]]:
    """The database URL as asyncpg takes it, and the TLS that its `sslmode` asks for, verified."""
    url = make_url(text)
    if url.get_backend_name() != "postgresql":
        return url, {}
    secure = url.query.get("sslmode") in ("require", "verify-ca", "verify-full")
    url = url.set(drivername="postgresql+asyncpg").difference_update_query(["sslmode", "channel_binding"])
    return url, {"ssl": ssl.create_default_context()} if secure else {}
'''
EXPLANATION = (
    "Hand the engine the URL with asyncpg as its driver and without libpq's parameters, which asyncpg does not know; "
    "where they ask for TLS it is kept, and the server's certificate is verified."
)


@dataclass(frozen=True, slots=True)
class Engine:
    """One call that makes an engine, where it is written."""

    file: CodeFile
    call: ast.Call
    statement: ast.stmt
    outer: ast.stmt
    url: ast.expr


def engine_at(case: Case, path: str, line: int) -> Engine | None:
    """The engine that is made in the statement at this place; None where that is not plain to see."""
    file = case.code.file(path)
    for outer in file.tree.body if file is not None else ():
        for statement in ast.walk(outer):
            if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr):
                continue
            for node in ast.walk(statement):
                url = _url_argument(node)
                if url is not None and isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or 0):
                    assert file is not None
                    return Engine(file, node, statement, outer, url)
    return None


def _url_argument(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, ast.Call) or not (dotted(node.func) or "").endswith("create_async_engine"):
        return None
    if node.args:
        return None if isinstance(node.args[0], ast.Starred) else node.args[0]
    return next((keyword.value for keyword in node.keywords if keyword.arg == "url"), None)


def translation(case: Case, engine: Engine) -> Fix | None:
    """Let an async engine take any PostgreSQL URL; None where its call is written too oddly."""
    file, call = engine.file, engine.call
    given = next((keyword for keyword in call.keywords if keyword.arg == "connect_args"), None)
    spread = any(keyword.arg is None for keyword in call.keywords)
    if "for_asyncpg" in file.text:
        return None
    own_tls = spread or (given is not None and '"ssl"' in file.source(given.value).replace("'", '"'))
    edits = _with_own_tls(engine) if own_tls else _with_tls(engine, given)
    helper = insert_before(file, engine.outer, (_URL_HELPER if own_tls else _TLS_HELPER) + "\n")
    if edits is None or helper is None:
        return None
    imports = ["from sqlalchemy.engine import URL, make_url"]
    imports += [] if own_tls else ["import ssl", "from typing import Any"]
    added = [add_import(file, statement) for statement in imports if not _is_imported(file, statement)]
    driver = _driver(case)
    return Fix(Applicability.REVIEW, EXPLANATION, (*added, helper, *edits, *driver))


def _with_own_tls(engine: Engine) -> list[Edit] | None:
    """The code sees to TLS itself: only the URL is translated."""
    text = engine.file.source(engine.url)
    return [put(engine.file, engine.url, f"for_asyncpg({text})")]


def _with_tls(engine: Engine, given: ast.keyword | None) -> list[Edit] | None:
    file = engine.file
    text = file.source(engine.url)
    unpacked = insert_before(file, engine.statement, f"database_url, database_tls = for_asyncpg({text})")
    if (
        unpacked is None
        or "database_tls" in file.text
        or (isinstance(engine.statement, ast.Return) and _is_lambda(engine))
    ):
        return None
    edits = [unpacked, put(file, engine.url, "database_url")]
    if given is not None:
        merged = f"{{**database_tls, **{file.source(given.value)}}}"
        return [*edits, put(file, given.value, merged)]
    end = file.end(engine.call.args[-1] if not engine.call.keywords else engine.call.keywords[-1].value)
    return [*edits, Edit(file.path, end, end, _argument(engine))]


def _is_lambda(engine: Engine) -> bool:
    return any(isinstance(node, ast.Lambda) for node in ast.walk(engine.statement))


def _argument(engine: Engine) -> str:
    """One more argument, on a line of its own where the others have one."""
    call, file = engine.call, engine.file
    last = call.keywords[-1].value if call.keywords else call.args[-1]
    line = file.lines[(call.keywords[-1].value.lineno if call.keywords else last.lineno) - 1]
    if call.end_lineno == call.lineno or (last.lineno == call.lineno):
        return ", connect_args=database_tls"
    indent = line[: len(line) - len(line.lstrip())]
    return f",\n{indent}connect_args=database_tls"


def _is_imported(file: CodeFile, statement: str) -> bool:
    return any(line.strip() == statement for line in file.lines)


def _driver(case: Case) -> tuple[Edit, ...]:
    """The line that declares asyncpg, where nothing does."""
    if case.is_declared("asyncpg"):
        return ()
    added = declare(case, "asyncpg")
    return added.edits if added is not None else ()


def proven(case: Case, fix: Fix, item: Struck, later: Later = lambda timeline: ()) -> Fix:
    """The fix as safe where the start, played again under the same URL, no longer stumbles here or sooner."""
    variables = item.timeline.supplied
    played = case.replay([fix], variables) if case.replay is not None else None
    if played is None:
        return fix
    before = {(it.failure.exception, it.failure.message) for it in item.timeline.mishaps}
    before |= {(it.failure.exception, it.failure.message) for it in later(item.timeline)}
    after = {(it.failure.exception, it.failure.message) for it in (*played.mishaps, *later(played))}
    own = (item.mishap.failure.exception, item.mishap.failure.message)
    sure = after <= before and own not in after
    return replace(fix, applicability=Applicability.SAFE) if sure else fix


def in_function(file: CodeFile, line: int) -> FunctionNode | None:
    """The innermost function around a line."""
    found = [
        node
        for node in ast.walk(file.tree)
        if isinstance(node, FunctionNode) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return max(found, key=lambda node: node.lineno, default=None)
