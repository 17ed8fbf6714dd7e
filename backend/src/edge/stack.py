"""The edge, put together when the settings are known."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from src.edge.bodies import PART, Bodies
from src.edge.envelope import Envelope
from src.edge.guard import Guard
from src.services import Services

METHODS = ("GET", "POST", "PATCH", "DELETE")
ALLOWED = ("Authorization", "Content-Type", "X-Request-Id")
EXPOSED = ("Location", "Retry-After", "X-Request-Id")


def install_edge(app: FastAPI, services: Services) -> None:
    """Lay the edge around the application: on the way in the envelope comes first, then CORS, so that browsers may read
    refusals too, then the guard. Starlette builds its stack anew for the next request.
    """
    app.user_middleware = edge(services)
    app.middleware_stack = None


def edge(services: Services) -> list[Middleware]:
    """The layers, outermost first."""
    settings = services.settings
    header = settings.client_address_header
    address_header = header.lower().encode() if header else None
    return [
        Middleware(
            Envelope,
            metrics=services.metrics,
            draining=services.draining,
            production=settings.production,
        ),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_origin_regex=settings.origin_pattern,
            allow_credentials=settings.better_auth is not None,
            allow_methods=METHODS,
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
            max_age=600,
        ),
        Middleware(
            Guard,
            limiter=services.limiter,
            metrics=services.metrics,
            bodies=Bodies(settings.body_limit, settings.bodies_limit, PART * settings.in_flight_limit),
            in_flight_limit=settings.in_flight_limit,
            address_header=address_header,
        ),
    ]
