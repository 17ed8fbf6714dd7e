"""Which file a command loads, and which folders it puts on the path: what we say against what the real servers do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

from seatrial.project.files import scan
from seatrial.project.launch.targets import find_targets
from tests.project.tools import tools
from tests.project.trees import make

PROBE = """\
import json, os, sys
print("LOADED" + json.dumps([os.path.realpath(__file__), [os.path.abspath(entry) for entry in sys.path]]), flush=True)
os._exit(0)
from fastapi import FastAPI
app = FastAPI()
"""
RUN = "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run({!r})\n"
PROJECT = {
    "probe.py": PROBE,
    "main.py": PROBE,
    "pkg/__init__.py": "",
    "pkg/probe.py": PROBE,
    "pkg/deep/__init__.py": "",
    "pkg/deep/main.py": PROBE,
    "plain/probe.py": PROBE,
    "plain/other.py": PROBE,
    "run.py": RUN.format("pkg.probe:app"),
    "plain/run.py": RUN.format("other:app"),
    "pkg/__main__.py": RUN.format("pkg.deep.main:app"),
    "made.py": "import uvicorn\nfrom plain import other\n",
    "start.sh": "#!/bin/bash\ncd pkg/..\nexport PYTHONPATH=plain\nexec uvicorn other:app\n",
    "gunicorn.conf.py": "wsgi_app = 'pkg.probe:app'\n",
}
COMMANDS = [
    "uvicorn probe:app",
    "uvicorn pkg.probe:app --port 8099",
    "python -m uvicorn pkg.probe:app",
    "uvicorn --app-dir pkg probe:app",
    "uvicorn --app-dir=plain --host 0.0.0.0 other:app",
    "cd plain && uvicorn probe:app",
    "PYTHONPATH=plain:pkg uvicorn other:app",
    "PYTHONPATH=plain uvicorn probe:app",
    "gunicorn -k uvicorn.workers.UvicornWorker probe:app",
    "gunicorn --chdir plain probe:app",
    "gunicorn --pythonpath plain,pkg other:app",
    "gunicorn -b 127.0.0.1:8099",
    "hypercorn pkg.probe:app",
    "hypercorn plain/other:app",
    "hypercorn probe",
    "granian --interface asgi probe:app",
    "granian --interface asgi --working-dir plain probe:app",
    "fastapi run",
    "fastapi run plain/other.py",
    "fastapi dev pkg/deep/main.py",
    "fastapi run --entrypoint pkg.deep.main:app",
    "python -m fastapi run pkg/probe.py",
    "python run.py",
    "python plain/run.py",
    "cd plain && python run.py",
    "python -m pkg",
    "bash start.sh",
    "sh -c 'cd plain && exec uvicorn other:app'",
    "env PYTHONPATH=plain python -m uvicorn other:app --workers 1",
]


def real(command: str, root: Path) -> tuple[str, list[str]]:
    """The file that the command really loads, and the project's own folders on the path, in order."""
    env = {"PATH": f"{tools()}{os.pathsep}{os.environ['PATH']}", "HOME": str(root)}
    started = subprocess.Popen(
        ["bash", "-c", command], cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    alarm = Timer(60, lambda: os.killpg(started.pid, signal.SIGKILL))
    alarm.start()
    assert started.stdout is not None
    output: list[str] = []
    line = ""
    with started:
        for line in started.stdout:  # gunicorn and hypercorn start a worker that ends again and again
            output.append(line)
            if line.startswith("LOADED"):
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, signal.SIGKILL)
                break
    alarm.cancel()
    assert line.startswith("LOADED"), "".join(output)
    file, path = json.loads(line.removeprefix("LOADED"))
    home = os.path.realpath(root)
    inside = [os.path.relpath(entry, home) for entry in path if os.path.realpath(entry).startswith(home)]
    return os.path.relpath(file, home), list(dict.fromkeys(inside))


@pytest.mark.parametrize("command", COMMANDS)
def test_servers_load_what_we_say(command: str, tmp_path: Path) -> None:
    make(tmp_path, PROJECT)
    (tmp_path / "Procfile").write_text(f"web: {json.dumps(command)}\n")
    best = find_targets(scan(tmp_path))[0]
    file, path = real(command, tmp_path)
    assert best.resolves
    assert best.source == "Procfile"
    assert best.origin == file
    assert list(best.path_entries) == path
