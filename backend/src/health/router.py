"""Routes of health. Neither tells anything of the inside."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Response

from src.health import service
from src.health.schemas import Health
from src.services import Serving

router = APIRouter(prefix="/health", tags=["health"])


@router.get("", response_model=Health, responses={503: {"model": Health, "description": "The database is away"}})
async def ready(services: Serving) -> Response:
    """Whether requests can be served: asks the database."""
    passes = not services.draining.on and await service.database_answers(services)
    body = orjson.dumps({"status": "pass" if passes else "fail"})
    headers = None if passes else {"Retry-After": "2"}
    return Response(body, 200 if passes else 503, headers, "application/json")


@router.get("/live", response_model=Health)
async def live() -> Response:
    """Whether the process lives: asks nobody."""
    return Response(orjson.dumps({"status": "pass"}), media_type="application/json")
