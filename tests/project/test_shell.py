"""Shell text as bash runs it: a stand-in for the server reports what it is given."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from seatrial.project.shell import Shell, logical_lines
from tests.project.trees import make

SCRIPTS = [
    "uvicorn main:app",
    "cd backend && uvicorn main:app --port 80",
    "cd backend; cd ..; uvicorn 'a b' \"c d\"",
    "export A=1\nB=2\nuvicorn $A $B ${C:-three}",
    "A=x uvicorn main:app; uvicorn again",
    "uvicorn main:app \\\n  --host 0.0.0.0 \\\n  --reload",
    "# uvicorn no:app\nuvicorn yes:app # comment",
    'NAME=app\nuvicorn "${NAME}.main:app"',
    "true && uvicorn one || uvicorn two",
    "cat > /dev/null <<EOF\nuvicorn inside:text\nEOF\nuvicorn outside:app",
    "if [ -d backend ]; then\n  uvicorn there:app\nfi",
    "pushd backend > /dev/null\nuvicorn main:app",
    "(cd backend && uvicorn main:app)",
    "exec uvicorn last:app",
    "export PYTHONPATH=src\nexec uvicorn main:app",
    'x=backend\ncd "$x" && uvicorn main:app',
]
STUB = """#!/usr/bin/env python3
import json, os, sys
keys = ("A", "B", "PYTHONPATH")
print("RAN" + json.dumps([sys.argv[1:], os.getcwd(), {k: os.environ[k] for k in keys if k in os.environ}]))
"""


@pytest.mark.parametrize("script", SCRIPTS)
def test_commands_are_those_that_bash_runs(script: str, tmp_path: Path) -> None:
    make(tmp_path, {"bin/uvicorn": STUB, "home/backend/keep": ""})
    (tmp_path / "bin/uvicorn").chmod(0o755)
    env = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path / "home", env=env, capture_output=True, text=True)
    ran = [json.loads(line.removeprefix("RAN")) for line in done.stdout.splitlines() if line.startswith("RAN")]
    assert ran, done.stderr
    seen = []
    for command in Shell(str(tmp_path / "home")).run(script):
        words = [word for word in command.argv if word != "exec"]
        if words and words[0] == "uvicorn":
            wanted = {key: value for key, value in command.env if key in ("A", "B", "PYTHONPATH")}
            seen.append([words[1:], command.cwd, wanted])
    assert [entry for entry in seen if entry in ran] == ran
    assert len(seen) - len(ran) <= script.count("||")  # branches are not decided


def test_the_port_of_the_platform_stays_visible() -> None:
    command = next(Shell(".").run("PORT=8000; uvicorn main:app --port ${PORT:-8000} --host $HOST"))
    assert command.argv == ("uvicorn", "main:app", "--port", "${PORT:-8000}", "--host", "$HOST")


def test_lines_keep_their_numbers() -> None:
    assert list(logical_lines("a\n\n# no\nb \\\n c\nd", 10)) == [(10, "a"), (13, "b  c"), (15, "d")]


def test_unclosed_quotes_are_no_error() -> None:
    assert [command.argv[0] for command in Shell(".").run("uvicorn 'main:app\nuvicorn b:app")] == ["uvicorn", "uvicorn"]
