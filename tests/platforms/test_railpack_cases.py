"""Small repositories, one for each of Railpack's rules and for each way of getting it wrong, and what it makes of them.

The rules were read in its source; its own examples are compared by `python -m tools.compare_railpack`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial.platforms.railpack import GUNICORN, UVICORN
from seatrial.platforms.railway import plan_railway
from seatrial.project.documents import Documents
from tests.project.trees import make

PIP = ("python -m venv /app/.venv", "pip install -r requirements.txt")
UV = ("uv sync --locked --no-dev --no-install-project", "uv sync --locked --no-dev --no-editable")
BOTH = "fastapi\nuvicorn\n"
NO_START = "no start command"


@dataclass(frozen=True)
class Case:
    """What a repository holds, and what Railpack makes of it; `start` None where `problem` says why."""

    files: dict[str, str]
    start: str | None = UVICORN
    installer: str = "pip"
    python: str = "3.13"
    install: tuple[str, ...] | None = None
    problem: str = ""
    provider: str = "python"
    packages: str = ""
    notes: tuple[str, ...] = field(default=())


CASES = {
    "main.py and requirements": Case({"main.py": "", "requirements.txt": BOTH}, install=PIP),
    "app.py is known, main:app is started": Case({"app.py": "", "requirements.txt": BOTH}, notes=("no main.py",)),
    "server.py too": Case({"server.py": "", "requirements.txt": BOTH}, notes=("no main.py",)),
    "main.py before app.py": Case({"main.py": "", "app.py": "", "requirements.txt": "flask\n"}, "python main.py"),
    "app/main.py is not at the root": Case({"app/main.py": "", "requirements.txt": BOTH}, None, problem=NO_START),
    "src/main.py neither": Case({"src/main.py": "", "requirements.txt": BOTH}, None, problem=NO_START),
    "fastapi[standard] does not say uvicorn": Case(
        {"main.py": "", "requirements.txt": "fastapi[standard]\n"}, "python main.py"
    ),
    "uvicorn in a comment counts": Case({"main.py": "", "requirements.txt": "fastapi\n# uvicorn comes with it\n"}),
    "the case of a word does not count": Case({"main.py": "", "requirements.txt": "FastAPI\nUvicorn\n"}),
    "gunicorn holds the word of no other server": Case(
        {"main.py": "", "requirements.txt": "fastapi\ngunicorn\n"}, "python main.py"
    ),
    "flask in a comment, with gunicorn, starts gunicorn": Case(
        {"main.py": "", "requirements.txt": "fastapi\nuvicorn\ngunicorn  # as with flask before\n"}, GUNICORN
    ),
    "flask as a part of another name": Case(
        {"main.py": "", "requirements.txt": "fastapi\nuvicorn\ngunicorn\nflask-sqlalchemy\n"}, GUNICORN
    ),
    "flask without gunicorn changes nothing": Case({"main.py": "", "requirements.txt": BOTH + "flask\n"}),
    "flask and gunicorn without a main file": Case({"requirements.txt": "flask\ngunicorn\n"}, None, problem=NO_START),
    "a manifest in a subfolder is read for words": Case(
        {"main.py": "", "requirements.txt": "httpx\n", "backend/requirements.txt": BOTH}
    ),
    "fasthtml": Case({"main.py": "", "requirements.txt": "python-fasthtml\nuvicorn\n"}),
    "django": Case(
        {
            "manage.py": "",
            "requirements.txt": "Django\n",
            "site/settings.py": 'WSGI_APPLICATION = "site.wsgi.application"\n',
        },
        "python manage.py migrate && gunicorn --bind 0.0.0.0:${PORT:-8000} site.wsgi:application",
    ),
    "django without its setting": Case({"manage.py": "", "requirements.txt": "django\n"}, None, problem=NO_START),
    "uv.lock with pyproject": Case({"main.py": "", "pyproject.toml": BOTH, "uv.lock": ""}, installer="uv", install=UV),
    "requirements beside uv.lock": Case(
        {"main.py": "", "requirements.txt": BOTH, "pyproject.toml": "", "uv.lock": ""},
        install=PIP,
        notes=("uv.lock",),
    ),
    "uv.lock without pyproject": Case({"main.py": "", "uv.lock": ""}, "python main.py", "none", install=()),
    "no lock": Case(
        {"main.py": "", "pyproject.toml": BOTH}, installer="none", install=(), notes=("nothing is installed",)
    ),
    "only dev-requirements.txt": Case({"main.py": "", "dev-requirements.txt": BOTH}, "python main.py", "none"),
    "requirements in a folder": Case({"main.py": "", "requirements/base.txt": BOTH}, "python main.py", "none"),
    "poetry.lock": Case(
        {"main.py": "", "pyproject.toml": BOTH, "poetry.lock": ""},
        installer="poetry",
        install=("poetry install --no-interaction --no-ansi --only main --no-root",),
    ),
    "uv.lock before poetry.lock": Case(
        {"main.py": "", "pyproject.toml": BOTH, "poetry.lock": "", "uv.lock": ""}, installer="uv"
    ),
    "pdm.lock": Case(
        {"main.py": "", "pyproject.toml": BOTH, "pdm.lock": ""},
        installer="pdm",
        install=("pdm install --check --prod --no-editable",),
    ),
    "Pipfile with its lock": Case(
        {"main.py": "", "Pipfile": BOTH, "Pipfile.lock": "{}"},
        installer="pipenv",
        install=("pipenv install --deploy --ignore-pipfile",),
    ),
    "Pipfile alone": Case(
        {"main.py": "", "Pipfile": BOTH}, installer="pipenv", install=("pipenv install --skip-lock",)
    ),
    "requires-python is not read": Case(
        {"main.py": "", "requirements.txt": BOTH, "pyproject.toml": "[project]\nrequires-python = '>=3.14'\n"}
    ),
    ".python-version": Case({"main.py": "", "requirements.txt": BOTH, ".python-version": "3.12\n"}, python="3.12"),
    ".python-version before runtime.txt": Case(
        {"main.py": "", "requirements.txt": BOTH, ".python-version": "3.12", "runtime.txt": "python-3.11.4"},
        python="3.12",
    ),
    "runtime.txt": Case({"main.py": "", "requirements.txt": BOTH, "runtime.txt": "python-3.11.4\n"}, python="3.11.4"),
    "runtime.txt before Pipfile": Case(
        {"main.py": "", "Pipfile": BOTH + 'python_version = "3.9"\n', "runtime.txt": "3.10"},
        installer="pipenv",
        python="3.10",
    ),
    "python_full_version before python_version": Case(
        {"main.py": "", "Pipfile": BOTH + 'python_version = "3.9"\npython_full_version = "3.9.18"\n'},
        installer="pipenv",
        python="3.9.18",
    ),
    ".tool-versions": Case(
        {"main.py": "", "requirements.txt": BOTH, ".tool-versions": "uv 0.7\npython 3.9.23\n"}, python="3.9.23"
    ),
    "mise.toml": Case({"main.py": "", "requirements.txt": BOTH, "mise.toml": 'python = "3.12"\n'}, python="3.12"),
    "a version in a Dockerfile's name is nothing": Case(
        {"main.py": "", "requirements.txt": BOTH, "Dockerfile.dev": ""}
    ),
    "Procfile overrules the provider": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "web: fastapi run app/x.py\n"}, "fastapi run app/x.py"
    ),
    "Procfile with a worker alone": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "worker: python jobs.py\n"}, "python jobs.py"
    ),
    "Procfile: web before worker, wherever it stands": Case(
        {"requirements.txt": BOTH, "Procfile": "worker: a b\nweb: c d\n"}, "c d"
    ),
    "Procfile with a release step alone starts it": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "release: alembic upgrade head\n"},
        "alembic upgrade head",
    ),
    "Procfile with an empty web": Case({"main.py": "", "requirements.txt": BOTH, "Procfile": "web:\n"}),
    "Procfile without the blank": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "web:uvicorn main:app\n"}, None, problem="Procfile"
    ),
    "Procfile with a mapping in it": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "web: uvicorn main:app --log-config {a: 1}\n"},
        None,
        problem="Procfile",
    ),
    "Procfile with a tab": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": "\tweb: uvicorn main:app\n"}, None, problem="Procfile"
    ),
    "Procfile with a quoted beginning": Case(
        {"main.py": "", "requirements.txt": BOTH, "Procfile": 'web: "uvicorn" main:app\n'}, None, problem="Procfile"
    ),
    "Procfile with a comment in it is cut": Case(
        {"requirements.txt": BOTH, "Procfile": "web: uvicorn main:app # --port $PORT\n"}, "uvicorn main:app"
    ),
    "Procfile: of two webs the last": Case({"requirements.txt": BOTH, "Procfile": "web: a b\nweb: c d\n"}, "c d"),
    "procfile in small letters is none": Case({"main.py": "", "requirements.txt": BOTH, "procfile": "web: a b\n"}),
    "railpack.json before the Procfile": Case(
        {
            "requirements.txt": BOTH,
            "Procfile": "web: a b\n",
            "railpack.json": '{"deploy": {"startCommand": "c"}, // by hand\n}',
        },
        "c",
    ),
    "railpack.json that is no JSON": Case(
        {"main.py": "", "requirements.txt": BOTH, "railpack.json": "{deploy: }"},
        None,
        "",
        "",
        problem="railpack.json",
        provider="",
    ),
    "psycopg2 needs libpq": Case({"main.py": "", "requirements.txt": BOTH + "psycopg2\n"}, packages="libpq5"),
    "psycopg2-binary does not": Case({"main.py": "", "requirements.txt": BOTH + "psycopg2-binary\n"}),
    "psycopg[binary] does not": Case({"main.py": "", "requirements.txt": BOTH + "psycopg[binary]\n"}),
    "asyncpg does not": Case({"main.py": "", "requirements.txt": BOTH + "asyncpg\n"}),
    "go.mod comes first": Case({"main.py": "", "go.mod": ""}, None, "", "", provider="golang"),
    "package.json comes after": Case({"main.py": "", "requirements.txt": BOTH, "package.json": "{}"}),
    "package.json alone": Case({"package.json": "{}", "backend/main.py": ""}, None, "", "", provider="node"),
    "nothing that is known": Case({"backend/main.py": ""}, None, "", "", problem="no language", provider=""),
    "a Dockerfile wins": Case(
        {"main.py": "", "requirements.txt": BOTH, "Dockerfile": "FROM x\n"}, None, "", "", provider="dockerfile"
    ),
    "a dockerfile in small letters does not": Case({"main.py": "", "requirements.txt": BOTH, "dockerfile": "FROM x\n"}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_case(case: Case, tmp_path: Path) -> None:
    found = plan_railway(Documents.of(make(tmp_path, case.files)))
    command = found.start.command if found.start else None
    assert (found.provider, found.installer, found.python, command) == (
        case.provider,
        case.installer,
        case.python,
        case.start,
    )
    assert case.problem in found.problem and bool(case.problem) == bool(found.problem)
    assert case.install is None or found.install == case.install
    packages = {choice.subject: choice.value for choice in found.choices}.get("system packages", "")
    assert packages == case.packages
    assert all(any(note in said for said in found.notes) for note in case.notes)


def test_each_choice_names_its_rule_and_where_it_is_published(tmp_path: Path) -> None:
    files = {"main.py": "", "requirements.txt": BOTH, ".python-version": "3.12\n", "Procfile": "web: a b\n"}
    choices = plan_railway(Documents.of(make(tmp_path, files))).choices
    assert [choice.subject for choice in choices] == ["provider", "python", "installer", "start command"]
    assert all(choice.rule and choice.source.startswith("railpack core/") for choice in choices)
    places = [choice.location.path for choice in choices if choice.location]
    assert places == ["main.py", ".python-version", "requirements.txt", "Procfile"]
