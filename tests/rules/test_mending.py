"""Many ways to be wrong, each mended by the audit's own safe patch: afterwards CPython imports the application."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from seatrial.issue import Stage
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.report.results import Audit
from tests.rules.reality import Installer, lay

REQUIREMENTS = "fastapi\nuvicorn\n"
# FastAPI is imported only by who calls the application: CPython imports this, and we read it, in no time.
MAIN = "{}\n\n\nasync def app(scope, receive, send):\n    from fastapi import FastAPI\n"


@dataclass(frozen=True)
class Slip:
    """A project in which `app.main:app` (or `main:app`) cannot be imported, and what the patch must hold."""

    name: str
    code: str
    files: Mapping[str, str]
    holds: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        return "app.main" if any(path.startswith("app/main") for path in self.files) else "main"


def package(main: str, **files: str) -> dict[str, str]:
    """`app/` with a main module that begins with this; other files by path, `__` for `/`."""
    others = {f"app/{name.replace('__', '/').replace('INIT', '__init__')}.py": text for name, text in files.items()}
    return {"app/__init__.py": "", "app/main.py": MAIN.format(main), **others}


DATABASE = "def get_db() -> str:\n    return 'db'\n\n\nURL = 'x'\n"

SLIPS = [
    Slip("moved", "IMP001", package("from app.database import URL", core__database=DATABASE), ("app.core.database",)),
    Slip("prefix missing", "IMP001", package("from app import db\nfrom database import URL", db="", database=DATABASE)),
    Slip("prefix too much", "IMP001", package("from src.app.database import URL", database=DATABASE)),
    Slip("case", "IMP001", package("from app.Database import URL", database=DATABASE), ("from app.database import",)),
    Slip("relative", "IMP001", package("from .databse import URL", database=DATABASE), ("from .database import",)),
    Slip(
        "relative, moved up",
        "IMP001",
        package("from .api.users import f", api__users="from .config import URL\n\nf = URL\n", config=DATABASE),
        ("from ..config import",),
    ),
    Slip("import as", "IMP001", package("import app.databse as db\n\nx = db.URL", database=DATABASE)),
    Slip(
        "plain import",
        "IMP001",
        package("import app.databse\n\nx = app.databse.URL", database=DATABASE),
        ("= app.database.URL",),
    ),
    Slip(
        "by what it defines",
        "IMP001",
        package("from app.helpers import get_db", deps=DATABASE),
        ("from app.deps import",),
    ),
    Slip(
        "folder renamed",
        "IMP001",
        package("from app.routes.user import r", routers__user="r = 1\n"),
        ("app.routers.user",),
    ),
    Slip("file, not package", "IMP001", package("from app.models.task import Task", models="class Task: ...\n")),
    Slip(
        "nine files",
        "IMP001",
        package(
            "from app import a, b\nfrom app.confg import X",
            a="from app.confg import X\n",
            b="from .confg import X\n",
            config="X = 1\n",
        ),
    ),
    Slip(
        "misspelt",
        "IMP002",
        package("from app.database import get_bd\n\nx = get_bd()", database=DATABASE),
        ("x = get_db()",),
    ),
    Slip(
        "misspelt, in the way",
        "IMP002",
        package("from app.database import get_bd\n\nget_db = 1\nx = get_bd()", database=DATABASE),
        ("get_db as get_bd",),
    ),
    Slip(
        "one of several",
        "IMP002",
        package("from app.database import (\n    URL,\n    Task,\n)", database=DATABASE, models="class Task: ...\n"),
        ("from app.models import Task",),
    ),
    Slip(
        "two moved together",
        "IMP002",
        package("from app.schemas import A, B", schemas="C = 1\n", dto="A = 1\nB = 2\n"),
        ("from app.dto import A, B",),
    ),
    Slip(
        "module elsewhere",
        "IMP002",
        package("from app import database", core__database=DATABASE),
        ("from app.core import",),
    ),
    Slip("submodule not imported", "IMP002", package("import app\n\nx = app.database.URL", database=DATABASE)),
    Slip(
        "library, misspelt",
        "IMP003",
        package("from fastapi import Dependz\n\nx = Dependz(int)"),
        ("x = Depends(int)",),
    ),
    Slip("library, moved", "IMP003", package("from fastapi import CORSMiddleware"), ("fastapi.middleware.cors",)),
    Slip(
        "library, split off",
        "IMP003",
        package("import pydantic\n\n\nclass Settings(pydantic.BaseSettings): ..."),
        ("class Settings(pydantic_settings.BaseSettings)", "+pydantic-settings"),
    ),
    Slip("library, module", "IMP003", package("from fastapi.response import JSONResponse"), ("fastapi.responses",)),
    Slip(
        "through the package",
        "IMP004",
        package(
            "from app.models import User",
            models__INIT="from app.models.task import Task\nfrom app.models.user import User\n",
            models__task="from app.models import User\n\n\nclass Task:\n    owner = User\n",
            models__user="class User: ...\n",
        ),
        ("from app.models.user import User",),
    ),
    Slip(
        "for types only",
        "IMP004",
        package(
            "from app.users import User",
            users="from app.tasks import Task\n\n\nclass User:\n    task = Task()\n",
            tasks="from app.users import User\n\n\nclass Task:\n    def owner(self) -> User | None: ...\n",
        ),
        ("if TYPE_CHECKING:", '-> "User | None"'),
    ),
    Slip(
        "cut elsewhere",
        "IMP004",
        package(
            "from app.users import User",
            users="from app.tasks import Task\n\n\nclass User:\n    def task(self) -> object:\n        return Task()\n",
            tasks="from app.users import User\n\n\nclass Task(User): ...\n",
        ),
        ("        from app.tasks import Task",),
    ),
    Slip("too many dots", "IMP005", package("from ..database import URL", database=DATABASE)),
    Slip(
        "dots without package",
        "IMP005",
        {
            "main.py": MAIN.format("from . import crud, models as m"),
            "crud.py": "from .models import X\n",
            "models.py": "X = 1\n",
        },
        ("import crud, models as m", "from models import X"),
    ),
    Slip(
        "shadow of the standard library",
        "IMP006",
        {"main.py": MAIN.format("from secrets import KEY\nfrom secrets import token_hex"), "secrets.py": "KEY = 1\n"},
        ("from secrets_utils import KEY",),
    ),
    Slip("never closed", "IMP009", {"main.py": "from fastapi import FastAPI\n\napp = FastAPI(\n"}),
    Slip("print", "IMP009", {"main.py": MAIN.format('print "hello"')}, ('print("hello")',)),
    Slip("quotes", "IMP009", {"main.py": MAIN.format("x = \u201chello\u201d")}, ('x = "hello"',)),
    Slip("fence", "IMP009", {"main.py": "```python\n" + MAIN.format("") + "```\n"}),
    Slip("module not imported", "IMP010", {"main.py": MAIN.format('x = os.getenv("A")')}, ("+import os",)),
    Slip("own name", "IMP010", package("x = get_db()", database=DATABASE), ("from app.database import get_db",)),
    Slip(
        "as other files do",
        "IMP010",
        package("from app import a\n\nx = jsonable_encoder(1)", a="from fastapi.encoders import jsonable_encoder\n"),
    ),
    Slip(
        "one more of the same",
        "IMP010",
        {"main.py": MAIN.format("from fastapi import FastAPI\n\nx = Depends(int)")},
        ("import FastAPI, Depends",),
    ),
    Slip(
        "annotation of a later class",
        "IMP010",
        {"main.py": MAIN.format("class A:\n    def b(self) -> B: ...\n\n\nclass B: ...")},
        ('-> "B"',),
    ),
    Slip(
        "lifespan further down",
        "IMP010",
        {
            "main.py": "from contextlib import asynccontextmanager\n\nfrom fastapi import FastAPI\n\n"
            "app = FastAPI(lifespan=lifespan)\n\n\n# What the server does first.\n"
            "@asynccontextmanager\nasync def lifespan(app: FastAPI):\n    yield\n"
        },
    ),
    Slip("misspelt use", "IMP010", {"main.py": MAIN.format("value = 1\nx = valeu")}, ("x = value",)),
]  # fmt: skip


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    return Installer(tmp_path_factory.mktemp("mending"))


def audited(project: Path, environment: Path) -> Audit:
    return audit(project, AuditOptions(python=str(environment / "bin" / "python"), offline=True))


def codes(found: Audit) -> list[str]:
    """What stops the start or breaks requests; what such small examples lack in production is not the matter here."""
    return [entry.issue.code for entry in found.entries if entry.issue.stage is not Stage.PRODUCTION]


def imported(project: Path, environment: Path, target: str) -> subprocess.CompletedProcess[str]:
    command = [str(environment / "bin" / "python"), "-B", "-c", f"import {target} as m; m.app"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_the_safe_patch_lets_cpython_import_it(slip: Slip, tmp_path: Path, installer: Installer) -> None:
    procfile = f"web: uvicorn {slip.target}:app --host 0.0.0.0 --port $PORT\n"
    project = lay(tmp_path / "project", {**slip.files, "requirements.txt": REQUIREMENTS, "Procfile": procfile})
    environment = installer.environment(project)
    assert imported(project, environment, slip.target).returncode != 0
    found = audited(project, environment)
    assert codes(found) == [slip.code]
    patch = found.patch.encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "-"], cwd=project, input=patch, check=True)
    environment = installer.environment(project)
    after = imported(project, environment, slip.target)
    assert after.returncode == 0, after.stderr + found.patch
    assert all(part in found.patch for part in slip.holds), found.patch
    assert codes(audited(project, environment)) == []
