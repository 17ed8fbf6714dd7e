"""The environment of the trial: what is copied where, what is filled in, and what never gets in."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.project import dotenv
from seatrial.project.files import scan
from seatrial.project.launch.targets import find_targets
from seatrial.project.settings import (
    Channel,
    DocumentedEnvironment,
    Kind,
    Origin,
    Overrides,
    PythonFile,
    StandIn,
    documented_environment,
    read_settings,
)
from seatrial.project.settings_values import placeholder
from tests.project.tools import run_python
from tests.project.trees import make

MAIN = "from fastapi import FastAPI\napp = FastAPI()\n"
APP = "from fastapi import FastAPI\nfrom config import settings\napp = FastAPI()\n"
CONFIG = """\
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env")
    database_url: str
    jwt_secret: str
    cors_origins: list[str] = []
    optional: str = ""
settings = Settings()
"""
BASIC = {"main.py": APP, "config.py": CONFIG}
DATABASE = StandIn(host="127.0.0.1", port=5999, user="u", password="p", database="d")


def environment(
    root: Path, files: Mapping[str, str], base: str = ".", overrides: Overrides | None = None
) -> DocumentedEnvironment:
    make(root, files)
    tree = scan(root)
    python = [PythonFile(path, (root / path).read_text(), ast.parse((root / path).read_text())) for path in tree.python]
    targets = find_targets(tree, base)
    target = targets[0] if targets else None
    settings = read_settings(python)
    return documented_environment(tree, base, target, settings, database=DATABASE, overrides=overrides)


def test_the_example_becomes_the_file_that_the_code_reads(tmp_path: Path) -> None:
    example = "# keep me\nDATABASE_URL=postgresql://u:p@host.neon.tech/db?sslmode=require\nJWT_SECRET=your-secret\nCORS_ORIGINS=a,b\n"
    found = environment(tmp_path, {**BASIC, ".env.example": example})
    [(path, text)] = found.dotenv
    values = dotenv.values(text)
    assert path == ".env"
    assert text.startswith("# keep me\n")
    assert values["DATABASE_URL"] == "postgresql://u:p@127.0.0.1:5999/d?sslmode=require"
    assert values["CORS_ORIGINS"] == "a,b"  # a comma list where JSON is wanted is a fault to be found
    assert len(values["JWT_SECRET"] or "") >= 32
    assert found.process == {}
    assert found.undocumented == ()
    assert [value.origin for value in found.values] == [
        Origin.GENERATED_DATABASE,
        Origin.PLACEHOLDER,
        Origin.DOCUMENTED,
    ]


def test_names_that_no_dotenv_reader_hands_on_go_to_the_process(tmp_path: Path) -> None:
    files = {
        **BASIC,
        "voice.py": "import os\nkey = os.getenv('OPENAI_API_KEY')\n",
        ".env.example": "DATABASE_URL=sqlite:///x\nJWT_SECRET=abc\nOPENAI_API_KEY=sk-real\nUNREAD=1\n",
    }
    found = environment(tmp_path, files)
    assert found.process == {"OPENAI_API_KEY": "sk-real", "UNREAD": "1"}
    channels = {value.name: value.channel for value in found.values}
    assert channels["JWT_SECRET"] is Channel.DOTENV
    assert channels["OPENAI_API_KEY"] is Channel.BOTH


def test_load_dotenv_hands_on_everything(tmp_path: Path) -> None:
    main = "import os\nfrom dotenv import load_dotenv\nload_dotenv()\nX = os.environ['X']\n" + MAIN
    found = environment(tmp_path, {"app/main.py": main, ".env.example": "X=1\n"})
    assert found.dotenv == ((".env", "X=1\n"),)
    assert found.process == {}


def test_without_a_reader_the_example_is_exported(tmp_path: Path) -> None:
    main = "import os\nX = os.environ['X']\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    found = environment(tmp_path, {"main.py": main, ".env.sample": "X=1\nY=${X}2\n"})
    assert found.dotenv == ()
    assert found.process == {"X": "1", "Y": "12"}


def test_a_committed_file_comes_without_anyones_credentials(tmp_path: Path) -> None:
    committed = (
        "DATABASE_URL=postgresql://owner:hunter2@prod.example.com/live\nJWT_SECRET=the-real-one\n"
        "REDIS_URL=redis://:hunter3@cache.example.com:6379/0\nMODE=fast\n"
    )
    found = environment(tmp_path, {**BASIC, ".env": committed, ".env.example": "OPTIONAL=from example\n"})
    [(path, text)] = found.dotenv
    assert path == ".env"
    for secret in ("hunter2", "hunter3", "the-real-one", "example.com"):
        assert secret not in text
        assert secret not in str(found.process)
    values = dotenv.values(text)
    assert values["MODE"] == "fast"
    assert values["OPTIONAL"] == "from example"


def test_a_developers_own_file_is_withheld(tmp_path: Path) -> None:
    make(tmp_path, {**BASIC, ".env": "DATABASE_URL=postgresql://mine\nJWT_SECRET=mine\n", ".env.test": "A=1\n"})
    for command in (["init", "-q"], ["add", "main.py", "config.py", ".env.test"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    found = environment(tmp_path, {})
    assert found.withheld == (".env",)
    assert [path for path, _ in found.dotenv] == [".env.test"]
    assert {read.name for read in found.undocumented} == {"DATABASE_URL", "JWT_SECRET"}


def test_papers_of_the_enclosing_repository_count(tmp_path: Path) -> None:
    make(tmp_path, {".env.example": "DATABASE_URL=postgresql://a:b@c/d\nJWT_SECRET=<secret>\n", "backend/main.py": APP})
    (tmp_path / ".git").mkdir()
    found = environment(tmp_path / "backend", {"config.py": CONFIG})
    assert found.template == "../.env.example"
    assert [path for path, _ in found.dotenv] == [".env"]
    assert found.undocumented == ()


def test_components_of_a_database_point_at_the_stand_in(tmp_path: Path) -> None:
    names = "DB_HOST=localhost\nDB_PORT=5432\nDB_USER=me\nDB_PASSWORD=\nDB_NAME=<name>\n"
    names += "POSTGRES_SERVER=db\nDB_POOL_SIZE=5\n"
    found = environment(tmp_path, {"main.py": APP, ".env.example": names + "MONGO_DB_NAME=app\nREDIS_HOST=r\n"})
    assert found.process == {
        "DB_HOST": "127.0.0.1", "DB_PORT": "5999", "DB_USER": "u", "DB_PASSWORD": "p", "DB_NAME": "d",
        "POSTGRES_SERVER": "127.0.0.1", "DB_POOL_SIZE": "5", "MONGO_DB_NAME": "app", "REDIS_HOST": "r",
    }  # fmt: skip


@pytest.mark.parametrize("engine", ["DB_ENGINE=sqlite\n", "DB_PORT=3306\n"])
def test_other_engines_keep_their_address(engine: str, tmp_path: Path) -> None:
    found = environment(tmp_path, {"main.py": APP, ".env.example": engine + "DB_NAME=shop\n"})
    assert found.process["DB_NAME"] == "shop"


@pytest.mark.parametrize(
    ("documented", "expected"),
    [
        ("postgres://a:b@c/d", "postgres://u:p@127.0.0.1:5999/d"),
        ("postgresql+asyncpg://a:b@c:5432/d?ssl=require", "postgresql+asyncpg://u:p@127.0.0.1:5999/d?ssl=require"),
        ("postgresql://user:password@host:port/database", "postgresql://u:p@127.0.0.1:5999/d"),
        ("postgresql://a@/d?host=/var/run&sslmode=disable", "postgresql://u:p@127.0.0.1:5999/d?sslmode=disable"),
        ("sqlite:///./app.db", "sqlite:///./app.db"),
        ("mysql://a:b@c/d", "mysql://a:b@c/d"),
        ("your_database_url", "postgresql://u:p@127.0.0.1:5999/d"),
        ("", "postgresql://u:p@127.0.0.1:5999/d"),
    ],
)
def test_database_urls_keep_scheme_driver_and_query(documented: str, expected: str, tmp_path: Path) -> None:
    found = environment(tmp_path, {**BASIC, ".env.example": f"DATABASE_URL={documented}\n"})
    assert dotenv.values(found.dotenv[0][1])["DATABASE_URL"] == expected


def test_blank_values_are_filled_in_only_where_the_code_needs_them(tmp_path: Path) -> None:
    found = environment(tmp_path, {**BASIC, ".env.example": "DATABASE_URL=\nJWT_SECRET=\nOPTIONAL=\n"})
    values = dotenv.values(found.dotenv[0][1])
    assert values["DATABASE_URL"]
    assert values["JWT_SECRET"]
    assert values["OPTIONAL"] == ""


READS = """\
import os
A, B, C = os.environ["A_ONE"], os.environ["B_TWO"], os.environ["C_THREE"]
D = os.getenv("D_FOUR", "4")
E = os.environ["E_FIVE"]
"""
COMPOSE = """\
services:
  api:
    build: .
    environment:
      - A_ONE=${X:-one}
      - EXTRA=1
  other:
    image: redis
    environment:
      E_FIVE: no
