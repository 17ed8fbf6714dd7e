"""Routes of reminders."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter

from src.auth.principal import Signed
from src.problems.schemas import problems
from src.reminders import service
from src.reminders.schemas import ReminderSent
from src.services import Serving

router = APIRouter(prefix="/tasks", tags=["reminders"])


@router.post(
    "/{task_id}/reminder",
    status_code=202,
    response_model=ReminderSent,
    responses=problems(401, 404, 409, 422, 429, 502, 503),
)
async def remind(services: Serving, principal: Signed, task_id: uuid.UUID) -> Any:
    """Send yourself an e-mail about the task. 503 where no e-mail provider is set up."""
    return {"sent_to": await service.remind(services, principal, task_id)}
