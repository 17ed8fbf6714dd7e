"""The stages of a build, each with a backend that gets through it and with those that do not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from uv import find_uv_bin

from seatrial import pipeline
from seatrial.options import BuildOptions
from seatrial.proof.building import installing
from seatrial.report import formats
from seatrial.report.page import Page
from tests.building.conftest import MAIN, Builder, codes, evidence, marks
from tests.project.trees import make

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "build-1.json").read_text("utf-8"))


def test_a_good_backend_passes_every_stage(build: Builder) -> None:
    result = build()
    expected = dict.fromkeys(("resolve", "install", "compatibility", "byte-compile", "import", "start"), "pass")
    assert marks(result) == {**expected, "lock": "skipped", "production": "pass", "artefact": "pass"}
    assert result.verdict == "pass"
    assert evidence(result, "byte-compile") == "1 file compiles"
    seen = evidence(result, "production")
    assert "ENVIRONMENT=production" in seen
    assert "SIGTERM: it ended by itself" in seen
    assert "the request under way was answered 422" in seen
    document = json.loads(formats.build("json", result, Page()))
    jsonschema.validate(document, SCHEMA)
    assert {it["requirement"]: it["verdict"] for it in document["measures"]} == dict.fromkeys(
        ("B1", "B2", "B3", "C1", "B8"), "holds"
    )


@pytest.mark.needs("postgresql")
def test_a_database_that_only_the_code_names_is_there_as_in_a_boot(build: Builder) -> None:
    main = """\
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    connection = await asyncpg.connect("postgresql://app:secret@localhost:5432/tasks")
    yield
    await connection.close()


app = FastAPI(lifespan=lifespan)
"""
    result = build({"main.py": main, "requirements.txt": "fastapi\nuvicorn\nasyncpg\n"})
    assert (marks(result)["start"], marks(result)["production"]) == ("pass", "pass"), evidence(result, "start")


def test_a_conflict_is_explained_with_the_lines_that_cause_it(build: Builder) -> None:
    result = build({"requirements.txt": "fastapi==0.115.0\nuvicorn\nstarlette==0.20.0\n"})
    assert marks(result)["resolve"] == "fail"
    seen = evidence(result, "resolve")
    assert "cannot be installed together" in seen
    assert "requirements.txt:1" in seen and "requirements.txt:3" in seen
    assert marks(result)["import"] == "skipped"
    assert [it.verdict for it in result.measures if it.requirement == "B8"] == ["cannot tell"]  # it broke off at once


def test_a_package_that_nobody_declares_is_led_back_to_the_audits_issue(build: Builder) -> None:
    result = build({"requirements.txt": "fastapi\nuvicorn\n", "main.py": "import httpx\n" + MAIN}, fix=True)
    assert marks(result)["import"] == "fail"
    assert any(code.startswith("DEP") for code in codes(result))
    assert all(entry.issue.fix for entry in result.entries)
    assert result.mended is not None and result.mended.verdict == "pass"
    assert "+httpx" in result.mended.patch


@pytest.mark.parametrize(
    ("procfile", "code"),
    [
        ("web: uvicorn main:app --host 0.0.0.0 --port 8123\n", "BLD011"),
        ("web: uvicorn main:app --port $PORT\n", "BLD011"),
        ("web: trap '' TERM; uvicorn main:app --host 0.0.0.0 --port $PORT & while true; do sleep 1; done\n", "BLD009"),
    ],
)
def test_what_a_platform_would_stumble_over(procfile: str, code: str, build: Builder) -> None:
    result = build({"Procfile": procfile})
    assert marks(result)["start"] == "pass"
    assert marks(result)["production"] == "fail"
    assert code in codes(result)


def test_settings_that_refuse_the_documented_values_in_production_cannot_be_judged(build: Builder) -> None:
    settings = """\
from typing import Literal

from pydantic import model_validator
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    environment: Literal["local", "production"] = "local"
    issuer: str

    @model_validator(mode="after")
    def encrypted(self) -> "Settings":
        if self.environment == "production" and not self.issuer.startswith("https:"):
            raise ValueError("ISSUER must be https")
        return self


settings = Settings()
"""
    files = {
        "settings.py": settings,
        "main.py": "from settings import settings\n"
        + MAIN.replace("SURROUNDINGS = os", "OTHER = os").replace(
            '{"environment": SURROUNDINGS}', '{"environment": settings.environment}'
        ),
        "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
        ".env.example": "ISSUER=http://localhost:3000\n",
    }
    result = build(files)
    assert marks(result)["start"] == "pass"
    assert marks(result)["production"] == "inconclusive"
    assert "ISSUER must be https" in evidence(result, "production")


def test_what_a_file_documents_for_development_is_set_in_production(build: Builder) -> None:
    """A platform has variables; the file that they are read from in development belongs to development alone."""
    settings = """\
