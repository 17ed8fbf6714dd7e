"""What code reads from its environment, from its text."""

from __future__ import annotations

import ast
import textwrap

from seatrial.project.settings import PythonFile, Settings, read_settings


def read(source: str, path: str = "settings.py") -> Settings:
    source = textwrap.dedent(source)
    return read_settings([PythonFile(path, source, ast.parse(source))])
