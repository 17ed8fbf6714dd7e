"""Who is asking."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import ColumnElement, Table, and_, bindparam, func

from src.auth.models import Session, User
from src.auth.tokens import InvalidToken
from src.database.tables import table_of
from src.problems.problem import Problem, unauthorised
from src.services import Services, services_of


@dataclass(frozen=True, slots=True)
class Principal:
    """An account, and the session that speaks for it; None when another server (Better Auth) vouches for it.

    That the token is in order says nothing of the session: whether it still lasts is asked in the query that does the
    work (`standing`), so that a sign-out is felt at once and costs no further query.
    """

    user_id: uuid.UUID
    session_id: uuid.UUID | None

    def values(self) -> dict[str, uuid.UUID]:
        """The parameters that `standing` asks for."""
        if self.session_id is None:
            return {"user": self.user_id}
        return {"user": self.user_id, "session": self.session_id}


def standing(*, by_session: bool) -> tuple[Table, ColumnElement[bool]]:
    """A table and a condition that yield one row as long as the principal may act, and none afterwards."""
    if not by_session:
        users = table_of(User)
        return users, users.c.id == bindparam("user")
    sessions = table_of(Session)
    mine = and_(sessions.c.id == bindparam("session"), sessions.c.user_id == bindparam("user"))
    return sessions, and_(mine, sessions.c.expires_at > func.now())


class Bearer(HTTPBearer):
    """Takes a token from the Authorization header, and shows in the documentation that it does."""

    async def __call__(self, request: Request) -> Principal:  # type: ignore[override]
        """The principal.

        Raises:
            Problem: 401, when nothing, or nothing valid, says who is asking; 429, when they ask too often.
        """
        services = services_of(request)
        principal = await recognise(request, services)
        await services.limiter.admit_user(principal.user_id)
        return principal


async def recognise(request: Request, services: Services) -> Principal:
    """The principal of a request, by our token, by one of Better Auth's, or by its session cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() == "bearer" and token:
        return await by_token(services, token)
    if services.better_auth is not None and "cookie" in request.headers:
        user_id = await services.better_auth.by_cookie(request.cookies)
        if user_id is not None:
            require_own_front_end(request, services)
            return Principal(user_id, None)
    raise unauthorised()


async def by_token(services: Services, token: str) -> Principal:
    """The principal of a token. Which of the two kinds it claims to be decides by whose rules, key and algorithm it is
    checked; neither is ever checked by the other's.
    """
    try:
        claims = services.tokens.read(token)
        return Principal(claims.user_id, claims.session_id)
    except InvalidToken:
        pass
    try:
        user_id = await services.better_auth.by_token(token) if services.better_auth is not None else None
    except InvalidToken:
        user_id = None
    if user_id is None:
        raise unauthorised("The access token is not valid.", "invalid_token")
    return Principal(user_id, None)


def require_own_front_end(request: Request, services: Services) -> None:
    """A browser adds a cookie to whatever site's request: what changes something has to come from a front end of ours.

    Raises:
        Problem: 403, it does not.
    """
    origin = request.headers.get("origin", "")
    pattern = services.settings.origin_pattern
    ours = origin in services.settings.origins or (pattern is not None and re.fullmatch(pattern, origin))
    if request.method not in {"GET", "HEAD"} and not ours:
        raise Problem(403, "This origin may not act for you.")


Signed = Annotated[Principal, Depends(Bearer(auto_error=False, bearerFormat="JWT", scheme_name="access token"))]
