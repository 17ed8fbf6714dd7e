"""The loop of `boot` on backends whose papers lie above them, and on fixes that do not help."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.options import AuditOptions, BootOptions
from seatrial.pipeline import audit, boot
from seatrial.progress import SILENT
from seatrial.project.files import scan
from seatrial.project.manifest.declared import read_manifest
from seatrial.proof.laying import surrounded
from seatrial.proof.wanted import literals
from seatrial.simulation.gather import gather
from tests.rules.reality import lay

PYPROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'
MAIN = "import os\n\nfrom fastapi import FastAPI\n\napp = FastAPI(title=os.environ['APP_TITLE'])\n"
ABOVE: Mapping[str, str] = {"pyproject.toml": PYPROJECT, "src/main.py": MAIN, "docs/README.md": "# Tasks\n"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = lay(tmp_path / "checkout", ABOVE)
    subprocess.run(["git", "init", "--quiet", str(made)], check=True)
    return made


def test_a_copy_lies_among_what_lies_around_the_folder(checkout: Path, tmp_path: Path) -> None:
    place = surrounded(checkout / "src", tmp_path / "made")
    place.mkdir()
    (place / "main.py").write_text(MAIN)
    assert place == tmp_path / "made" / "checkout" / "src"
    assert read_manifest(scan(place), ".") == read_manifest(scan(checkout / "src"), ".")
    assert (place.parent / "docs" / "README.md").read_text() == "# Tasks\n"


def test_nothing_around_a_whole_checkout_is_taken_along(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert surrounded(checkout, tmp_path / "made") == tmp_path / "made" / "checkout"
    assert list((tmp_path / "made").iterdir()) == []


def test_a_backend_is_mended_whose_manifest_lies_above_it(checkout: Path) -> None:
    trial = boot(checkout / "src", BootOptions(target="main:app"))
    assert [step.code for step in trial.steps] == ["CFG001"]
    assert trial.after.outcome is Outcome.SERVES, trial.after


def test_a_module_that_asks_in_the_same_place_is_no_answer(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "Procfile": "web: uvicorn app.main:app\n",
        "app/__init__.py": "",
        "app/errors.py": "from gone.errors import NotFound\n\n__all__ = ['NotFound']\n",
        "app/main.py": "from fastapi import FastAPI\n\nfrom app.errors import NotFound\n\napp = FastAPI()\n",
    }
    found = audit(lay(tmp_path / "project", files), AuditOptions())
    codes = {(entry.issue.code, entry.issue.location.path) for entry in found.entries}
    assert ("DEP001", "app/errors.py") in codes
    assert not any(code == "IMP001" for code, _ in codes)


def test_a_database_whose_address_stands_in_the_code_is_there(tmp_path: Path) -> None:
    address = "postgresql+psycopg2://admin:password@localhost:5432/postgres"
    main = f'from fastapi import FastAPI\n\nURL = "{address}"\nOTHER = f"redis://{{URL}}"\napp = FastAPI()\n'
    files = {"main.py": main, "tests/test_main.py": 'URL = "redis://localhost"\n'}
    facts = gather(scan(lay(tmp_path / "project", files)), ".", AuditOptions(offline=True), SILENT)
    assert list(literals(facts).values()) == [address]


def test_classes_below_something_unknown_can_be_asked_for(tmp_path: Path) -> None:
    main = (
        "from functools import partial\n\nfrom fastapi import FastAPI\n\nimport helpers\n\n\n"
        "class Base:\n    pass\n\n\nclass Other(helpers.made()[0]):\n    pass\n\n\n"
        "names = [it.__name__ for it in Base.__subclasses__()]\napp = FastAPI()\n"
    )
    helpers = "import random\n\n\ndef made():\n    return random.sample([object], 1)\n"
    files = {"main.py": main, "helpers.py": helpers, "requirements.txt": "fastapi\nuvicorn\n"}
    found = audit(lay(tmp_path / "project", files), AuditOptions(target="main:app"))
    assert found.predicted is not None
