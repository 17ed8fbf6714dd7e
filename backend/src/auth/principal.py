"""Who is asking."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import ColumnElement, Table, and_, bindparam, func

from src.auth.models import Session, User
from src.auth.tokens import InvalidToken, read_access_token
from src.database.tables import table_of
from src.problems.problem import unauthorised
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
    if scheme.lower() != "bearer" or not token:
        raise unauthorised()
    try:
        claims = read_access_token(services.settings.tokens, token)
    except InvalidToken:
        raise unauthorised("The access token is not valid.", "invalid_token") from None
    return Principal(claims.user_id, claims.session_id)


Signed = Annotated[Principal, Depends(Bearer(auto_error=False, bearerFormat="JWT", scheme_name="access token"))]
