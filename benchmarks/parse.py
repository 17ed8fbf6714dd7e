"""The yardstick: one process that reads and parses every file below a folder and does nothing with it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).rglob("*.py")):
        ast.parse(path.read_bytes())
