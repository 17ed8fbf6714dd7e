"""Routes of accounts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from src.auth import service
from src.auth.principal import Signed
from src.auth.schemas import Account, Login, PasswordChange, Refresh, SignUp, TokenPair
from src.problems.schemas import problems
from src.services import Serving

router = APIRouter(prefix="/auth", tags=["accounts"])


@router.post("/signup", status_code=201, response_model=Account, responses=problems(409, 422, 429, 503))
async def sign_up(services: Serving, asking: Request, request: SignUp) -> Any:
    """Open an account."""
    await services.limiter.admit_sign_in(request.email, asking.scope["client_address"])
    return await service.sign_up(services, request)


@router.post("/login", response_model=TokenPair, responses=problems(401, 422, 429, 503))
async def login(services: Serving, asking: Request, request: Login) -> Any:
    """Begin a session: an access token for minutes, and a refresh token for the next pair."""
    await services.limiter.admit_sign_in(request.email, asking.scope["client_address"])
    return await service.login(services, request)


@router.post("/refresh", response_model=TokenPair, responses=problems(401, 422, 429, 503))
async def refresh(services: Serving, request: Refresh) -> Any:
    """Exchange a refresh token. It serves once: a second use ends the session."""
    return await service.refresh(services, request.refresh_token)


@router.post("/logout", status_code=204, responses=problems(401, 409, 429, 503))
async def logout(services: Serving, principal: Signed) -> Response:
    """End this session; its tokens are worth nothing from now on."""
    await service.logout(services, principal)
    return Response(status_code=204)


@router.get("/me", response_model=Account, responses=problems(401, 429, 503))
async def me(services: Serving, principal: Signed) -> Any:
    """The account that asks."""
    return (await service.account(services, principal))._mapping


@router.post("/password", status_code=204, responses=problems(401, 403, 409, 422, 429, 503))
async def change_password(services: Serving, principal: Signed, request: PasswordChange) -> Response:
    """Set another password. Every other session ends."""
    await service.change_password(services, principal, request)
    return Response(status_code=204)


@router.delete("/me", status_code=204, responses=problems(401, 429, 503))
async def delete_account(services: Serving, principal: Signed) -> Response:
    """Delete the account with everything in it."""
    await service.delete_account(services, principal)
    return Response(status_code=204)
