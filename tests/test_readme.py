"""The demo makes the whole voyage, from the wheel too, and the README shows what it really prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).parents[1]
PLAIN = {**os.environ, "NO_COLOR": "1"}
AT_HOME = ("backend/tests", "backend/benchmarks", "backend/tools")  # what of the reference backend is not in the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv = [find_uv_bin(), "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*uv, "--out-dir", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The command of an environment that has the wheel and nothing else."""
    place = wheel.parent / "environment"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    install = [find_uv_bin(), "pip", "install", "--quiet", "--python", str(place), str(wheel)]
    subprocess.run(install, check=True)
    return place / "bin" / "seatrial"


def test_the_wheel_has_the_reference_backend_and_nothing_of_a_working_folder(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "backend"], cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = {name for name in tracked.stdout.split() if not name.startswith(AT_HOME)}
    packed = {name.partition("/examples/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in packed if name.startswith("backend/")} == wanted


@pytest.mark.needs("postgresql")
def test_the_readme_shows_what_the_demo_prints(installed: Path, tmp_path: Path) -> None:
    run = _demo([str(installed), "demo", "--quick"], tmp_path)
    shown = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(shown) == 3
    for block in shown:
        rest = iter(run.stdout.splitlines())
        missing = [line for line in block.splitlines() if line and not any(line == other for other in rest)]
        assert missing == []
    assert "--quick left out the clean room" in run.stdout
    page = _page(run.stdout)
    assert "It does not start as it stands, and serves after 7 fixes." in page
    assert "probes pass and none fails." in page


@pytest.mark.nightly
@pytest.mark.needs("postgresql")
def test_the_whole_voyage(tmp_path: Path) -> None:
    run = _demo([sys.executable, "-m", "seatrial", "demo"], tmp_path)
    assert "src.main:app: it builds, starts and stops in the clean room." in run.stdout
    assert "It builds, starts and stops in a clean room; live, " in _page(run.stdout)


def _demo(command: list[str], temporary: Path) -> subprocess.CompletedProcess[str]:
    """The demo, which has to end well and to leave its page and nothing else."""
    # As root, the reference backend's PostgreSQL runs as somebody else, who has to get there.
    for folder in (temporary, *temporary.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    environment = {**PLAIN, "TMPDIR": str(temporary)}
    run = subprocess.run(command, cwd=temporary, capture_output=True, text=True, env=environment, timeout=900)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr
    assert [it.name for it in temporary.iterdir() if it.name.startswith("seatrial-berth-")] == []
    return run


def _page(printed: str) -> str:
    place = re.search(r"The evidence in one page: (.*)", printed)
    assert place is not None
    return Path(place[1]).read_text(encoding="utf-8")
