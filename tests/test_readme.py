"""The README shows what the demo really prints, and the demo really ends with a backend that serves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.needs("postgresql")
def test_the_readme_shows_what_the_demo_prints() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "seatrial", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        timeout=600,
    )
    printed = run.stdout.splitlines()
    shown = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr
    assert len(shown) == 2
    for block in shown:
        rest = iter(printed)
        missing = [line for line in block.splitlines() if line and not any(line == other for other in rest)]
        assert missing == []
