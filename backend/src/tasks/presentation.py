"""Rows -> tasks, as they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRIORITIES = {1: "high", 2: "normal", 3: "low"}


def as_task(row: Mapping[str, Any] | Any) -> dict[str, Any]:
    """The fields of `TaskRead`."""
    task = dict(row)
    task["priority"] = PRIORITIES[task["priority"]]
    return task