import os

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=f".env.{os.getenv('ENV', 'dev')}")
    app_title: str


settings = Settings()
"""
    files = {
        "settings.py": settings,
        "main.py": f"from settings import settings\n{MAIN}",
        "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
        ".env.example": "APP_TITLE=Tasks\n",
    }
    result = build(files)
    assert (marks(result)["start"], marks(result)["production"]) == ("pass", "pass"), evidence(result, "production")
    assert "ENV=production" in evidence(result, "production")


@pytest.mark.nightly
@pytest.mark.needs("gcc")
def test_a_uvicorn_that_has_no_option_for_the_folder_starts(build: Builder) -> None:
    """Before 0.12 it knows no --app-dir. Its parser of HTTP is built from its sources."""
    old = "fastapi==0.46.0\nuvicorn==0.11.1\nuvloop==0.14.0\n"
    main = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    result = build({"main.py": main, "requirements.txt": old}, python="3.8")
    assert (marks(result)["import"], marks(result)["start"]) == ("pass", "pass"), evidence(result, "import")


def test_a_stale_lock_fails_and_the_platform_would_not_install_it(build: Builder, tmp_path: Path) -> None:
    project = '[project]\nname = "tasks"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [{}]\n'
    made = make(tmp_path / "locked", {"pyproject.toml": project.format('"fastapi", "uvicorn"')})
    subprocess.run([find_uv_bin(), "lock", "--quiet"], cwd=made, check=True)
    lock = (made / "uv.lock").read_text("utf-8")
    files = {"requirements.txt": None, "uv.lock": lock}
    good = build({**files, "pyproject.toml": project.format('"fastapi", "uvicorn"')})
    assert marks(good)["lock"] == "pass"
    assert good.verdict == "pass", evidence(good, "install")
    assert "$ uv sync --locked" in evidence(good, "install")
    stale = build({**files, "pyproject.toml": project.format('"fastapi", "uvicorn", "httpx"')})
    assert marks(stale)["lock"] == "fail"
    assert marks(stale)["install"] == "fail"
    assert stale.verdict == "fail"
    assert codes(stale) == {"BLD002"}, "one fault, one issue"
    image = "FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen\nCMD uvicorn main:app\n"
    taken = build({**files, "pyproject.toml": project.format('"fastapi", "uvicorn", "httpx"'), "Dockerfile": image})
    assert (marks(taken)["lock"], marks(taken)["install"], marks(taken)["production"]) == ("fail", "pass", "pass")
    assert "$ uv sync --frozen --no-dev" in evidence(taken, "install")


def test_a_file_that_does_not_compile_is_named(build: Builder) -> None:
    result = build({"jobs.py": "def broken(:\n    pass\n"})
    assert marks(result)["byte-compile"] == "fail"
    assert "jobs.py:1: SyntaxError" in evidence(result, "byte-compile")
    assert marks(result)["production"] == "pass"


@pytest.mark.nightly
def test_the_rate_of_several_builds(build: Builder) -> None:
    result = build(repeat=2)
    assert result.rate is not None
    assert (result.rate.attempts, result.rate.built, result.rate.served) == (2, 2, 2)
    assert marks(result)["repeat"] == "pass"


@pytest.mark.nightly
def test_the_reference_backend_twenty_times_in_a_row() -> None:
    result = pipeline.build(Path(__file__).parents[2] / "backend", BuildOptions(repeat=20))
    assert result.rate is not None
    assert (result.rate.attempts, result.rate.built, result.rate.served) == (20, 20, 20)


def test_what_is_reserved_and_not_used_is_no_memory_that_a_platform_counts(build: Builder) -> None:
    """As the stacks of uvloop's threads are: the kernel gives a page when it is written to."""
    private = "mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS"
    reserving = f"import mmap\n{MAIN}\n\nheld = mmap.mmap(-1, 200_000_000, flags={private})\n"
    result = build({"main.py": reserving}, memory=128 << 20)
    assert (marks(result)["start"], marks(result)["production"]) == ("pass", "pass"), evidence(result, "start")


def test_too_little_memory_is_said_as_a_platform_would_kill_it(build: Builder) -> None:
    hungry = MAIN + "\n\nheld = b'x' * 200_000_000\n__import__('time').sleep(2)\n"
    result = build({"main.py": hungry}, memory=96 << 20, cpus=1.0)
    assert result.verdict == "fail"
    assert "MemoryError" in evidence(result, "import") or "96 MiB" in evidence(result, "import")


def test_an_interrupted_build_is_taken_up_after_its_installation(
    build: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(installing, "check_compatible", interrupt)
        with pytest.raises(KeyboardInterrupt):
            build()
    assert "resumed" in evidence(build(), "install")
    assert "resumed" not in evidence(build(), "install")
