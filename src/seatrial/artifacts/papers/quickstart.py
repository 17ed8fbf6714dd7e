"""QUICKSTART.md: from a clone to an answer, in commands that can be run as they stand.

Blocks marked `bash` are meant to be run as they are (and a test does so); `text` blocks show what needs a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.installing import UV
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stack import services_of
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Install, Survey

_TEXT = """\
# Quickstart

From a clone to an answer. Commands are for a POSIX shell, in the folder of this file; Python {python} is what the backend
runs on.

## 1. Variables

```bash
scripts/prepare-deployment.sh init
```

makes `.env` from [.env.example](.env.example), with new secrets. {fill}

## 2. Start
{compose}
```bash
{install}
```

{plain}

## 3. Look at it

```text
{look}
```

Documentation of the routes is at `http://127.0.0.1:8000/docs` unless it is switched off.

## 4. Test

```bash
python3 scripts/run_tests.py
```

installs what the tests need into `.venv-tests` and runs them.

## 5. Before you push

```bash
scripts/prepare-deployment.sh --quick || true
```

says what is still missing for a deployment; [DEPLOYMENT.md]({deployment}) is the way there.
"""
_COMPOSE = """
With Docker everything comes along, in the stack that `seatrial prepare` writes: {parts}.

```text
docker compose up --build --detach
docker compose ps
docker compose down --volumes
```
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """For developers."""
    parts = ("the backend", *(it.title for it in services_of(survey.data)))
    text = _TEXT.format(
        python=survey.python,
        fill=_fill(survey),
        compose=_COMPOSE.format(parts=", ".join(parts)) + "\nWithout Docker:\n" if survey.stack else "",
        install="\n".join(_install(survey.install)),
        plain=_plain(survey),
        look=f"curl http://127.0.0.1:8000{survey.health or '/openapi.json'}",
        deployment=deployment_path(survey),
    )
    yield Draft(survey.path("QUICKSTART.md"), stamped(text, "<!--", "-->"))


def deployment_path(survey: Survey) -> str:
    """Where the guide to the deployment lies: the one that is there, else a new one."""
    return "DEPLOYMENT.md" if survey.text("DEPLOYMENT.md") is not None else "deployment/DEPLOYMENT.md"


def _fill(survey: Survey) -> str:
    left = [variable.name for variable in survey.required if not variable.secret and _stands(variable.value)]
    if not left:
        return "Nothing else has to be filled in to start."
    known = (
        " (the stack below brings its own database)"
        if survey.stack and any(it.volume for it in services_of(survey.data))
        else ""
    )
    return f"Fill in the values that still stand for real ones{known}: {', '.join(f'`{name}`' for name in left)}."


def _stands(value: str) -> bool:
    return "change-me" in value or "user:password@" in value


def _install(install: Install) -> Iterator[str]:
    active = "VIRTUAL_ENV=.venv "
    yield "python3 -m venv .venv"
    if install.tool == "uv":
        yield f"uv sync --locked --no-install-project{install.options}"
    elif install.tool == "poetry":
        yield f"{active}poetry install --no-root{install.options}"
    elif install.tool == "pdm":
        yield f'{active}PDM_PYTHON="$PWD/.venv/bin/python" pdm sync --no-self{install.options}'
    elif install.tool == "pipenv":
        yield f"{active}pipenv {'sync' if install.locked else 'install'}{install.options}"
    elif install.first.endswith("pyproject.toml"):
        yield f".venv/bin/pip install '{UV}'"
        yield f".venv/bin/uv pip install --python .venv/bin/python -r {install.first}{install.options}"
    else:
        yield f".venv/bin/pip install {'--require-hashes ' if install.hashed else ''}-r {install.first}"


def _plain(survey: Survey) -> str:
    paths = [survey.launch.app_dir, *survey.launch.paths] if survey.launch.paths else []
    before = f"PYTHONPATH={':'.join(paths)} " if paths else ""
    reload = " --reload" if survey.launch.server == "uvicorn" else ""
    load = "scripts/prepare-deployment.sh with " if survey.variables else ""
    start = f"{before}{load}.venv/bin/{survey.launch.served('8000', host='127.0.0.1')}{reload}"
    needs = (
        " once the addresses in `.env` lead to a database"
        if survey.data.engine not in ("", "sqlite") or survey.data.mongo
        else ""
    )
    return f"Then{needs}:\n\n```text\n{start}\n```"


_ALL = (Purpose.RAILWAY, Purpose.DOCKER, Purpose.COMPOSE, Purpose.GITHUB)
PAPER = Paper("quickstart", "from a clone to an answer", _ALL, draft, order=41)
