"""What several tests of the facts need."""

from __future__ import annotations

import sys

import pytest

from seatrial.provision.interpreter import Interpreter, find_interpreter


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    return find_interpreter(sys.executable)
