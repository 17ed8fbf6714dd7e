"""What an audit says of a start is what the start then does, told by the two public functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.issue import Severity
from seatrial.options import AuditOptions, BootOptions
from seatrial.pipeline import audit, boot

NOTHING_DECLARED = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}
SETTINGS = """
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict


class Pool(BaseModel):
    size: int = 5
    name: str


class Database(BaseModel):
    host: str
    port: int = 5432
    pool: Pool


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP__", env_nested_delimiter="__", env_file=".env")
    database: Database
    title: str = "Tasks"


settings = Settings()
app = FastAPI(title=settings.database.host + settings.database.pool.name)
"""
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
POOL = "import os\n\nfrom psycopg2 import pool\n\npool.ThreadedConnectionPool(1, 2, os.getenv('URL'))\n"
FILLED = """
from fastapi import FastAPI
from {0} import BaseSettings
from {1} import {2}


class Settings(BaseSettings):
    title: str | None = None

    @{2}("title", {3})
    def fill(cls, value):
        return value or "Tasks"


app = FastAPI(title=Settings().title.upper())
"""
SQLITE = "sqlalchemy.MetaData().create_all(sqlalchemy.create_engine(os.environ['DATABASE_URL']))\n"
ROUTER = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
INCLUDED = (
    "app.include_router(router)\napp.include_router(chat.router)\n\n\n@app.get('/')\ndef read() -> int:\n    return 1\n"
)
GUNICORN = {"requirements.txt": "fastapi\nuvicorn\ngunicorn\nuvicorn-worker\n", "main.py": APP}
RENAMED = """

class Task(SQLModel, table=True):
    __tablename__ = "tasks"

    id: str = Column(primary_key=True)
"""
NESTED = {"requirements.txt": "fastapi\nuvicorn\npydantic-settings\n", "main.py": SETTINGS}
DECODED = """
from fastapi import FastAPI
from pydantic import BaseSettings


class Settings(BaseSettings):
    origins: list[str]

    class Config:
        @classmethod
        def parse_env_var(cls, field_name, raw_val):
            return raw_val.split(";")


