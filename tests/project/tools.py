"""The real tools that our reading is held against, installed by uv into a folder of this session."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from uv import find_uv_bin

PACKAGES = (
    "uvicorn", "gunicorn", "hypercorn", "granian", "fastapi[standard]", "python-dotenv", "python-decouple", "environs",
    "pydantic-settings", "pydantic[email]", "cryptography",
)  # fmt: skip


@cache
def tools() -> Path:
    """The folder of the programs (`bin`), made once a session."""
    home = Path(tempfile.mkdtemp(prefix="seatrial-tools-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    subprocess.run([find_uv_bin(), "venv", "-q", "--python", sys.executable, str(home)], check=True)
    subprocess.run([find_uv_bin(), "pip", "install", "-q", "-p", str(home), *PACKAGES], check=True)
    return home / ("Scripts" if os.name == "nt" else "bin")


def run_python(code: str, order: Any, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Any:
    """What `code` prints as JSON, given `order` as the variable of that name, in the tools' Python."""
    program = f"import json, sys\norder = json.loads(sys.stdin.read())\n{code}"
    clean = {"PATH": os.environ["PATH"], **(env or {})}
    command = [str(tools() / "python"), "-c", program]
    done = subprocess.run(command, input=json.dumps(order), text=True, capture_output=True, env=clean, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
