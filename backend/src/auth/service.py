"""Accounts: sign-up, sign-in, exchange of tokens, sign-out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from src.auth import repository
from src.auth.models import LOCAL
from src.auth.principal import Principal, standing
from src.auth.schemas import Login, PasswordChange, SignUp, TokenPair
from src.auth.tokens import hash_refresh_token, make_access_token, make_refresh_token, now
from src.database.tables import Found
from src.problems.problem import Problem, unauthorised
from src.services import Services

WRONG = "The e-mail address or the password is wrong."
SPENT = "The refresh token is not valid. Sign in again."


async def sign_up(services: Services, request: SignUp) -> dict[str, Any]:
    """Open an account.

    Raises:
        Problem: 409, the address has one.
    """
    user = {
        "id": uuid.uuid4(),
        "issuer": LOCAL,
        "subject": request.email,
        "email": request.email,
        "name": request.name or request.email.partition("@")[0][:100],
        "password_hash": await services.passwords.hash(request.password.get_secret_value()),
        "created_at": now(),
    }
    if not await services.database.write(lambda connection: repository.add_user(connection, user)):
        raise Problem(409, "There is an account with this e-mail address.")
    return user


async def login(services: Services, request: Login) -> TokenPair:
    """Begin a session.

    Raises:
        Problem: 401, without saying which of the two is wrong; an unknown address takes as long as a wrong password.
    """
    user = await services.database.read(lambda connection: repository.find_local(connection, request.email))
    kept = user.password_hash if user else None
    if not await services.passwords.matches(request.password.get_secret_value(), kept) or user is None:
        raise unauthorised(WRONG)
    moment = now()
    session = {
        "id": uuid.uuid4(),
        "user_id": user.id,
        "created_at": moment,
        "expires_at": moment + services.settings.tokens.session_lifetime,
    }
    refresh = make_refresh_token()
    token = token_row(services, refresh, session["id"], moment)

    async def unit(connection: AsyncConnection) -> bool:
        if not await repository.password_stands(connection, user.id, user.password_hash):
            return False
        await repository.add_session(connection, session, token)
        return True

    if not await services.database.write(unit):
        raise unauthorised(WRONG)
    return pair(services, user.id, session["id"], refresh, moment)


async def refresh(services: Services, token: str) -> TokenPair:
    """Exchange a refresh token for the next pair. One that has served already ends its session: either a thief or the
    owner holds a copy, and only the end of the session helps the owner.

    Raises:
        Problem: 401, it is unknown, expired, spent, or its session has ended.
    """
    moment, new, old_hash = now(), make_refresh_token(), hash_refresh_token(token)

    async def unit(connection: AsyncConnection) -> Found | None:
        found = await repository.find_refresh(connection, old_hash)
        if found is None or min(found.token_expires_at, found.expires_at) <= moment:
            return None
        if found.replaced_by is not None and found.replaced_by != hash_refresh_token(new):
            await repository.end_session(connection, found.session_id)
            return None
        await repository.exchange(connection, old_hash, token_row(services, new, found.session_id, moment))
        return found

    found = await services.database.write(unit)
    if found is None:
        raise unauthorised(SPENT, "invalid_token")
    return pair(services, found.user_id, found.session_id, new, moment)


async def logout(services: Services, principal: Principal) -> None:
    """End the session that asks."""
    if principal.session_id is None:
        raise Problem(409, "This session is Better Auth's: sign out there.")
    session_id = principal.session_id
    await services.database.write(lambda connection: repository.end_session(connection, session_id))


async def account(services: Services, principal: Principal) -> Found:
    """The account that asks.

    Raises:
        Problem: 401, its session has ended.
    """

    async def unit(connection: AsyncConnection) -> Found | None:
        await require_standing(connection, principal)
        return await repository.find_user(connection, principal.user_id)

    found = await services.database.read(unit)
    if found is None:
        raise ended()
    return found


async def change_password(services: Services, principal: Principal, request: PasswordChange) -> None:
    """Set another password, and end every other session.

    Raises:
        Problem: 401, its session ended meanwhile; 403, the current one is wrong; 409, the account has none.
    """
    user = await account(services, principal)
    if user.password_hash is None:
        raise Problem(409, "This account signs in with Better Auth: change the password there.")
    if not await services.passwords.matches(request.current_password.get_secret_value(), user.password_hash):
        raise Problem(403, "The current password is wrong.")
    new = await services.passwords.hash(request.new_password.get_secret_value())

    async def unit(connection: AsyncConnection) -> None:
        if not await repository.password_stands(connection, principal.user_id, user.password_hash, new):
            raise Problem(403, "The current password is wrong.")
        await require_standing(connection, principal)
        await repository.set_password(connection, principal.user_id, new)
        await repository.end_other_sessions(connection, principal.user_id, principal.session_id)

    await services.database.write(unit)


async def delete_account(services: Services, principal: Principal) -> None:
    """Delete the account that asks, with its tasks and sessions."""
    await account(services, principal)
    await services.database.write(lambda connection: repository.delete_user(connection, principal.user_id))
    if services.better_auth is not None:
        services.better_auth.forget(principal.user_id)


async def require_standing(connection: AsyncConnection, principal: Principal) -> None:
    """Go on only if the principal may still act.

    Raises:
        Problem: 401, its session has ended or its account is gone.
    """
    table, condition = standing(by_session=principal.session_id is not None)
    query = select(literal(1)).select_from(table).where(condition)
    if await connection.scalar(query, principal.values()) is None:
        raise ended()


def ended() -> Problem:
    """401: the token is in order, its session is not."""
    return unauthorised("The session has ended. Sign in again.", "invalid_token")


def pair(services: Services, user_id: uuid.UUID, session_id: uuid.UUID, refresh: str, moment: datetime) -> TokenPair:
    """Both tokens, as they are handed out."""
    tokens = services.settings.tokens
    access = make_access_token(tokens, user_id, session_id, moment)
    return TokenPair(
        access_token=access, refresh_token=refresh, expires_in=int(tokens.access_lifetime / timedelta(seconds=1))
    )


def token_row(services: Services, token: str, session_id: uuid.UUID, moment: datetime) -> dict[str, Any]:
    """What the database keeps of a refresh token."""
    expires = moment + services.settings.tokens.refresh_lifetime
    return {"token_hash": hash_refresh_token(token), "session_id": session_id, "expires_at": expires}
