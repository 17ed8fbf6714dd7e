"""The image that container tests build from: it runs Python, reaches the package index, and asking twice is quick."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "base-image"
SCRIPT = "python --version && python -m venv /tmp/place && /tmp/place/bin/pip install --quiet idna"


@pytest.mark.needs("docker")
def test_the_base_image_installs_from_the_index(base_image: str) -> None:
    ran = subprocess.run(["docker", "run", "--rm", base_image, "sh", "-c", SCRIPT], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Python 3.11")


@pytest.mark.needs("docker")
def test_asking_again_makes_nothing(base_image: str) -> None:
    def identity() -> str:
        asked = ["docker", "image", "inspect", "--format", "{{.Id}}", base_image]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    before = identity()
    began = time.monotonic()
    subprocess.run([TOOL], check=True)
    assert identity() == before
    assert time.monotonic() - began < 60
