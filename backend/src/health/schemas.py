"""What the routes of health give."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """The words of the IETF's draft on health checks."""

    status: Literal["pass", "fail"]
