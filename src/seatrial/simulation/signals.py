"""How a block of statements can leave before its end."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.libraries.values import Value


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