settings = Settings()
app = FastAPI(title=settings.origins[0])
"""
RAISED_AGAIN = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "main.py": (
        "import traceback\n\nfrom fastapi import FastAPI\n\ntry:\n    import tools\nexcept ImportError as error:\n"
        "    traceback.print_exc()\n    {}\n\napp = FastAPI()\n"
    ),
    "tools.py": "import os\nfrom json import nothing\n",
}


def raised_again(statement: str) -> dict[str, str]:
    return {**RAISED_AGAIN, "main.py": RAISED_AGAIN["main.py"].format(statement)}


WHOLE = "APP__DATABASE__HOST=here\nAPP__DATABASE__POOL__NAME=first\n"
BACKENDS = {
    "nothing is declared": NOTHING_DECLARED,
    "nothing is set": NESTED,
    "nested variables": {**NESTED, ".env.example": WHOLE},
    "part of the nested variables": {
        **NESTED,
        ".env.example": "APP__DATABASE__HOST=here\nAPP__DATABASE__POOL__SIZE=7\n",
    },
    "a nested variable of the wrong type": {**NESTED, ".env.example": f"{WHOLE}APP__DATABASE__PORT=high\n"},
    "a list that is decoded in the class's own way": {
        "requirements.txt": "fastapi\nuvicorn\npydantic<2\n",
        "main.py": DECODED,
        ".env.example": "ORIGINS=http://localhost:3000;http://localhost:8000\n",
    },
    "an assertion of several lines fails": {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": "from fastapi import FastAPI\n\nassert (\n    1\n    == 2\n), 'no'\napp = FastAPI()\n",
    },
    "an exception is raised once more": raised_again("raise error"),
    "an exception is passed on": raised_again("raise"),
    "an exception is raised in place of another": raised_again("raise RuntimeError(str(error)) from error"),
    "a nested variable that nothing takes": {**NESTED, ".env.example": f"{WHOLE}APP__OTHER__PORT=1\n"},
    "names that an extension puts into another module": {
        "requirements.txt": "fastapi\nuvicorn\npsycopg2-binary\n",
        "main.py": f"from psycopg2.errors import UniqueViolation\n{APP}",
    },
    "a name that no extension puts into another module": {
        "requirements.txt": "fastapi\nuvicorn\npsycopg2-binary\n",
        "main.py": f"from psycopg2.pool import SimplePool\n{APP}",
    },
    "an empty default is filled by a validator": {
        "requirements.txt": "fastapi\nuvicorn\npydantic-settings\n",
        "main.py": FILLED.format("pydantic_settings", "pydantic", "field_validator", "mode='before'"),
    },
    "an empty default is filled by a validator of pydantic 1": {
        "requirements.txt": "fastapi\nuvicorn\npydantic<2\n",
        "main.py": FILLED.format("pydantic", "pydantic", "validator", "pre=True"),
    },
    "a pool is made without an address": {
        "requirements.txt": "fastapi\nuvicorn\npsycopg2-binary\n",
        "main.py": f"{POOL}{APP}",
    },
    "a connection is made to a host": {
        "requirements.txt": "fastapi\nuvicorn\npsycopg2-binary\n",
        ".env.example": "DATABASE_URL=postgresql://user:password@localhost:5432/app\n",
        "main.py": f"import os\n\nimport psycopg2\n\npsycopg2.connect(os.environ['DATABASE_URL']).close()\n{APP}",
    },
    "a library that searches a folder of its own": {
        "requirements.txt": "fastapi\nuvicorn\nsetuptools<81\n",
        "main.py": f"import pkg_resources\n{APP}",
    },
    "gunicorn is given no such module": {
        **GUNICORN,
        "Procfile": "web: gunicorn app.main:app -k uvicorn_worker.UvicornWorker\n",
    },
    "gunicorn is given no such attribute": {
        **GUNICORN,
        "Procfile": "web: gunicorn main:api -k uvicorn_worker.UvicornWorker\n",
    },
    "a return annotation that is no response model yet": {
        "requirements.txt": "fastapi==0.88.0\nuvicorn\n",
        "main.py": f"{APP}\n\nclass Task:\n    pass\n\n\n@app.get('/')\ndef read() -> Task:\n    return Task()\n",
    },
    "columns that are made under another name": {
        "requirements.txt": "fastapi\nuvicorn\nsqlmodel\n",
        "main.py": f"from sqlmodel import Field as Column, SQLModel\n{APP}{RENAMED}",
    },
}
UNMENDED = {
    "a router asks for a package that is nowhere": {
        "requirements.txt": "fastapi\nuvicorn\n",
        "Procfile": "web: uvicorn app.main:app --port $PORT\n",
        "app/main.py": f"from app import chat\nfrom app.tasks import router\n{APP}{INCLUDED}",
        "app/tasks.py": ROUTER,
        "app/chat.py": f"from app.agents.composer import Composer\n\n{ROUTER}",
    },
    "an example names somebody's own folder": {
        "requirements.txt": "fastapi\nuvicorn\nsqlalchemy\n",
        ".env.example": "DATABASE_URL=sqlite:////path/to/my/code/app.db\n",
        "main.py": f"import os\n\nimport sqlalchemy\n\n{SQLITE}{APP}",
    },
    "the service of a compose file runs what its Dockerfile says": {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": APP,
        "Dockerfile": "FROM python:3.12\nWORKDIR /code\nCOPY . .\nCMD uvicorn app.main:app --port 8000\n",
        "docker-compose.yml": "services:\n  web:\n    build: .\n",
    },
}


@pytest.mark.parametrize("name", BACKENDS)
def test_prediction_is_what_is_observed(name: str, tmp_path: Path) -> None:
    for path, text in BACKENDS[name].items():
        (tmp_path / path).write_text(text)
    said = audit(tmp_path, AuditOptions())
    observed = boot(tmp_path, BootOptions()).before
    assert said.predicted == observed
    blockers = [it.issue.code for it in said.entries if it.issue.severity is Severity.BLOCKER]
    assert bool(blockers) is (observed.outcome is not Outcome.SERVES)


@pytest.mark.parametrize("name", UNMENDED)
def test_the_fixes_lead_to_a_start_that_serves(name: str, tmp_path: Path) -> None:
    for path, text in UNMENDED[name].items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    trial = boot(tmp_path, BootOptions())
    assert trial.before.outcome is Outcome.FAILS
    assert trial.after.outcome is Outcome.SERVES


def test_compose_documents_what_it_builds_by_a_dockerfile_elsewhere(tmp_path: Path) -> None:
    service = "services:\n  api:\n    environment:\n      GREETING: hello\n    build:\n"
    files = {
        "docker-compose.yml": f"{service}      context: .\n      dockerfile: infra/api.Dockerfile\n",
        "infra/api.Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY backend/ .\nCMD uvicorn main:app --port 8000\n",
        "backend/requirements.txt": "fastapi\nuvicorn\n",
        "backend/main.py": f"import os\n\nos.environ['GREETING']\n{APP}",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert audit(tmp_path, AuditOptions()).predicted.outcome is Outcome.SERVES
    assert boot(tmp_path, BootOptions()).before.outcome is Outcome.SERVES


@pytest.mark.parametrize("again", ["raise", "raise error", "print(error)\n        raise"])
def test_what_lies_behind_an_exception_that_a_handler_lets_through(again: str, tmp_path: Path) -> None:
    main = (
        "from fastapi import FastAPI\n\ntry:\n    import first\n    import second\n    from third import name\n"
        f"except ImportError as error:\n    try:\n        {again}\n    finally:\n        print(1)\n\napp = FastAPI()\n"
    )
    files = {
        "main.py": main,
        "first.py": "import json\nfrom json import nothing\n",
        "second.py": "from re import nowhere\n",
    }
    for path, text in {**files, "third.py": "", "requirements.txt": "fastapi\nuvicorn\n"}.items():
        (tmp_path / path).write_text(text)
    found = audit(tmp_path, AuditOptions(offline=True, select=("IMP",))).entries
    places = [(it.issue.location.path, it.issue.location.line) for it in found]
    assert places == [("first.py", 2), ("second.py", 1), ("main.py", 6)]