"""


def test_compose_dockerfile_and_readme_document_too(tmp_path: Path) -> None:
    files = {
        "main.py": READS + MAIN,
        "docker-compose.yml": COMPOSE,
        "Dockerfile": "FROM python\nENV B_TWO=2 PYTHONUNBUFFERED=1\nCOPY . .\nCMD uvicorn main:app\n",
        "README.md": "```\nC_THREE=three\nD_FOUR=5\n```\n| `D_FOUR` | what |\n",
    }
    found = environment(tmp_path, files)
    assert found.process == {"A_ONE": "one", "EXTRA": "1", "B_TWO": "2", "C_THREE": "three"}
    assert [read.name for read in found.undocumented] == ["E_FIVE"]
    assert {item.source.value for item in found.documented} == {"compose", "Dockerfile", "readme"}


def test_overrides(tmp_path: Path) -> None:
    files = {**BASIC, ".env.example": "DATABASE_URL=postgresql://a/b\nJWT_SECRET=abc\n"}
    named = environment(tmp_path / "a", files, overrides=Overrides(values=(("JWT_SECRET", "mine"), ("NEW", "1"))))
    assert named.process == {"JWT_SECRET": "mine", "NEW": "1"}
    assert dotenv.values(named.dotenv[0][1])["JWT_SECRET"] == "mine"
    filed = environment(tmp_path / "b", files, overrides=Overrides(env_file=("JWT_SECRET=other\n", "my.env")))
    assert dotenv.values(filed.dotenv[0][1]) == {"JWT_SECRET": "other"}
    bare = environment(tmp_path / "c", {**files, ".env": "JWT_SECRET=x\n"}, overrides=Overrides(nothing=True))
    assert (bare.process, bare.dotenv, bare.withheld) == ({}, (), (".env",))


def test_nothing_is_set_that_no_paper_names(tmp_path: Path) -> None:
    found = environment(tmp_path, BASIC)
    assert (found.process, found.dotenv, found.values) == ({}, (), ())
    assert [read.name for read in found.undocumented] == ["DATABASE_URL", "JWT_SECRET"]


FORMS = {
    "int": [Kind.INTEGER, "MAX_ITEMS"],
    "float": [Kind.NUMBER, "RATIO"],
    "bool": [Kind.BOOLEAN, "DEBUG"],
    "EmailStr": [Kind.EMAIL, "ADMIN_EMAIL"],
    "AnyUrl": [Kind.URL, "SERVICE_URL"],
    "RedisDsn": [Kind.URL, "REDIS_URL"],
    "AmqpDsn": [Kind.URL, "RABBITMQ_URL"],
    "MongoDsn": [Kind.URL, "MONGO_URL"],
    "PostgresDsn": [Kind.DATABASE_URL, "DATABASE_URL"],
    "Json[list[str]]": [Kind.JSON_LIST, "CORS_ORIGINS"],
    "Json[dict]": [Kind.JSON_MAPPING, "OPTIONS"],
    "timedelta": [Kind.DURATION, "LIFETIME"],
    "UUID": [Kind.UUID, "TENANT"],
    "Fernet": [Kind.SECRET, "FERNET_KEY"],
}
CHECK = """
from datetime import timedelta
from uuid import UUID
from cryptography.fernet import Fernet
from pydantic import *
out = {}
for kind, text in order.items():
    try:
        Fernet(text) if kind == "Fernet" else TypeAdapter(eval(kind)).validate_python(text)
        out[kind] = ""
    except Exception as error:
        out[kind] = repr(error)
print(json.dumps(out))
"""


def test_placeholders_have_the_right_form() -> None:
    made = {name: placeholder(variable, Kind(kind)) for name, (kind, variable) in FORMS.items()}
    assert run_python(CHECK, made) == dict.fromkeys(made, "")


def test_placeholders_are_the_same_in_every_run() -> None:
    assert placeholder("JWT_SECRET", Kind.SECRET) == "e469138bf8fc87b7da849470872ab8891a617af8012d0a528d1c4787c66dcef6"
    assert placeholder("A", Kind.SECRET) != placeholder("B", Kind.SECRET)


def test_a_committed_file_that_the_start_does_not_read_settles_nothing(tmp_path: Path) -> None:
    workflow = "env:\n  JWT_SECRET: from-the-workflow\n  DATABASE_URL: sqlite://\n"
    files = {**BASIC, "data/.env": "JWT_SECRET=of-something-else\n", ".github/workflows/test.yml": workflow}
    found = environment(tmp_path, files)
    assert found.process["JWT_SECRET"] == "from-the-workflow"
    assert found.unread == {"data/.env"}
