"""What Railpack's Python provider does with a folder: the rules, one function each, and why each decides as it does.

Read in railwayapp/railpack at b5e8058 (v0.35): core/core.go, core/providers/python/, core/providers/procfile/ and
core/generate/mise_step_builder.go. Its published examples and build-plan snapshots agree
(`python -m tools.compare_railpack`). Pure: a folder's papers in, decisions out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.issue import Location
from seatrial.project.documents import SKIPPED, Documents

MAIN_FILES = ("main.py", "app.py", "start.py", "bot.py", "hello.py", "server.py")
"""Files by which Railpack knows a Python project and that it would start, in its order."""

DEFAULT_PYTHON = "3.13"
MANIFESTS = ("requirements.txt", "pyproject.toml", "Pipfile")
UVICORN = "uvicorn main:app --host 0.0.0.0 --port ${PORT:-8000}"
GUNICORN = "gunicorn --bind 0.0.0.0:${PORT:-8000} main:app"
VARIABLES = (
    ("PYTHONFAULTHANDLER", "1"),
    ("PYTHONUNBUFFERED", "1"),
    ("PYTHONHASHSEED", "random"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_DEFAULT_TIMEOUT", "100"),
)
"""What every step and the container get."""

_PYTHON_GO = "railpack core/providers/python/python.go"
_CORE_GO = "railpack core/core.go"
_MISE_GO = "railpack core/generate/mise_step_builder.go"
_PROCFILE_GO = "railpack core/providers/procfile/procfile.go"
_BEFORE_PYTHON = (
    ("php", ("index.php", "composer.json")),
    ("golang", ("go.mod", "main.go", "go.work")),
    ("java", ("pom.xml", "pom.atom", "pom.clj", "pom.groovy", "pom.rb", "pom.scala", "pom.yaml", "pom.yml", "gradlew")),
    ("rust", ("Cargo.toml",)),
    ("ruby", ("Gemfile",)),
    ("elixir", ("mix.exs",)),
)
_AFTER_PYTHON = (("deno", ("deno.json", "deno.jsonc")), ("node", ("package.json",)))
_MISE = (
    ("mise.toml", r"^\s*python\s*=\s*[\"']([^\"']+)"),
    (".mise.toml", r"^\s*python\s*=\s*[\"']([^\"']+)"),
    (".config/mise.toml", r"^\s*python\s*=\s*[\"']([^\"']+)"),
    (".tool-versions", r"^python\s+(\S+)"),
    (".python-version", r"^\s*(?:python-|cpython-)?(\d[\w.]*)"),
)
_DEEPEST = 12  # folders below the root that are searched for manifests
_BINARY_PSYCOPG = ("psycopg2-binary", "psycopg[binary]")
_RUNTIME_PACKAGES = (
    ("pycairo", ("libcairo2",)),
    ("pdf2image", ("poppler-utils",)),
    ("pydub", ("ffmpeg",)),
    ("pymovie", ("ffmpeg", "qt5-qmake", "qtbase5-dev", "qtbase5-dev-tools", "qttools5-dev-tools", "libqt5core5a")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a platform decides by itself, and the published rule that decides it."""

    subject: str
    value: str
    rule: str
    source: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Manifests:
    """The texts of all requirements.txt, pyproject.toml and Pipfile of a folder, however deep, in small letters."""

    texts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, documents: Documents, folder: str) -> Manifests:
        """Read them."""
        found = _found(documents, folder, 0)
        return cls(tuple((path, (documents.text(path) or "").lower()) for path in found))

    def mention(self, word: str) -> str:
        """The first file that holds the word anywhere, comments included; "" where none does."""
        return next((path for path, text in self.texts if word in text), "")


def _found(documents: Documents, folder: str, depth: int) -> Iterator[str]:
    names = documents.names(folder)
    for name in MANIFESTS:
        if names.get(name) is False:
            yield at(folder, name)
    for name, is_dir in names.items():
        if is_dir and name not in SKIPPED and depth < _DEEPEST:
            yield from _found(documents, at(folder, name), depth + 1)


