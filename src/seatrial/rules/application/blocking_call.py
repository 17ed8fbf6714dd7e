"""An async route calls something that makes everybody wait

## What it finds
An `async def` that FastAPI calls (an endpoint, a dependency) and that comes, by functions of your own, to a call
which waits without letting others run: `requests`, `time.sleep`, `subprocess.run`, a synchronous database session,
the synchronous client of a paid service; or that hashes a password itself.

## Why it bites
One event loop answers all requests. While such a call waits, for a partner that is slow or a language model that
thinks for ten seconds, nobody else is answered, not even the health route: the platform takes the service for dead.
A password hash is made to take long: 0.2 seconds in which nothing else happens, for every login.

## What is flagged
The call in the `async def`, with the place where the waiting is done. Once for each function that waits.

## What is not
Functions without `async`, which FastAPI runs in threads; what is handed to `run_in_threadpool`, `asyncio.to_thread`
or a background task; and calls of `requests`, `time.sleep` and `subprocess` in the `async def` itself, which ruff
reports (ASYNC210, ASYNC221, ASYNC251).

## Fix safety
Review: the call is waited for in a thread. Code that shares objects between requests without a lock has to bear that.

## Reference
https://fastapi.tiangolo.com/async/#very-technical-details
https://docs.astral.sh/ruff/rules/#flake8-async-async
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from seatrial.issue import Applicability, Edit, Fix, Related, Severity, Stage
from seatrial.rules.asynchronous import EventLoop, Part
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.observation import Blocked
from seatrial.rules.rule import Expectation, Finding, Rule
from seatrial.rules.sessions import QUERIES, is_sync_session
from seatrial.rules.threads import in_thread
from seatrial.simulation.timeline import Reach

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_SEEN_BY_RUFF = frozenset(
    {
        "time.sleep",
        "os.system",
        "urllib.request.urlopen",
        *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "getoutput")),
        *(f"{library}.{verb}" for library in ("requests", "httpx") for verb in _VERBS),
    }
)
_HASHES = frozenset({"bcrypt.hashpw", "bcrypt.checkpw", "bcrypt.kdf", "hashlib.scrypt", "hashlib.pbkdf2_hmac"})
_CLASS = {
    "passlib.context.CryptContext": "CryptContext",
    "argon2.PasswordHasher": "PasswordHasher",
    "pwdlib.PasswordHash": "PasswordHash",
    "pwdlib.PasswordHash.recommended": "PasswordHash",
}
_HASHERS = frozenset(_CLASS)
_CLIENTS = frozenset(
    "openai.OpenAI openai.AzureOpenAI groq.Groq anthropic.Anthropic cohere.Client cohere.ClientV2"
    " qdrant_client.QdrantClient".split()
)
_OTHER = frozenset({"smtplib.SMTP", "smtplib.SMTP_SSL"})
_CLIENT_LIBRARIES = tuple(sorted({name.partition(".")[0] for name in _CLIENTS}))
_HASHING = frozenset({"hash", "verify", "verify_and_update"})
_FACTORY = "sqlalchemy.orm.sessionmaker"
_DEPTH = 8  # of functions that call one another


@dataclass(frozen=True, slots=True)
class _Wait:
    """What is waited for, and where."""

    what: str
    file: CodeFile
    call: ast.Call


@dataclass(slots=True)
class _Found:
    """One function that waits, and the calls of it that stand on the event loop."""

    wait: _Wait
    name: str
    route: str
    sites: list[tuple[CodeFile, ast.Call]] = field(default_factory=list)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each function that waits."""
    for found in _Search(case).found():
        yield _finding(found)


