"""What is written, when, and what is left alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from seatrial import pipeline
from seatrial.artifacts.plan import State
from seatrial.artifacts.registry import all_papers
from seatrial.artifacts.stamp import is_ours, stamped
from seatrial.errors import UsageError
from tests.artifacts.backends import PLAIN, SHELVES, TASKS, lay
from tests.artifacts.writing import look, prepared

REPOSITORY = Path(__file__).parents[2]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "seatrial", "prepare", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)


def states(root: Path, *purposes: str) -> dict[str, State]:
    return {sheet.path: sheet.state for sheet in look(root, *purposes).sheets}


def test_every_paper_is_found_by_walking() -> None:
    files = {path.stem for path in (REPOSITORY / "src/seatrial/artifacts/papers").glob("[a-z]*.py")}
    assert len(all_papers()) == len(files)


@pytest.mark.parametrize("files", [PLAIN, TASKS], ids=["plain", "tasks"])
def test_twice_changes_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    prepared(tmp_path, files)
    again = look(tmp_path)
    assert set(states(tmp_path).values()) == {State.IN_STEP}
    assert not again.out_of_step
    assert again.patch == ""


@pytest.mark.parametrize("purposes", [(), ("railway",), ("docker",), ("compose",), ("github",)], ids=" ".join)
def test_our_own_papers_change_no_fact(tmp_path: Path, purposes: tuple[str, ...]) -> None:
    shutil.copytree(REPOSITORY / "examples/leaky", tmp_path / "leaky")
    pipeline.write_papers(tmp_path / "leaky", look(tmp_path / "leaky", *purposes))
    again = look(tmp_path / "leaky", *purposes)
    assert again.patch == ""
    assert not again.out_of_step


def test_nothing_is_written_unless_it_is_asked_for(tmp_path: Path) -> None:
    lay(tmp_path, PLAIN)
    before = sorted(path for path in tmp_path.rglob("*"))
    done = command(str(tmp_path), "--check")
    assert done.returncode == 1
    assert "+++ b/Dockerfile" in done.stdout
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_the_diff_is_what_write_does(tmp_path: Path) -> None:
    one, other = lay(tmp_path / "one/tasks", TASKS), lay(tmp_path / "other/tasks", TASKS)
    for root in (one, other):
        root.joinpath(".gitignore").write_bytes(b"*.log\r\n")
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    result = look(one)
    subprocess.run(["git", "apply"], cwd=one, input=result.patch.encode(), check=True)
    done = command(str(other), "--write")
    assert done.returncode == 0
    for path in result.files:
        if "adr/" not in path:  # they bear the day on which they are written
            assert (one / path).read_bytes() == (other / path).read_bytes(), path
        assert (one / path).stat().st_mode & 0o111 == (other / path).stat().st_mode & 0o111, path
    assert os.access(one / "scripts/prepare-deployment.sh", os.X_OK)
    assert (one / ".gitignore").read_bytes().startswith(b"*.log\r\n\r\n.env\r\n")
    assert command(str(other), "--check").returncode == 0


def test_what_a_person_wrote_is_left_alone(tmp_path: Path) -> None:
    own = "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT --workers 2\n"
    prepared(tmp_path, {**PLAIN, "Procfile": own})
    assert (tmp_path / "Procfile").read_text() == own
    assert states(tmp_path)["Procfile"] is State.YOURS
    assert not look(tmp_path).out_of_step
    shown = look(tmp_path, replace=True)
    assert list(shown.files) == ["Procfile"]
    assert f"-{own}" in shown.patch


@pytest.mark.parametrize(
    ("name", "purposes", "points"), [("Dockerfile", (), 3), ("Procfile", ("railway",), 2)], ids=["image", "procfile"]
)
def test_the_checklist_claims_nothing_of_what_a_person_wrote(
    tmp_path: Path, name: str, purposes: tuple[str, ...], points: int
) -> None:
    own = {"Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD uvicorn app.main:app --port 8000\n"}
    own["Procfile"] = "web: uvicorn app.main:app --port 8000\n"
    prepared(tmp_path, {**PLAIN, name: own[name]}, *purposes)
    checklist = (tmp_path / "deployment/DEPLOYMENT.md").read_text()
    assert checklist.count(f"the {name} is your own") == checklist.count("\n| ? |") == points
    assert look(tmp_path, *purposes).patch == ""
    pipeline.write_papers(tmp_path, look(tmp_path, *purposes, replace=True))
    assert "is your own" not in (tmp_path / "deployment/DEPLOYMENT.md").read_text()
    assert look(tmp_path, *purposes).patch == ""


def test_a_paper_that_took_the_place_of_another_is_in_step(tmp_path: Path) -> None:
    own = 'FROM python:3.12-slim\nENV PYTHONPATH=/app\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "app.main:app"]\n'
    lay(tmp_path, {**PLAIN, "Dockerfile": own})
    pipeline.write_papers(tmp_path, look(tmp_path, replace=True))
    assert not look(tmp_path).out_of_step


def test_what_a_person_changed_is_theirs_from_then_on(tmp_path: Path) -> None:
    prepared(tmp_path, PLAIN)
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("EXPOSE 8000", "EXPOSE 9000"))
    assert states(tmp_path)["Dockerfile"] is State.YOURS
    assert "Dockerfile" not in look(tmp_path).files


def test_what_is_ours_follows_the_facts(tmp_path: Path) -> None:
    prepared(tmp_path, PLAIN)
    main = tmp_path / "app/main.py"
    main.write_text(main.read_text().replace('"/health"', '"/healthz"'))
    result = look(tmp_path)
    stale = {sheet.path for sheet in result.sheets if sheet.state is State.STALE}
    assert {"Dockerfile", ".railway/railway.ts", "scripts/prepare-deployment.sh"} <= stale
    assert b"/healthz" in (result.files["Dockerfile"] or b"")


def test_a_new_variable_is_added_to_the_example_and_the_rest_is_kept(tmp_path: Path) -> None:
    example = "# mine\nJWT_SECRET=change-me\n"
    main = PLAIN["app/main.py"] + '\nREGION = os.environ["REGION"]\nPAGE = int(os.getenv("PAGE_SIZE", "20"))\n'
    prepared(tmp_path, {**PLAIN, "app/main.py": main, ".env.example": example})
    text = (tmp_path / ".env.example").read_text()
    assert text.startswith(example)
    assert "\nREGION=us-east-1\n" in text
    assert "\n# PAGE_SIZE=20\n" in text


def test_no_real_secret_reaches_a_paper(tmp_path: Path) -> None:
    secret = "4f1c2d9e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e"
    url = "postgresql://owner:hunter2hunter2@ep-x.eu.aws.neon.tech/tasks"
    prepared(tmp_path, {**TASKS, ".env": f"JWT_SECRET={secret}\nDATABASE_URL={url}\n"})
    for path in look(tmp_path).sheets:
        assert secret not in path.text
        assert "hunter2" not in path.text


def test_purposes_choose_papers(tmp_path: Path) -> None:
    lay(tmp_path, TASKS)
    assert "Procfile" in states(tmp_path, "railway")
    assert "Dockerfile" not in states(tmp_path, "railway")
    assert set(states(tmp_path, "github")) & {"Dockerfile", "Procfile", "docker-compose.yml"} == set()
    assert {"Dockerfile", "docker-compose.yml"} <= set(states(tmp_path, "compose"))
    assert b"RAILPACK" in (look(tmp_path, "railway").files[".railway/railway.ts"] or b"")


def test_fixes_come_in_the_same_diff(tmp_path: Path) -> None:
    main = PLAIN["app/main.py"].replace("import os\n", "import os\nimport app.setings\n")
    lay(tmp_path, {**PLAIN, "app/main.py": main, "app/settings.py": "PAGE = 20\n"})
    result = look(tmp_path, with_fixes=True)
    assert "IMP001" in result.applied
    pipeline.write_papers(tmp_path, result)
    assert "import app.settings" in (tmp_path / "app/main.py").read_text()
    assert not look(tmp_path, with_fixes=True).out_of_step


def test_a_backend_below_the_root_keeps_its_papers_together(tmp_path: Path) -> None:
    prepared(tmp_path, {f"api/{name}": text for name, text in PLAIN.items()})
    assert (tmp_path / "api/Dockerfile").is_file()
    assert "working-directory: api" in (tmp_path / ".github/workflows/seatrial.yml").read_text()
    assert 'rootDirectory: "api"' in (tmp_path / "api/.railway/railway.ts").read_text()
    inside = look(tmp_path / "api")
    assert inside.notes
    assert not inside.out_of_step


def test_records_are_numbered_after_those_that_are_there(tmp_path: Path) -> None:
    prepared(tmp_path, {**PLAIN, f"history/adr/{7:04d}-use-fastapi.md": "# 7. Use FastAPI\n"})
    names = sorted(path.name[:4] for path in (tmp_path / "history/adr").iterdir())
    assert names == [f"{number:04d}" for number in range(7, 13)]


def test_json_keeps_its_promise(tmp_path: Path) -> None:
    lay(tmp_path, PLAIN)
    done = command(str(tmp_path), "--format", "json")
    schema = json.loads((REPOSITORY / "docs/schema/prepare-1.json").read_text())
    jsonschema.validate(json.loads(done.stdout), schema)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}, "nothing declares"),
        (
            {"environment.yml": "dependencies:\n  - fastapi\n", "main.py": "import fastapi\napp = fastapi.FastAPI()\n"},
            "conda",
        ),
    ],
)
def test_too_few_facts_are_said_in_a_sentence(tmp_path: Path, files: dict[str, str], said: str) -> None:
    lay(tmp_path, files)
    with pytest.raises(UsageError, match=said):
        look(tmp_path)


def test_nothing_is_written_through_a_link_that_leads_away(tmp_path: Path) -> None:
    root, elsewhere = lay(tmp_path / "root", PLAIN), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / "scripts").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="a link leads out"):
        pipeline.write_papers(root, look(root))
    assert list(elsewhere.iterdir()) == []


def test_a_stamp_knows_its_text() -> None:
    text = stamped("web: run\n")
    assert is_ours(text)
    assert is_ours(text.replace("\n", "\r\n"))
    assert not is_ours(text.replace("run", "walk"))
    assert not is_ours("web: run\n")


def test_the_papers_are_of_the_code_as_it_is_fixed(tmp_path: Path) -> None:
    """A driver that only a fix declares: the stack has a database, and the example its dialect."""
    needs = TASKS["requirements.txt"].replace("asyncpg\n", "")
    example = "DATABASE_URL=postgresql+asyncpg://u:p@h/db\nREDIS_URL=redis://h\nJWT_SECRET=change-me\n"
    lay(tmp_path, {**TASKS, "requirements.txt": needs, ".env.example": example})
    result = look(tmp_path, with_fixes=True)
    assert b"asyncpg" in (result.files["requirements.txt"] or b"")
    assert b"asyncpg refuses" in (result.files["deployment/DEPLOYMENT.md"] or b"")
    assert b"pgbouncer" in (result.files["docker-compose.yml"] or b"")
    pipeline.write_papers(tmp_path, result)
    again = look(tmp_path)
    assert again.patch == ""


def test_what_a_fix_declares_can_be_prepared(tmp_path: Path) -> None:
    lay(tmp_path, {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"})
    result = look(tmp_path, with_fixes=True)
    assert b"fastapi" in (result.files["requirements.txt"] or b"")
    pipeline.write_papers(tmp_path, result)
    assert look(tmp_path, with_fixes=True).patch == ""


def test_a_fixed_copy_keeps_what_stands_above_it(tmp_path: Path) -> None:
    """The repository's own paper names the variable's form; a fix must not lose sight of it."""
    main = PLAIN["app/main.py"].replace("import os\n", "import os\nimport app.setings\n")
    files = {**PLAIN, "app/main.py": main, "app/settings.py": "import os\n\nREGION = os.environ['REGION']\n"}
    root = lay(tmp_path / "repository/api", files)
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "repository")], check=True)
    (tmp_path / "repository/README.md").write_text("# Tasks\n\n```\nREGION=eu-north-1\n```\n")
    result = look(root, with_fixes=True)
    assert b"REGION=eu-north-1" in (result.files[".env.example"] or b"")
    assert result.notes


@pytest.mark.parametrize("purpose", ["railway", "docker", "compose", "github"])
def test_the_guides_speak_of_what_is_there(tmp_path: Path, purpose: str) -> None:
    root = prepared(tmp_path, TASKS, purpose)
    for guide in (root / "QUICKSTART.md", root / "deployment/DEPLOYMENT.md"):
        text = guide.read_text()
        for link in re.findall(r"\]\(((?!https?:)[^)#]+)\)", text):
            assert (guide.parent / link).exists(), f"{guide.name} leads to {link}"
        assert ("docker compose" in text) <= (root / "docker-compose.yml").exists()
    records = sorted(path.name[:4] for path in (root / "history/adr").iterdir())
    assert records == [f"{number:04d}" for number in range(1, len(records) + 1)]


PROGRAM = """\
import os

