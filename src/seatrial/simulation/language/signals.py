"""What playing a node gives: a value, or how a block of statements leaves before its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seatrial.libraries.values import Value

Play = Callable[[Any, Any], Value]
Expressions = dict[type, Play]  # which function plays which kind of node
Statements = dict[type | str, Play]  # a kind that the Python that plays may not have, by its name


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Value


class Break:
    """`break`."""


class Continue:
    """`continue`."""


BREAK = Break()
CONTINUE = Continue()
