"""An audit is remembered until something changes that it was made from, and never beyond that."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.report import earlier
from seatrial.report.results import Audit

FILES = {
    "Procfile": "web: uvicorn main:app\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    ".env.example": "NAME=x\n",
    "main.py": "import os\n\nfrom fastapi import FastAPI\n\nimport other\n\napp = FastAPI(title=os.environ['NAME'])\n",
    "other.py": "X = 1\n",
    "lib/__init__.py": "",
}
LONG_AGO = time.time() - 3600


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, backend_python: str) -> Path:
    """An environment of its own, that a test may change."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([backend_python, "-m", "venv", "--without-pip", str(place)], check=True)
    site = next(place.glob("lib/*/site-packages"))
    installed = next(Path(backend_python).parents[1].glob("lib/*/site-packages"))
    (site / "installed.pth").write_text(f"{installed}\n")
    return place


@pytest.fixture(scope="module", autouse=True)
def old_packages(backend_python: str) -> None:
    age(Path(backend_python).parents[1])


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backend that was written an hour ago, as the folders above it were, and an empty cache."""
    repository = tmp_path / "home" / "repository"
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(tmp_path / "cache"))
    for name, text in FILES.items():
        place = repository / "services" / "backend" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (repository / ".git").mkdir()
    for folder in (repository, repository / "services"):
        (folder / "README.md").write_text("Start it with `uvicorn main:app`.\n")
    age(tmp_path)
    return repository / "services" / "backend"


def age(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)


def recalled(backend: Path, options: AuditOptions) -> bool:
    """Whether an audit comes from an earlier run. It is the same as a new one in any case."""
    made = 0
    remember = earlier.remember

    def counted(*arguments: object) -> None:
        nonlocal made
        made += 1
        remember(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seatrial.pipeline.remember", counted)
        first = audit(backend, options)
        patch.setattr("seatrial.pipeline.recall", lambda _: None)
        patch.setattr("seatrial.pipeline.remember", lambda *_: None)
        assert content(first) == content(audit(backend, options))
    return made == 0


def remembered(backend: Path, options: AuditOptions) -> bool:
    """Whether it is recalled in the end. Not at once where somebody changes a watched folder (of PATH) just then."""
    deadline = time.monotonic() + 60
    while not recalled(backend, options):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def content(found: Audit) -> str:
    return repr({name: getattr(found, name) for name in found.__slots__ if name != "duration_s"})


def test_what_is_unchanged_is_remembered(backend: Path, backend_python: str) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    assert not recalled(backend, options)
    assert remembered(backend, options)
    assert not recalled(backend, AuditOptions(python=backend_python, offline=True, ignore=("IMP",)))


def write(path: str, text: str) -> Callable[[Path], None]:
    def change(backend: Path) -> None:
        (backend / path).write_text(text)

    return change


def rename(backend: Path) -> None:
    (backend / "other.py").rename(backend / "others.py")


def same_size_and_time(backend: Path) -> None:
    before = (backend / "other.py").stat()
    (backend / "other.py").write_text("Y = 1\n")
    os.utime(backend / "other.py", ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], None]] = {
    "a changed file": write("other.py", "X = 2\n"),
    "a change that keeps size and time": same_size_and_time,
    "a new file": write("fastapi.py", ""),
    "a file of another name": rename,
    "a file less": lambda backend: (backend / "other.py").unlink(),
    "another documented variable": write(".env.example", "OTHER=x\n"),
    "another start command": write("Procfile", "web: uvicorn other:app\n"),
    "a paper above the folder": write("../README.md", "Start it with `uvicorn other:app`.\n"),
    "a new paper above the folder": write("../docker-compose.yml", "services: {}\n"),
    "a paper two levels above the folder": write("../../README.md", "Start it with `uvicorn other:app`.\n"),
    "a new paper two levels above the folder": write("../../docker-compose.yml", "services: {}\n"),
    "a new manifest two levels above the folder": write("../../pyproject.toml", "[project]\nname = 'x'\n"),
    "no repository two levels above any more": lambda backend: (backend / "../../.git").rmdir(),
    "a repository that begins one level above": lambda backend: (backend / "../.git").mkdir(),
    "an environment of its own": lambda backend: (backend / ".venv").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_audited_anew(change: Callable[[Path], None], backend: Path, backend_python: str) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    assert remembered(backend, options)
    change(backend)
    assert not recalled(backend, options)


def test_an_environment_that_has_changed(backend: Path, environment: Path) -> None:
    options = AuditOptions(python=str(environment), offline=True)
    age(environment)
    assert remembered(backend, options)
    (next(environment.glob("lib/*/site-packages")) / "other.py").write_text("")
    assert not recalled(backend, options)


def test_another_day(backend: Path, backend_python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    assert remembered(backend, options)
    monkeypatch.setattr("time.strftime", lambda *_: "2100-01-01")
    assert not recalled(backend, options)


def test_files_too_young_to_trust_their_times_are_not_remembered(backend: Path, backend_python: str) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    (backend / "other.py").write_text("X = 3\n")
    begun = time.monotonic()
    recalled(backend, options)
    if time.monotonic() - begun < 1.5:  # on a machine that is slower, it may be old enough by now
        assert not recalled(backend, options)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"truncated"])
def test_a_damaged_entry_is_no_entry(damage: bytes, backend: Path, backend_python: str, tmp_path: Path) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    assert remembered(backend, options)
    (entry,) = (tmp_path / "cache" / "audits-1").iterdir()
    entry.write_bytes(entry.read_bytes()[:-40] if damage == b"truncated" else damage)
    assert not recalled(backend, options)
    assert remembered(backend, options)


def test_a_cache_that_cannot_be_written_costs_the_entry_only(
    backend: Path, backend_python: str, tmp_path: Path
) -> None:
    options = AuditOptions(python=backend_python, offline=True)
    audit(backend, options)
    for entry in (tmp_path / "cache" / "audits-1").iterdir():
        entry.unlink()
    (tmp_path / "cache" / "audits-1").rmdir()
    (tmp_path / "cache" / "audits-1").write_text("in the way")
    assert audit(backend, options).predicted
