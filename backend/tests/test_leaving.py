"""A test that fails leaves nothing running, nor does one whose parts only half start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import need
from tests.parts.service import ROOT

FAILING = {
    "the test fails": """
from tests.parts.redis import Redis

def test_it(told):
    told.write_text(str(Redis().process.pid))
    assert False
""",
    "a fixture fails": """
import pytest
from tests.parts.redis import Redis

@pytest.fixture
def part(told):
    told.write_text(str(Redis().process.pid))
    raise RuntimeError("half-way")

def test_it(part):
    pass
""",
}
TOLD = """
import pathlib, pytest

@pytest.fixture
def told():
    return pathlib.Path(__file__).with_name("pid")
"""


@pytest.mark.parametrize("how", FAILING)
def test_what_a_failing_test_started_has_ended(how: str, tmp_path: Path) -> None:
    need("redis")
    (tmp_path / "conftest.py").write_text(TOLD)
    (tmp_path / "test_it.py").write_text(FAILING[how])
    command = [sys.executable, "-m", "pytest", "-p", "tests.parts.leaving", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run([*command, "--rootdir", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
