"""What is open while the service runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

if TYPE_CHECKING:
    from src.auth.passwords import Passwords
    from src.auth.tokens import TokenReader
    from src.betterauth.service import Recogniser
    from src.database.database import Database
    from src.edge.envelope import Draining
    from src.edge.limits import Limiter
    from src.observability.metrics import Metrics
    from src.reminders.client import Mailer
    from src.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a route may need, made when the server starts and closed when it stops."""

    settings: Settings
    database: Database
    passwords: Passwords
    tokens: TokenReader
    limiter: Limiter
    metrics: Metrics
    draining: Draining
    better_auth: Recogniser | None
    mailer: Mailer


def services_of(request: Request) -> Services:
    """The services of the application that the request came to."""
    return cast(Services, request.scope["app"].state.services)


async def serving(request: Request) -> Services:
    """The services, for routes. Not a plain function: FastAPI would call that in a thread, which costs more."""
    return services_of(request)


Serving = Annotated[Services, Depends(serving)]
