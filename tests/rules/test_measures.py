"""What the rules say of the requirements: a place where something holds, a reason where nobody can tell."""

from __future__ import annotations

from pathlib import Path

from seatrial.issue import Measure, Verdict
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from tests.rules.reality import lay

PORTS = """\
import os

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

JWT_SECRET = os.environ["JWT_SECRET"]

app = FastAPI(openapi_url=os.environ.get("OPENAPI_URL"))
app.add_middleware(CORSMiddleware, allow_origins=["https://tasks.example.com"])


@app.middleware("http")
async def headers(request, call_next):
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
"""
WHOLE = {
    "main.py": PORTS,
    "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port $PORT\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    ".env.example": "JWT_SECRET=\n",
}


def measures(folder: Path, files: dict[str, str], python: str) -> dict[str, list[Measure]]:
    found: dict[str, list[Measure]] = {}
    for it in audit(lay(folder, files), AuditOptions(python=python, offline=True)).measures:
        found.setdefault(it.requirement, []).append(it)
    return found


def places(found: list[Measure], verdict: Verdict) -> list[tuple[str, int] | None]:
    return [(it.location.path, it.location.line) if it.location else None for it in found if it.verdict is verdict]


def test_what_holds_is_said_with_its_place(tmp_path: Path, backend_python: str) -> None:
    found = measures(tmp_path / "whole", WHOLE, backend_python)
    assert places(found["A5"], Verdict.HOLDS) == [("Procfile", 1)]
    assert places(found["A6"], Verdict.HOLDS) == [None]
    assert places(found["A10"], Verdict.HOLDS) == [(".env.example", 1)]
    assert places(found["B7"], Verdict.HOLDS) == [("main.py", 15)]
    assert places(found["C1"], Verdict.HOLDS) == [("Procfile", 1)]
    assert places(found["C2"], Verdict.HOLDS) == [("Procfile", 1)]
    assert places(found["C4"], Verdict.HOLDS) == [("main.py", 9)]
    assert places(found["C6"], Verdict.HOLDS) == [("main.py", 8)]
    assert places(found["C7"], Verdict.HOLDS) == [("main.py", 6)]


def test_what_fails_is_said_of_each_requirement_at_the_issue(tmp_path: Path, backend_python: str) -> None:
    fixed = {**WHOLE, "Procfile": "web: uvicorn main:app --host 0.0.0.0 --port 8000\n"}
    open_to_all = {**fixed, "main.py": PORTS.replace('os.environ.get("OPENAPI_URL")', '"/openapi.json"')}
    found = measures(tmp_path / "broken", open_to_all, backend_python)
    assert places(found["C1"], Verdict.FAILS) == [("Procfile", 1)]
    assert places(found["C6"], Verdict.FAILS) == [("main.py", 8)]
    assert places(found["C6"], Verdict.HOLDS) == []


def test_what_nobody_can_tell_is_said_so(tmp_path: Path, backend_python: str) -> None:
    bare = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}
    found = measures(tmp_path / "bare", bare, backend_python)
    for requirement in ("B2", "C1", "C2", "C4", "C5", "C7"):
        assert {it.verdict for it in found[requirement]} == {Verdict.CANNOT_TELL}, requirement
        assert all(it.statement for it in found[requirement])