import uvicorn

if __name__ == "__main__":
    uvicorn.run("app.main:app", host=os.environ.get("HOST", "0.0.0.0"), port=int(os.environ["PORT"]))
"""


def test_a_program_of_the_backends_own_that_takes_the_port_is_what_the_papers_start(tmp_path: Path) -> None:
    files = {**PLAIN, "app/__main__.py": PROGRAM, "Procfile": "web: exec python -m app\n"}
    root = prepared(tmp_path, files)
    assert (root / "Procfile").read_text() == files["Procfile"]
    assert 'CMD ["sh", "-c", "exec env PORT=${PORT:-8000} python -m app"]' in (root / "Dockerfile").read_text()
    assert 'env PORT="$PORT" HOST=127.0.0.1 python -m app >' in (root / "scripts/prepare-deployment.sh").read_text()
    assert "uvicorn app.main:app --host 127.0.0.1" in (root / "QUICKSTART.md").read_text()


def test_a_program_that_takes_no_port_is_passed_over(tmp_path: Path) -> None:
    program = PROGRAM.replace('int(os.environ["PORT"])', "8000")
    root = prepared(tmp_path, {**PLAIN, "app/__main__.py": program, "Dockerfile": "FROM x\nCMD python -m app\n"})
    assert (root / "Procfile").read_text().startswith("web: exec uvicorn app.main:app --host 0.0.0.0 --port $PORT")


def test_the_stack_has_the_databases_that_the_backend_speaks_to(tmp_path: Path) -> None:
    root = prepared(tmp_path, SHELVES)
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    assert set(services) == {"app", "mariadb", "mongo"}
    given = services["app"]["environment"]
    assert (given["DB_HOST"], given["DB_PORT"], given["DB_USER"], given["DB_NAME"]) == ("mariadb", "3306", "app", "app")
    assert given["DB_PASSWORD"] == services["mariadb"]["environment"]["MARIADB_PASSWORD"]
    assert given["MONGO_URL"].startswith("mongodb://app:")
    assert set(services["app"]["depends_on"]) == {"mariadb", "mongo"}
    assert "MariaDB, MongoDB" in (root / "QUICKSTART.md").read_text()


def test_an_address_of_mysql_keeps_its_driver(tmp_path: Path) -> None:
    main = (
        "import os\n\nfrom fastapi import FastAPI\nfrom sqlalchemy import create_engine\n\n"
        'app = FastAPI()\nengine = create_engine(os.environ["DATABASE_URL"])\n'
    )
    root = prepared(tmp_path, {"requirements.txt": "fastapi\npymysql\nsqlalchemy\nuvicorn\n", "main.py": main})
    assert "\nDATABASE_URL=mysql+pymysql://user:password@localhost:3306/app\n" in (root / ".env.example").read_text()
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    assert services["app"]["environment"]["DATABASE_URL"].startswith("mysql+pymysql://app:")
    assert "@mariadb:3306/app" in services["app"]["environment"]["DATABASE_URL"]


INI_ALONE = (
    "from logging.config import fileConfig\n\n"
    "from alembic import context\nfrom sqlalchemy import engine_from_config\n\n"
    'from app import database\n\nconnectable = engine_from_config(context.config.get_section("alembic"))\n'
)
OUTSIDE = "import sys\n\nfrom api.app import settings\n\nsys.path.append('app')\nengine = create_engine(settings.URL)\n"


@pytest.mark.parametrize("script", [INI_ALONE, OUTSIDE], ids=["address-of-the-ini-file", "imports-from-outside"])
def test_migrations_that_cannot_run_in_the_stack_are_left_out(tmp_path: Path, script: str) -> None:
    files = {**TASKS, "migrations/env.py": script, "app/database.py": ""}
    root = lay(tmp_path / "api", files)
    pipeline.write_papers(root, look(root, "compose"))
    services = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]
    assert "migrate" not in services
    assert "migrate" not in services["app"]["depends_on"]
