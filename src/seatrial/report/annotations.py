"""Workflow commands of GitHub, out of which no text can break."""

from __future__ import annotations

from collections.abc import Mapping


def annotation(level: str, properties: Mapping[str, str], message: str) -> str:
    """One annotation. `level` is error, warning or notice."""
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_message(message)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