class _Search:
    """Walks from the routes along the calls, every function once."""

    def __init__(self, case: Case) -> None:
        self._loop = EventLoop(case)
        self._has_clients = any(True for _ in case.code.holding(*_CLIENT_LIBRARIES))
        self._waits: dict[ast.AST, _Wait | None] = {}
        self._found: dict[object, _Found] = {}

    def found(self) -> list[_Found]:
        seen: set[ast.AST] = set()
        waiting = list(self._loop.entries())
        while waiting:
            part = waiting.pop(0)
            if part.node not in seen:
                seen.add(part.node)
                waiting += self._looked_at(part)
        return list(self._found.values())

    def _looked_at(self, part: Part) -> Iterator[Part]:
        """Note what waits in one async function; the async functions that it calls are to be looked at too."""
        for call in self._loop.calls(part):
            what = self._waits_itself(part, call)
            callee = self._loop.called(part, call) if not what else None
            if what and what not in _SEEN_BY_RUFF:
                self._note((part.file.path, what), _Wait(what, part.file, call), ast.unparse(call.func), part, call)
            elif callee is not None and callee.is_async:
                yield callee
            elif callee is not None and not self._loop.is_awaited(part, call):
                wait = self._within(callee, 0)
                if wait is not None:
                    self._note(callee.node, wait, callee.node.name, part, call)

    def _note(self, key: object, wait: _Wait, name: str, part: Part, call: ast.Call) -> None:
        self._found.setdefault(key, _Found(wait, name, part.route)).sites.append((part.file, call))

    def _within(self, part: Part, depth: int) -> _Wait | None:
        """What a plain function waits for, itself or by others that it calls."""
        if part.node not in self._waits:
            self._waits[part.node] = None  # a function that calls itself ends here
            self._waits[part.node] = self._first(part, depth) if depth < _DEPTH else None
        return self._waits[part.node]

    def _first(self, part: Part, depth: int) -> _Wait | None:
        for call in self._loop.calls(part):
            what = self._waits_itself(part, call)
            if what:
                return _Wait(what, part.file, call)
            callee = self._loop.called(part, call)
            wait = self._within(callee, depth + 1) if callee is not None and not callee.is_async else None
            if wait is not None:
                return wait
        return None

    def _waits_itself(self, part: Part, call: ast.Call) -> str:
        """What a call waits for, by the name that a reader knows it by; "" where it is not known to wait."""
        name = part.file.full_name(call.func)
        if name in _SEEN_BY_RUFF or name in _HASHES or name in _OTHER:
            return name
        return self._of_object(part, call.func)

    def _of_object(self, part: Part, called: ast.expr) -> str:
        """The same for a method of an object whose making is in sight."""
        method = called.attr if isinstance(called, ast.Attribute) else ""
        if not self._has_clients and method not in _HASHING and method not in QUERIES:
            return ""
        chain = called
        while isinstance(chain, ast.Attribute):
            chain = chain.value
            made = self._loop.value_of(part, chain)
            kind = _maker(*made) if made is not None else ""
            if kind in _HASHERS and method in _HASHING:
                return f"{_CLASS[kind]}.{method}"
            if kind in _CLIENTS and method not in ("close", "with_options"):
                return kind
            if made is not None and method in QUERIES and self._is_session(part, *made):
                return "Session"
        return ""

    def _is_session(self, part: Part, file: CodeFile, value: ast.expr, depth: int = 0) -> bool:
        """Whether an expression makes a synchronous session: by its class, a factory, or a function that does."""
        if not isinstance(value, ast.Call) or depth > _DEPTH:
            return False
        if is_sync_session(file.full_name(value.func)):
            return True
        inside = Part(file, part.node, part.route)
        factory = self._loop.value_of(inside, value.func)
        if factory is not None and isinstance(factory[1], ast.Call) and _maker(*factory) == _FACTORY:
            return all(keyword.arg != "class_" for keyword in factory[1].keywords)
        made = self._loop.called(inside, value)
        returned = [it.value for it in ast.walk(made.node) if isinstance(it, ast.Return)] if made is not None else []
        return made is not None and any(
            it is not None and self._is_session(made, made.file, it, depth + 1) for it in returned
        )


def _maker(file: CodeFile, value: ast.expr) -> str:
    return file.full_name(value.func) if isinstance(value, ast.Call) else ""


def _finding(found: _Found) -> Finding:
    file, call = found.sites[0]
    wait = found.wait
    edits = _edits(found)
    fix = Fix(Applicability.REVIEW, "Wait for it in a thread.", edits) if edits else None
    here = Related(wait.file.place(wait.call), f"`{wait.what}` waits here")
    others = tuple(Related(other.place(node), "called here too") for other, node in found.sites[1:])
    return Finding(
        location=file.place(call),
        reach=Reach.REQUEST,
        stage=Stage.PRODUCTION,
        severity=Severity.WARNING,
        problem=f"While `{found.name}` waits, nobody else is answered.",
        cause=f"It runs on the event loop ({found.route}) and comes to `{wait.what}`, which does not let others run.",
        fix=fix,
        no_fix_reason=None if fix else "Let a function hold all that uses it, and wait for that in a thread.",
        related=others if wait.call is call else (here, *others),
    )


def _edits(found: _Found) -> tuple[Edit, ...]:
    """Every call of it in a thread; none where one of them cannot be, or where it is no single call that waits."""
    if found.wait.call is found.sites[0][1] and found.wait.what == "Session":
        return ()
    if any(keyword.arg == "stream" for keyword in found.sites[0][1].keywords):
        return ()
    edits: dict[tuple[str, int, int, str], Edit] = {}
    for file, call in found.sites:
        made = in_thread(file, call)
        if not made:
            return ()
        edits.update({(it.path, it.start.line, it.start.column, it.text): it for it in made})
    return tuple(edits.values())


_PROJECT = {
    "requirements.txt": "fastapi\nrequests\nuvicorn\n",
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    ".env.example": "PARTNER_URL=http://127.0.0.1:9000/rate\n",
    "rates.py": (
        "import os\n\nimport requests\n\n\n"
        "def current_rate() -> str:\n"
        '    return requests.get(os.environ["PARTNER_URL"], timeout=600).text\n'
    ),
}
_MAIN = """\
from fastapi import FastAPI
{}from rates import current_rate

app = FastAPI()


@app.get("/rate")
async def rate() -> str:
    return {}
"""

RULE = Rule(
    code="APP013",
    name="blocking-call",
    summary="An async route calls something that makes everybody wait",
    check=check,
    fix="sometimes",
    requirements=("A4", "B10"),
    bad={**_PROJECT, "main.py": _MAIN.format("\n", "current_rate()")},
    good={
        **_PROJECT,
        "main.py": _MAIN.format(
            "from fastapi.concurrency import run_in_threadpool\n\n", "await run_in_threadpool(current_rate)"
        ),
    },
    expect=Expectation("main.py", 10, stage=Stage.PRODUCTION, observation=Blocked("/rate", "partner")),
)
