"""Dockerfile: two stages, locked where the project is, not root, with a health check, and the server as process 1.

`sh -c "exec ..."` fills in `$PORT` and still hands SIGTERM to the server; the shell form alone would not.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.installing import TOOLS
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Install, Launch, Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """The image of the backend."""
    text = "\n\n".join((_build(survey), _run(survey))) + "\n"
    yield Draft(survey.path("Dockerfile"), stamped(text))


def _build(survey: Survey) -> str:
    install = survey.install
    lines = [
        f"# What is installed, in an environment of its own{_why(install)}.",
        f"FROM python:{survey.python}-slim AS build",
        *_packages(install.build),
        "WORKDIR /app",
    ]
    tool = TOOLS.get("uv" if _resolves_pyproject(install) else install.tool)
    if tool:
        lines.append(f'RUN pip install --no-cache-dir "{tool}"')
    lines.append("RUN python -m venv --without-pip /opt/venv")
    lines.append("COPY . ." if install.whole else f"COPY {' '.join(install.files)} {_destination(install)}")
    lines += _installing(install)
    return "\n".join(lines)


def _why(install: Install) -> str:
    if install.hashed:
        return ", every file checked against its hash"
    return ", every version as it is locked" if install.locked else ""


def _destination(install: Install) -> str:
    """Where the manifests go; a folder of requirements keeps its place, because its files name one another."""
    folders = {file.rpartition("/")[0] for file in install.files}
    return "./" if len(folders) > 1 or folders == {""} else f"./{folders.pop()}/"


def _resolves_pyproject(install: Install) -> bool:
    return install.tool == "pip" and install.first.endswith("pyproject.toml")


def _installing(install: Install) -> list[str]:
    into = "/opt/venv/bin/python"
    if install.tool == "uv":
        environment = (
            "UV_PROJECT_ENVIRONMENT=/opt/venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never"
        )
        return [f"ENV {environment}", f"RUN uv sync --locked --no-dev --no-install-project{install.options} --no-cache"]
    if install.tool == "poetry":
        return ["ENV VIRTUAL_ENV=/opt/venv", f"RUN poetry install --only main{install.options} --no-root --no-cache -n"]
    if install.tool == "pdm":
        return ["ENV VIRTUAL_ENV=/opt/venv", f"RUN pdm sync --prod --no-self{install.options}"]
    if install.tool == "pipenv":
        how = "sync" if install.locked else "install --skip-lock"
        return ["ENV VIRTUAL_ENV=/opt/venv PIPENV_VERBOSITY=-1", f"RUN pipenv {how}{install.options}"]
    if _resolves_pyproject(install):
        return [f"RUN uv pip install --python {into} --no-cache -r {install.first}{install.options}"]
    hashes = " --require-hashes" if install.hashed else ""
    return [f"RUN pip --python {into} install --no-cache-dir{hashes} -r {install.first}"]


def _packages(names: tuple[str, ...]) -> list[str]:
    """Packages of Debian; their versions are those of the base image's release."""
    if not names:
        return []
    return [
        "# hadolint ignore=DL3008",
        "RUN apt-get update \\",
        f"    && apt-get install --yes --no-install-recommends {' '.join(names)} \\",
        "    && rm -rf /var/lib/apt/lists/*",
    ]


def _run(survey: Survey) -> str:
    owner = "--chown=app:app " if survey.data.engine == "sqlite" else ""
    lines = [
        "# What runs: no compiler, no installer's cache, no root.",
        f"FROM python:{survey.python}-slim",
        *_packages(survey.install.run),
        "ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1" + _path(survey.launch),
        "RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --home-dir /app app",
        "WORKDIR /app",
        *(["RUN chown app:app /app"] if owner else []),
        "COPY --from=build /opt/venv /opt/venv",
        f"COPY {owner}. .",
        "USER 10001",
        "EXPOSE 8000",
        "HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \\",
        f"    CMD {_health(survey.health)}",
        f'CMD ["sh", "-c", "exec {survey.launch.command("${PORT:-8000}")}"]',
    ]
    return "\n".join(lines)


def _path(launch: Launch) -> str:
    places = [launch.app_dir, *launch.paths] if launch.paths else []
    return (
        f" PYTHONPATH={':'.join(f'/app/{path}'.removesuffix('/.') for path in dict.fromkeys(places))}" if places else ""
    )


def _health(route: str) -> str:
    """A request to the health route; where there is none, a connection."""
    port = "int(os.environ.get('PORT', '8000'))"
    script = f"import os, socket; socket.create_connection(('127.0.0.1', {port}), 4)"
    if route:
        address = f"'http://127.0.0.1:%d{route}' % {port}"
        script = f"import os, urllib.request; urllib.request.urlopen({address}, timeout=4)"
    return f'["python", "-c", "{script}"]'


PAPER = Paper("dockerfile", "the image", (Purpose.DOCKER, Purpose.COMPOSE), draft, order=20)
