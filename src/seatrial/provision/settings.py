"""The settings of uv that a backend's own files carry and that decide which releases it gets: indexes and limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seatrial.provision.requirements import load_toml

_KEPT = (
    "index-url", "extra-index-url", "find-links", "no-index", "index-strategy", "index", "prerelease", "resolution",
)  # fmt: skip
_LIMITS = ("constraint-dependencies", "override-dependencies")


def uv_settings(pyproject: Path | None) -> dict[str, Any]:
    """What `[tool.uv]` of a pyproject says of indexes and limits; a uv.toml beside it counts alone."""
    if pyproject is None:
        return {}
    _, own = load_toml(pyproject.with_name("uv.toml"))
    if not own:
        tool = load_toml(pyproject)[1].get("tool")
        own = tool.get("uv", {}) if isinstance(tool, dict) else {}
    if not isinstance(own, dict):
        return {}
    found = {key: own[key] for key in (*_KEPT, *_LIMITS) if key in own}
    if isinstance(found.get("find-links"), list):
        found["find-links"] = [_absolute(link, pyproject.parent) for link in found["find-links"]]
    return found


def limits(settings: Mapping[str, Any], kind: str) -> list[str]:
    """The `constraint` or `override` lines among the settings."""
    value = settings.get(f"{kind}-dependencies")
    return [line for line in value if isinstance(line, str)] if isinstance(value, list) else []


def as_uv_toml(settings: Mapping[str, Any]) -> str:
    """The text of a uv.toml with the index settings; with none, a file that merely ends uv's search for others."""
    lines = [f"{key} = {_value(settings[key])}" for key in _KEPT if key in settings]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value)


def _absolute(link: object, base: Path) -> object:
    return str((base / link).absolute()) if isinstance(link, str) and "://" not in link else link
