"""What a service offers that shows no schema: its usual paths, asked one after another without changing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seatrial.verification.api import ID, USER, Accounts, Operation, Resource
from seatrial.verification.client import Client
from seatrial.verification.probe import Unclear

_PREFIXES = ("", "/api", "/api/v1")
_HEALTH = ("/health", "/healthz", "/api/health", "/readyz", "/health/ready")
_PAIRS = (("/auth/signup", "/auth/login"), ("/auth/register", "/auth/login"), ("/register", "/login"))
_BETTER = ("/api/auth/sign-up/email", "/api/auth/sign-in/email")
_ME = ("/auth/me", "/users/me", "/me")
_NAMES = ("tasks", "todos", "items", "notes")
_MOVED = (307, 308)
_STRANGER = "00000000-0000-4000-8000-000000000000"
_ALL = frozenset({"GET", "PUT", "PATCH", "DELETE"})


def guess_health(client: Client) -> tuple[str, ...]:
    """The first usual path of a health check that answers; 200, or 503 from a service that is not well."""
    found = (path for path in _HEALTH if _status(client, "GET", path) in (200, 503))
    return tuple(path for path, _ in zip(found, range(1), strict=False))


def guess_accounts(client: Client, known: Accounts, told: bool) -> Accounts:
    """The usual operations of accounts. A path that only takes POST answers 405 to GET, and nothing is changed.

    Where a schema has `told` of the others, only what is mounted beside the application can be missing in it.
    """
    for prefix in () if told else _PREFIXES:
        for signup, login in _PAIRS:
            if _status(client, "GET", prefix + signup) in (405, 422):
                return _found(client, prefix, Operation("POST", prefix + signup), Operation("POST", prefix + login))
    if _status(client, "POST", _BETTER[0], b"{}") in (400, 422):
        accounts = Accounts(
            Operation("POST", _BETTER[0]),
            Operation("POST", _BETTER[1]),
            Operation("GET", "/api/auth/get-session"),
            Operation("POST", "/api/auth/delete-user"),
        )
        return replace(accounts, token="/api/auth/token")
    for prefix in () if told else _PREFIXES:
        if _status(client, "GET", prefix + "/auth/login") in (405, 422):
            return _found(client, prefix, None, Operation("POST", prefix + "/auth/login"))
    return known


def _found(client: Client, prefix: str, signup: Operation | None, login: Operation) -> Accounts:
    for path in (prefix + it for it in _ME):
        if _status(client, "GET", path) in (401, 403):
            return Accounts(signup, login, Operation("GET", path), Operation("DELETE", path))
    return Accounts(signup, login)


def guess_resource(client: Client, operations: Iterable[Operation] = ()) -> Resource | None:
    """A usual resource that is closed to strangers. Its fields are learnt when a user first makes one."""
    known = [it.path.rstrip("/") for it in operations if it.method == "POST"]
    for prefix in _PREFIXES:
        for name in _NAMES:
            for path in (f"{prefix}/{name}", f"{prefix}/{USER}/{name}"):
                collection = path if path in known else "" if known else _closed(client, path)
                if collection:
                    return Resource(name.removesuffix("s"), collection, f"{path}/{ID}", _ALL, {}, "")
    return None


def _closed(client: Client, path: str) -> str:
    """The path, with a slash at its end where the service sends there, if it is closed to strangers; else ""."""
    # A path below `{user}` that FastAPI does not have is 404, as any other.
    for tried in (path, f"{path}/"):
        status = _status(client, "GET", tried.replace(USER, _STRANGER))
        if status not in _MOVED:
            return tried if status in (401, 403) else ""
    return ""


def _status(client: Client, method: str, path: str, body: bytes = b"") -> int:
    headers = (("Content-Type", "application/json"),) if body else ()
    try:
        return client.send(method, path, headers=headers, body=body, note="looks for a usual path").status
    except Unclear:
        return 0
