"""Who is an operator: whoever has the token, as a bearer or, for browsers, as the password of HTTP Basic."""

from __future__ import annotations

import base64
import binascii
import secrets

from fastapi import Request

from src.problems.problem import Problem
from src.services import Serving


async def require_operator(services: Serving, request: Request) -> None:
    """Go on only for an operator.

    Raises:
        Problem: 404, nobody is one; 401, this is none.
    """
    expected = services.settings.operator_token
    if expected is None:
        raise Problem(404, "There is nothing here.")
    given = token_in(request.headers.get("authorization", ""))
    if not secrets.compare_digest(given.encode(), expected.get_secret_value().encode()):
        raise Problem(401, "This is for operators.", {"WWW-Authenticate": 'Basic realm="operators", charset="UTF-8"'})


async def require_reader(services: Serving, request: Request) -> None:
    """In development everybody reads the documentation; in production an operator.

    Raises:
        Problem: 401, 404.
    """
    if services.settings.production:
        await require_operator(services, request)


def token_in(header: str) -> str:
    """The token in an Authorization header, empty where there is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
