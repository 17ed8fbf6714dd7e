"""A plugin of pytest: what a test started and did not end, because it failed, is ended after it."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterator
from typing import Protocol

import pytest

log = logging.getLogger(__name__)


class Part(Protocol):
    """A running program, or several."""

    def close(self) -> None: ...


OPEN: list[Part] = []


def opened(part: Part) -> None:
    """Remember it. Said before it starts: a start may fail half-way."""
    OPEN.append(part)


def closed(part: Part) -> None:
    """It has ended in order."""
    if part in OPEN:
        OPEN.remove(part)


def close(parts: list[Part]) -> None:
    """End them, the last first. That a test has failed is known by then: what goes wrong here is only told."""
    for part in reversed(parts):
        try:
            part.close()
        except Exception as error:  # noqa: BLE001 - the others have to end too
            log.warning("%s did not end in order: %r", type(part).__name__, error)
        closed(part)


# Also what a fixture had begun to start when it failed, and what ran when somebody pressed Ctrl-C.
atexit.register(lambda: close(list(OPEN)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Parts of fixtures were there before the test, and are the fixtures' to end."""
    before = list(OPEN)
    try:
        yield
    finally:
        close([part for part in OPEN if part not in before])
