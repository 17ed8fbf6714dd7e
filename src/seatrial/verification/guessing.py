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
_STRANGER = "00000000-0000-4000-8000-000000000000"
_ALL = frozenset({"GET", "PUT", "PATCH", "DELETE"})


def guess_health(client: Client) -> tuple[str, ...]:
    """The first usual path of a health check that answers; 200, or 503 from a service that is not well."""
    found = (path for path in _HEALTH if _status(client, "GET", path) in (200, 503))
    return tuple(path for path, _ in zip(found, range(1), strict=False))


def guess_accounts(client: Client, known: Accounts) -> Accounts:
    """The usual operations of accounts. A path that only takes POST answers 405 to GET, and nothing is changed."""
    for prefix in _PREFIXES:
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
    for prefix in _PREFIXES:
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
                if path in known or (not known and _is_closed(client, path)):
                    return Resource(name.removesuffix("s"), path, f"{path}/{ID}", _ALL, {}, "")
    return None


def _is_closed(client: Client, path: str) -> bool:
    # A path below `{user}` that FastAPI does not have is 404, as any other.
    return _status(client, "GET", path.replace(USER, _STRANGER)) in (401, 403)


def _status(client: Client, method: str, path: str, body: bytes = b"") -> int:
    headers = (("Content-Type", "application/json"),) if body else ()
    try:
        return client.send(method, path, headers=headers, body=body, note="looks for a usual path").status
    except Unclear:
        return 0
