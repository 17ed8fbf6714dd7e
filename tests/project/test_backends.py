"""Which folders are backends, in the layouts that people have."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.project.backends import choose, find_backends
from seatrial.project.files import scan
from tests.project.trees import make

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
PYPROJECT = '[project]\nname = "x"\nversion = "1"\n'
FRONT = {"frontend/package.json": "{}", "frontend/src/index.ts": ""}
LAYOUTS: dict[str, tuple[dict[str, str], dict[str, tuple[str, tuple[str, ...]]]]] = {
    # files -> base: (code, apps)
    "flat": ({"main.py": APP, "requirements.txt": ""}, {".": (".", ("main.py",))}),
    "package": ({"app/main.py": APP, "requirements.txt": ""}, {".": (".", ("app/main.py",))}),
    "src without packages": (
        {"src/main.py": "import db\n" + APP, "src/db.py": "", "requirements.txt": ""},
        {".": ("src", ("src/main.py",))},
    ),
    "src as a package": (
        {"src/main.py": "from src.db import x\n" + APP, "src/db.py": "", "pyproject.toml": PYPROJECT},
        {".": (".", ("src/main.py",))},
    ),
    "src layout": (
        {"src/shop/main.py": "from shop.db import x\n" + APP, "src/shop/db.py": "", "pyproject.toml": PYPROJECT},
        {".": ("src", ("src/shop/main.py",))},
    ),
    "relative imports": (
        {"src/main.py": "from .db import x\n" + APP, "src/db.py": "", "pyproject.toml": PYPROJECT},
        {".": (".", ("src/main.py",))},
    ),
    "backend beside a front end": (
        {"backend/main.py": APP, "backend/requirements.txt": "", **FRONT},
        {"backend": ("backend", ("backend/main.py",))},
    ),
    "backend that imports itself by its folder": (
        {
            "backend/main.py": "from backend.db import x\n" + APP,
            "backend/db.py": "",
            "backend/pyproject.toml": PYPROJECT,
        },
        {"backend": (".", ("backend/main.py",))},
    ),
    "several": (
        {
            "phase1/backend/app/main.py": APP,
            "phase1/backend/requirements.txt": "",
            "phase2/backend/app/main.py": APP,
            "phase2/backend/pyproject.toml": PYPROJECT,
            "console/main.py": "print()",
            "console/pyproject.toml": PYPROJECT,
        },
        {
            "phase1/backend": ("phase1/backend", ("phase1/backend/app/main.py",)),
            "phase2/backend": ("phase2/backend", ("phase2/backend/app/main.py",)),
        },
    ),
    "services with a Dockerfile each": (
        {
            "pyproject.toml": PYPROJECT,
            "services/a/main.py": APP,
            "services/a/Dockerfile": "",
            "services/b/main.py": APP,
            "services/b/Dockerfile": "",
        },
        {
            "services/a": ("services/a", ("services/a/main.py",)),
            "services/b": ("services/b", ("services/b/main.py",)),
        },
    ),
    "one Dockerfile does not part code from its manifest": (
        {"pyproject.toml": PYPROJECT, "app/main.py": APP, "app/Dockerfile": ""},
        {".": ("app", ("app/main.py",))},
    ),
    "no manifest": ({"backend/app/main.py": APP, **FRONT}, {"backend": ("backend", ("backend/app/main.py",))}),
    "root that launches a folder with its own manifest": (
        {
            "Procfile": "web: uvicorn backend.main:app",
            "requirements.txt": "",
            "backend/main.py": APP,
            "backend/pyproject.toml": PYPROJECT,
        },
        {".": ("backend", ("backend/main.py",)), "backend": ("backend", ("backend/main.py",))},
    ),
    "tool configuration is no manifest": (
        {"pyproject.toml": "[tool.ruff]\n", "setup.cfg": "[flake8]\n", "api/main.py": APP, "api/requirements.txt": ""},
        {"api": ("api", ("api/main.py",))},
    ),
    "a module named setup.py is no manifest": (
        {
            "src/app/core/setup.py": "def make():\n    " + APP.splitlines()[0] + "\n    return FastAPI()\n",
            "Pipfile": "",
        },
        {".": ("src", ("src/app/core/setup.py",))},
    ),
    "factory, subclass and alias": (
        {
            "a.py": "from fastapi import FastAPI as F\ndef make():\n    return F()\n",
            "b.py": "import fastapi\nclass Api(fastapi.FastAPI): ...\napi = Api()\n",
            "requirements.txt": "",
        },
        {".": (".", ("b.py", "a.py"))},
    ),
    "tests, examples, documentation and hidden folders are none": (
        {
            "main.py": APP,
            "requirements.txt": "",
            "tests/app.py": APP,
            "examples/x/main.py": APP,
            "examples/x/requirements.txt": "",
            "docs/main.py": APP,
            ".claude/skills/main.py": APP,
            "test_main.py": APP,
            "conftest.py": APP,
            "node_modules/x/main.py": APP,
        },
        {".": (".", ("main.py",))},
    ),
    "a docstring is no app": (
        {"main.py": APP, "auth.py": '"""fastapi: app = FastAPI()"""\n# fastapi.FastAPI()\n', "requirements.txt": ""},
        {".": (".", ("main.py",))},
    ),
    "broken file": (
        {"main.py": APP + "def (:\n", "requirements.txt": ""},
        {".": (".", ("main.py",))},
    ),
    "routers only": (
        {"routes.py": "from fastapi import APIRouter\nrouter = APIRouter()\n", "requirements.txt": ""},
        {".": (".", ())},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_finds_the_backends_of(name: str, tmp_path: Path) -> None:
    files, expected = LAYOUTS[name]
    found = find_backends(scan(make(tmp_path, files)))
    assert {candidate.base: (candidate.code, candidate.apps) for candidate in found} == expected
    assert [candidate.base for candidate in found] == list(expected)


def test_a_folder_audited_by_itself_is_the_one_backend(tmp_path: Path) -> None:
    make(tmp_path, LAYOUTS["several"][0])
    (candidate,) = find_backends(scan(tmp_path / "phase1" / "backend"))
    assert (candidate.base, candidate.manifests) == (".", ("requirements.txt",))
    assert candidate.title == "FastAPI app in app/main.py (requirements.txt)"


def test_chooses_the_root_or_the_only_one_and_asks_otherwise(tmp_path: Path) -> None:
    several = find_backends(scan(make(tmp_path / "several", LAYOUTS["several"][0])))
    with pytest.raises(UsageError) as raised:
        choose(several)
    assert "there are 2 backends here, give the folder of one of them" in str(raised.value)
    assert raised.value.choices == (
        "phase1/backend: FastAPI app in app/main.py (requirements.txt)",
        "phase2/backend: FastAPI app in app/main.py (pyproject.toml)",
    )
    claimed = LAYOUTS["root that launches a folder with its own manifest"][0]
    assert choose(find_backends(scan(make(tmp_path / "claimed", claimed)))).base == "."
    assert choose(several[:1]).base == "phase1/backend"


def test_says_what_was_looked_for_when_there_is_none(tmp_path: Path) -> None:
    make(tmp_path, {"main.py": "print()", "tests/app.py": APP})
    with pytest.raises(UsageError, match=r"no FastAPI backend in .*: none of its 2 Python files .* calls FastAPI\(\)"):
        find_backends(scan(tmp_path))
