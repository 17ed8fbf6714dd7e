"""A problem that is the client's to know."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Ends a request with a problem document. `detail` is read by people, and says nothing of the inside."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.detail = detail
        self.headers = headers
        super().__init__(detail)


def unauthorised(detail: str = "Sign in to do this.", error: str | None = None) -> Problem:
    """401, with the challenge that RFC 6750 asks for."""
    challenge = 'Bearer realm="tasks"' + (f', error="{error}"' if error else "")
    return Problem(401, detail, {"WWW-Authenticate": challenge})


def document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The body: RFC 9457, section 3.1, and what a kind of problem adds."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail} | more


def answer(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """The problem as a response."""
    return Response(orjson.dumps(document(status, detail, **more)), status, headers, MEDIA_TYPE)
