"""The whole loop on a backend with faults that hide one another, and launch targets as `project` finds them."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.project.files import scan
from seatrial.project.launch.targets import find_targets
from seatrial.proof import observation, scratch
from seatrial.proof.launching import launch_of
from seatrial.proof.scratch import Scratch
from seatrial.proof.trial import Files, Mend, content, hold
from seatrial.proof.values import Launch, Observation

from .conftest import Harness

WHO = "root" if os.getuid() == 0 else "ordinary"
BROKEN = {
    "Procfile": "web: uvicorn src.main:app --host 0.0.0.0 --port $PORT\n",
    "src/main.py": "from fastapi import FastAPI\nfrom src.router import routes\napp = FastAPI()\napp.include_router(routes)\n",
    "src/routers.py": "from fastapi import APIRouter\nfrom src.model import Item\nrouter = APIRouter()\n\n@router.get('/items')\ndef items() -> list[Item]:\n    return []\n",
    "src/models.py": "from pydantic import BaseModel\n\nclass Item(BaseModel):\n    name: str\n",
}


def replacing(path: str, old: str, new: str) -> Callable[[Scratch], Files]:
    """A fix that replaces text in one file."""

    def apply(copy: Scratch) -> Files:
        held = content(copy, path)
        assert held is not None
        return {path: held.replace(old.encode(), new.encode())}

    return apply


def test_fixes_one_after_another_until_it_serves(harness: Harness) -> None:
    root = harness.folder(BROKEN)
    launch = launch_of(find_targets(scan(root))[0])
    heard: list[str] = []

    def start(copy: Scratch) -> Observation:
        return observation.observe(copy, launch, harness.environment(WHO), {})

    def tell(code: str, seen: Observation | None) -> None:
        heard.append(f"{code}:{'' if seen is None else seen.boot.failure.message if seen.boot.failure else 'serves'}")

    mends = [
        Mend("A", replacing("src/main.py", "src.router import", "src.routers import")),
        Mend("B", replacing("src/routers.py", "src.model ", "src.models ")),
        Mend("C", replacing("src/main.py", "import routes", "import router")),
        Mend("D", replacing("src/main.py", "(routes)", "(router)")),
    ]
    trial = hold(scratch.look(root), mends, start, tell)
    assert heard == [
        ":", ":No module named 'src.router'", "A:", "A:No module named 'src.model'",
        "B:", f"B:cannot import name 'routes' from 'src.routers' ({root}/src/routers.py)",
        "C:", "C:name 'routes' is not defined", "D:", "D:serves"]  # fmt: skip
    assert trial.after.boot.outcome is Outcome.SERVES
    assert ("/items", ("GET",)) in {(route.path, route.methods) for route in trial.after.routes}
    assert set(trial.scratch.contents) == {"src/main.py", "src/routers.py"}
    assert hold(trial.scratch, mends[:1], start, every=False).steps == ()
    shutil.rmtree(root)


@pytest.mark.parametrize(("files", "launch"), [
    ({"Procfile": "web: uvicorn main:app --port $PORT --proxy-headers\n", "main.py": "app = 1\n"},
     Launch("asgi", "main:app", cwd=".", later=(".",), options=(("proxy-headers", ""),))),
    ({"Procfile": "web: cd api && python -m uvicorn main:app\n", "api/main.py": "app = 1\n"},
     Launch("asgi", "main:app", cwd="api", path=("api",), later=())),
    ({"Procfile": "web: PYTHONPATH=libs uvicorn --app-dir src main:app\n", "src/main.py": "app = 1\n", "libs/x.py": ""},
     Launch("asgi", "main:app", cwd=".", path=("libs",), later=("src",))),
    ({"Procfile": "web: python src/run.py\n", "src/run.py": "import uvicorn\nuvicorn.run('app:app')\n", "src/app.py": "app = 1\n"},
     Launch("script", "src/run.py", "python", cwd=".", path=("src",), later=())),
    ({"Procfile": "web: gunicorn -k uvicorn.workers.UvicornWorker main:app\n", "main.py": "app = 1\n"},
     Launch("asgi", "main:app", "gunicorn", cwd=".", later=(".",))),
], ids=["uvicorn", "module", "path", "script", "gunicorn"])  # fmt: skip
def test_launch_targets_become_launches(files: dict[str, str], launch: Launch, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = launch_of(find_targets(scan(tmp_path))[0])
    if launch.server == "gunicorn":  # whose options are not uvicorn's
        assert (found.target, found.server, found.later) == (launch.target, launch.server, launch.later)
    else:
        assert found == launch
