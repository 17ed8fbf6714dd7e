"""The laws of the layout, as `make lint` holds them, and those that import-linter cannot say."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = ("project", "platforms", "libraries", "simulation", "artifacts", "rules", "fixes.py")
# Standard modules whose parents are harmless, and ways to execute what was read.
FORBIDDEN = {"urllib.request", "importlib.util", "imp", "pickle"}
EXECUTING = {"exec", "eval", "__import__"}


def pure_files() -> list[Path]:
    found = [ROOT / "src" / "seatrial" / name for name in PURE]
    return [file for path in found for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def test_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_what_reads_and_judges_executes_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not FORBIDDEN & {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not FORBIDDEN & {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in EXECUTING


def test_requirements_are_pinned_by_hash_and_name_no_index() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        assert not any("://" in line for line in lines)
        for number, line in enumerate(lines):
            if not line.startswith(" "):
                assert "==" in line
                assert "--hash=sha256:" in lines[number + 1]
