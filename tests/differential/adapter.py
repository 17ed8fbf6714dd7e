"""The single place where the simulation is asked."""

from __future__ import annotations

import importlib
from pathlib import Path

from seatrial.boot import Boot


class NotThere(Exception):
    """The simulation cannot be asked yet."""


def predict(root: Path, target: str, python: str) -> Boot:
    """What the simulation says of a start of `target` in `root` under a bare CPython `python` ("3.12"), environment empty.

    Raises:
        NotThere: the simulation has no `simulate` yet.

    """
    simulate = getattr(importlib.import_module("seatrial.simulation"), "simulate", None)
    if simulate is None:
        raise NotThere("seatrial.simulation.simulate does not exist yet")
    boot = simulate(root, target, python)
    assert isinstance(boot, Boot)
    return boot


def available() -> bool:
    """Whether the simulation can be asked."""
    return hasattr(importlib.import_module("seatrial.simulation"), "simulate")