def provider(documents: Documents, folder: str) -> Choice:
    """The first provider that knows the folder, in Railpack's order; "" for none."""
    rule = "the first provider that knows a file at the root: php, go, java, rust, ruby, elixir, python, deno, node"
    for name, files in (*_BEFORE_PYTHON, ("python", (*MAIN_FILES, *MANIFESTS)), *_AFTER_PYTHON):
        for file in files:
            if _there(documents, folder, file):
                return Choice("provider", name, rule, _CORE_GO, Location(at(folder, file), 1))
    return Choice("provider", "", rule, _CORE_GO)


def installer(documents: Documents, folder: str) -> tuple[Choice, tuple[str, ...]]:
    """The installer and its commands. A `requirements.txt` wins over every lock; a bare pyproject installs nothing."""

    def has(name: str) -> bool:
        return _there(documents, folder, name)

    def chosen(name: str, rule: str, file: str) -> Choice:
        return Choice("installer", name, rule, _PYTHON_GO, Location(at(folder, file), 1) if file else None)

    if has("requirements.txt"):
        rule = "requirements.txt is taken before every lock file"
        commands = ("python -m venv /app/.venv", "pip install -r requirements.txt")
        return chosen("pip", rule, "requirements.txt"), commands
    if has("pyproject.toml") and has("uv.lock"):
        steps = ("uv sync --locked --no-dev --no-install-project", "uv sync --locked --no-dev --no-editable")
        return chosen("uv", "pyproject.toml with uv.lock, and no requirements.txt", "uv.lock"), steps
    if has("pyproject.toml") and has("poetry.lock"):
        command = "poetry install --no-interaction --no-ansi --only main --no-root"
        return chosen("poetry", "pyproject.toml with poetry.lock, and no uv.lock", "poetry.lock"), (command,)
    if has("pyproject.toml") and has("pdm.lock"):
        rule = "pyproject.toml with pdm.lock, and neither uv.lock nor poetry.lock"
        return chosen("pdm", rule, "pdm.lock"), ("pdm install --check --prod --no-editable",)
    if has("Pipfile"):
        locked = "pipenv install --deploy --ignore-pipfile"
        rule = "Pipfile, and no requirements.txt or lock of another tool"
        return chosen("pipenv", rule, "Pipfile"), (locked if has("Pipfile.lock") else "pipenv install --skip-lock",)
    rule = "neither requirements.txt nor a lock file nor Pipfile: nothing at all is installed, and the build is green"
    return chosen("none", rule, "pyproject.toml" if has("pyproject.toml") else ""), ()


def unlaid(documents: Documents, folder: str) -> tuple[str, Location] | None:
    """A file or folder that requirements.txt names and that is not there in the installing step; None for none.

    Only the manifests of the root are copied there, unless requirements.txt has `file://` anywhere.
    """
    path = at(folder, "requirements.txt")
    text = documents.text(path) or ""
    lines = re.finditer(r"^(?:-r|-c|-e|--requirement|--constraint|--editable)[ =]*([^\s#]+)", text, re.M)
    named = next((line for line in lines if "://" not in line[1]), None)
    if named is None or "file://" in text:
        return None
    return named[1], Location(path, text.count("\n", 0, named.start()) + 1)


def python(documents: Documents, folder: str) -> Choice:
    """The Python version. `requires-python` is not read."""
    for name, pattern in _MISE:
        if found := _first(documents, at(folder, name), pattern):
            return Choice("python", found[0], f"mise reads {name}, before runtime.txt and Pipfile", _MISE_GO, found[1])
    if found := _first(documents, at(folder, "runtime.txt"), r"(\d+(?:\.\d+)?(?:\.\d+)?)"):
        return Choice("python", found[0], "runtime.txt is read, before Pipfile", _PYTHON_GO, found[1])
    for key in ("python_full_version", "python_version"):
        if found := _first(documents, at(folder, "Pipfile"), rf"{key}\s*=\s*['\"]([0-9.]*)"):
            return Choice("python", found[0], f"{key} of the Pipfile is read", _PYTHON_GO, found[1])
    rule = "no version file is there, and requires-python is not read: the default"
    return Choice("python", DEFAULT_PYTHON, rule, _PYTHON_GO)


