"""What the report's tables say of routes and variables: places that are there, and nothing that only tests need."""

from __future__ import annotations

from pathlib import Path

from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from tests.project.trees import make

FILES = {
    "Procfile": "web: uvicorn main:app\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    "main.py": """\
from __future__ import annotations

import os
from typing import Annotated

from fastapi import FastAPI, Query

URL = os.environ.get("URL", "x")
app = FastAPI()


@app.get("/pages")
def pages(number: Annotated[int, Query()]) -> int:
    return number
""",
    "bench.py": "import os\n\nURL = os.environ['URL']\nOTHER = os.environ['OTHER']\n",
    "tests/test_main.py": "import os\n\nHOME = os.environ['HOME_OF_TESTS']\n",
}


def test_places_of_routes_and_variables(tmp_path: Path, backend_python: str) -> None:
    result = audit(make(tmp_path / "backend", FILES), AuditOptions(python=backend_python, offline=True))
    # Its annotation is a text, played as one of one line.
    assert [(it.route.path, it.route.location.line) for it in result.routes] == [("/pages", 12)]
    variables = {it.name: (it.location.path, it.required) for it in result.settings}
    assert variables == {"OTHER": ("bench.py", True), "URL": ("main.py", False)}
