"""What a paper is: a frozen value with a function, in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from seatrial.artifacts.survey import Survey


class Purpose(StrEnum):
    """What a person asks papers for."""

    RAILWAY = "railway"
    DOCKER = "docker"
    COMPOSE = "compose"
    GITHUB = "github"


class Manner(StrEnum):
    """How a paper is brought into step with a file that is there already."""

    WHOLE = "whole"  # made in full, and remade for as long as nobody else has changed it
    LINES = "lines"  # only what is missing is added
    ONCE = "once"  # a record of its day: made where there is none, and never touched again


@dataclass(frozen=True, slots=True)
class Draft:
    """The text that a file should have, or with `Manner.LINES` the present text and what it lacks."""

    path: str
    text: str
    manner: Manner = Manner.WHOLE
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper. `draft` yields nothing where this backend needs none."""

    name: str
    summary: str
    purposes: tuple[Purpose, ...]
    draft: Callable[[Survey], Iterator[Draft]]
    order: int = 50