def _first(documents: Documents, path: str, pattern: str) -> tuple[str, Location] | None:
    text = documents.text(path) or "" if documents.is_file(path) else ""
    match = re.search(pattern, text, re.M)
    return (match[1], Location(path, text.count("\n", 0, match.start(1)) + 1)) if match and match[1] else None


def start(documents: Documents, folder: str) -> Choice | None:
    """What the Python provider starts by itself; None when it knows nothing.

    A framework is known by a word in the bare text of any manifest, comments included; and it is always `main:app`,
    whichever main file is there. What is found later in Railpack's order overwrites what was found before.
    """
    manifests = Manifests.of(documents, folder)
    main = next((name for name in MAIN_FILES if _there(documents, folder, name)), "")
    found = _django(documents, folder, manifests)
    for word, server, command in (
        ("python-fasthtml", "uvicorn", UVICORN),
        ("fastapi", "uvicorn", UVICORN),
        ("flask", "gunicorn", GUNICORN),
    ):
        first, second = manifests.mention(word), manifests.mention(server)
        if main and first and second:
            rule = f"the words `{word}` ({first}) and `{server}` ({second}), and {main} at the root"
            found = Choice("start command", command, rule, _PYTHON_GO, Location(at(folder, main), 1))
    if found is None and main:
        rule = f"{main} at the root, and no framework with its server among the words of the manifests"
        found = Choice("start command", f"python {main}", rule, _PYTHON_GO, Location(at(folder, main), 1))
    return found


def _django(documents: Documents, folder: str, manifests: Manifests) -> Choice | None:
    if not _there(documents, folder, "manage.py") or not manifests.mention("django"):
        return None
    for path in _python_files(documents, folder, 0):
        match = re.search(r"WSGI_APPLICATION = [\"'](.*).application[\"']", documents.text(path) or "")
        if match:
            command = f"python manage.py migrate && gunicorn --bind 0.0.0.0:${{PORT:-8000}} {match[1]}:application"
            rule = f"manage.py at the root, the word `django`, and WSGI_APPLICATION in {path}"
            return Choice("start command", command, rule, "railpack core/providers/python/django.go", Location(path, 1))
    return None


def _python_files(documents: Documents, folder: str, depth: int) -> Iterator[str]:
    for name, is_dir in documents.names(folder).items():
        if is_dir and name not in SKIPPED and depth < _DEEPEST:
            yield from _python_files(documents, at(folder, name), depth + 1)
        elif not is_dir and name.endswith(".py"):
            yield at(folder, name)


def system_packages(documents: Documents, folder: str) -> Choice | None:
    """The Debian packages that the container gets for the words of the manifests; None for none."""
    manifests = Manifests.of(documents, folder)
    found = [package for word, packages in _RUNTIME_PACKAGES if manifests.mention(word) for package in packages]
    binary = any(manifests.mention(word) for word in _BINARY_PSYCOPG)
    if not binary and (manifests.mention("psycopg") or _names_backend(documents, folder, "postgresql")):
        found.append("libpq5")
    if manifests.mention("mysqlclient") or _names_backend(documents, folder, "mysql"):
        found.append("default-mysql-client")
    if not found:
        return None
    rule = "words of the manifests that need a library of the system"
    return Choice("system packages", " ".join(sorted(set(found))), rule, _PYTHON_GO)


def _names_backend(documents: Documents, folder: str, database: str) -> bool:
    """Whether a source file names Django's backend for this database."""
    word = f"django.db.backends.{database}"
    return any(word in (documents.text(path) or "") for path in _python_files(documents, folder, 0))


def procfile_rule(name: str) -> str:
    """Why a process of the Procfile is the one."""
    others = {
        "web": "`web` of the Procfile, read after the provider",
        "worker": "`worker`, as the Procfile has no `web`",
    }
    return others.get(name, f"`{name}`, as the Procfile has neither `web` nor `worker`: any of the others")


PROCFILE_SOURCE = _PROCFILE_GO


def _there(documents: Documents, folder: str, name: str) -> bool:
    """Railpack asks whether the path exists, and takes a folder for a file."""
    path = at(folder, name)
    return documents.is_file(path) or documents.is_dir(path)


def at(folder: str, name: str) -> str:
    """The path of a file of the folder."""
    return posixpath.normpath(posixpath.join(folder, name))
