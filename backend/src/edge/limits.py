"""How often something may be asked for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limiter:
    """Counts."""

    async def admit_user(self, user_id: uuid.UUID) -> None:
        """Count a request of a user."""
