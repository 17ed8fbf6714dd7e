"""The stages up to a filled environment: what is declared, by the installer that takes it, into a fresh folder.

The environment is made in the cache under a name that its inputs give. A build that ends removes it; one that is
interrupted leaves it where the next one with the same inputs finds it, if its installation had been completed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from seatrial.issue import Location
from seatrial.options import BuildOptions
from seatrial.project.manifest.declared import Manifest
from seatrial.project.manifest.values import Installation
from seatrial.proof.building.running import Ran, run
from seatrial.proof.building.values import INCOMPATIBLE, NOT_INSTALLED, Mark, Step
from seatrial.provision import cache
from seatrial.provision.environment import Environment, read_environment
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.problems import InstallProblem
from seatrial.provision.resolution import provide_tool
from seatrial.provision.uvtool import uv_binary

SECONDS = 1800.0
_GROUP = "builds-1"
_COMPLETE = "seatrial-complete"
_NETWORK = (
    "error sending request",
    "dns error",
    "failed to fetch",
    "network was disabled",
    "connection refused",
    "temporary failure in name resolution",
    "max retries exceeded",
    "could not resolve host",
    "read timed out",
    "all attempts to connect",
)
_FULL = ("no space left on device", "os error 28", "errno 28", "disk quota exceeded")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of an installer: `shown` is what a person would type, `argv` what is run, in the folder `folder`."""

    shown: str
    argv: tuple[str, ...]
    folder: str = "."
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an environment is filled: the tool, its commands, and why it is this one. `problem` says why it cannot be."""

    tool: str
    commands: tuple[Command, ...]
    reason: str
    location: Location
    problem: str = ""


def recipe_of(manifest: Manifest, place: Path, python: Interpreter, options: BuildOptions) -> Recipe:
    """The commands that install what the platform would take, into the environment at `place`."""
    chosen = manifest.installation
    if chosen is None:
        where = Location("." if manifest.base == "." else manifest.base, 1)
        return Recipe(
            "none", (), "no manifest declares anything", where, "nothing is declared, so nothing is installed"
        )
    location = chosen.location or Location(chosen.files[0], 1)
    folder = os.path.dirname(chosen.files[0]) or "."
    names = tuple(os.path.relpath(path, folder) for path in chosen.files)
    locked = any(name.endswith((".lock", "Pipfile.lock")) for name in names)
    made = _commands(chosen, names, locked, (place, python, options))
    if isinstance(made, str):
        return Recipe(chosen.tool, (), chosen.reason, location, made)
    commands = tuple(Command(it.shown, it.argv, folder, it.more) for it in made)
    return Recipe(chosen.tool, commands, chosen.reason, location)


Bench = tuple[Path, Interpreter, BuildOptions]


def _commands(chosen: Installation, names: tuple[str, ...], locked: bool, bench: Bench) -> tuple[Command, ...] | str:
    tool, (place, _, options) = chosen.tool, bench
    if tool == "uv" and "uv.lock" in names:
        return (_uv_sync(chosen, bench),)
    if tool in ("poetry", "pdm", "pipenv"):
        return _by_tool(locked, chosen, bench)
    if tool == "conda":
        return "conda environments are not built here: only pip's world is"
    words = [word for name in names for word in _asked(name, chosen.extras)]
    # As pip does, and as Railpack has uv do: it is paid once, and not by every start.
    argv = [uv_binary(), "pip", "install", "--compile-bytecode", "--python", str(place), *_limits(options), *words]
    return (Command(f"{'uv pip' if tool == 'uv' else 'pip'} install {' '.join(words)}", tuple(argv)),)


def _uv_sync(chosen: Installation, bench: Bench) -> Command:
    """As the Dockerfile's own command takes the lock; a platform that chooses by itself refuses one out of step."""
    place, _, options = bench
    how = chosen.insists if chosen.location is not None else ("--locked",)
    words = ["sync", *how, "--no-dev", "--no-editable"]
    words += [part for name in chosen.groups for part in (("--all-groups",) if name == "*" else ("--group", name))]
    words += [part for name in chosen.extras for part in (("--all-extras",) if name == "*" else ("--extra", name))]
    more = {"UV_PROJECT_ENVIRONMENT": str(place)}
    more["UV_COMPILE_BYTECODE"] = "1"
    argv = (uv_binary(), *words, "--python", str(place / "bin" / "python"), *(["--offline"] if options.offline else []))
    return Command(f"uv {' '.join(words)}", argv, more=more)


def _limits(options: BuildOptions) -> list[str]:
    day = ["--exclude-newer", options.as_of.isoformat()] if options.as_of else []
    return [*day, *(["--offline"] if options.offline else [])]


def _asked(name: str, extras: tuple[str, ...]) -> list[str]:
    """The arguments that install one manifest: a list of requirements, or the project whose manifest it is."""
    if not name.endswith((".toml", "setup.py", "setup.cfg")):
        return ["-r", name]
    project = f"./{os.path.dirname(name)}" if os.path.dirname(name) else "."
    wanted = ",".join(extra for extra in extras if extra != "*")
    return [f"{project}[{wanted}]" if wanted else project]


# `locked` brings the releases that pdm was tried with: with newer ones of its own packages it has been broken.
TOOLS = {
    "poetry": ("poetry>=2", ("install", "--no-interaction", "--no-ansi", "--only", "main", "--no-root")),
    "pdm": ("pdm[locked]>=2.20", ("install", "--check", "--prod", "--no-editable", "--no-self")),
    "pipenv": ("pipenv>=2024", ("install", "--deploy", "--ignore-pipfile")),
}


def _by_tool(locked: bool, chosen: Installation, bench: Bench) -> tuple[Command, ...] | str:
    tool, (place, python, options) = chosen.tool, bench
    program = tool_program(tool, python, options)
    if isinstance(program, str):
        return program
    words = list(TOOLS[tool][1])
    if tool == "pipenv" and not locked:
        words = ["install", "--skip-lock"]
    insists = chosen.location is None or "--check" in chosen.insists
    if tool == "pdm" and not (locked and insists):
        words.remove("--check")
    if tool == "poetry":
        words += [part for name in chosen.groups for part in ("--with", name)]
        words += [part for name in chosen.extras for part in (("--all-extras",) if name == "*" else ("--extras", name))]
    return (Command(f"{tool} {' '.join(words)}", (str(program), *words), more=surroundings(place)),)


def tool_program(tool: str, python: Interpreter, options: BuildOptions) -> Path | str:
    """The program of a tool, in an environment of its own; a sentence where it cannot be had."""
    provided = provide_tool(tool, TOOLS[tool][0], interpreter=python, offline=options.offline)
    if isinstance(provided, InstallProblem):
        return f"{tool} cannot be had: {provided.message}"
    assert provided.executable is not None
    return provided.executable.parent / tool


def surroundings(place: Path) -> dict[str, str]:
    """What makes poetry, pdm and pipenv take the environment at `place` for the active one."""
    return {
        "VIRTUAL_ENV": str(place),
        "PATH": f"{place / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "POETRY_VIRTUALENVS_CREATE": "false",
        "POETRY_NO_INTERACTION": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PDM_CHECK_UPDATE": "false",
        "PIPENV_CHECK_UPDATE": "false",
        "PIPENV_NOSPIN": "1",
        "PIPENV_QUIET": "1",
    }


@contextlib.contextmanager
def fresh_place(key: str) -> Iterator[Path]:
    """Where the environment of a build is made; removed at the end, unless the build is interrupted after the install.

    Two builds of the same inputs at once get two places.
    """
    parent = cache.cache_directory() / _GROUP
    parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        place = parent / key if _held(stack, parent / f"{key}.lock") else stack.enter_context(cache.scratch()) / "place"
        if not (place / _COMPLETE).exists():
            shutil.rmtree(place, ignore_errors=True)
        try:
            yield place
        except (KeyboardInterrupt, SystemExit):
            if not (place / _COMPLETE).exists():
                shutil.rmtree(place, ignore_errors=True)
            raise
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        shutil.rmtree(place, ignore_errors=True)
        cache.prune(_GROUP)


def _held(stack: contextlib.ExitStack, path: Path) -> bool:
    """Whether this process alone builds there, until the stack closes."""
    try:
        import fcntl
    except ImportError:  # Windows: a place of its own, always
        return False
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    stack.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    stack.callback(path.unlink, missing_ok=True)
    return True


def key_of(tree_root: Path, manifest: Manifest, python: Interpreter, options: BuildOptions, platform: str) -> str:
    """A name for the inputs of an installation: the manifests, the locks, the interpreter and the day."""
    paths = [*(document.path for document in manifest.documents), *(lock.path for lock in manifest.locks)]
    texts = [_text(tree_root / path) for path in paths]
    day = options.as_of.isoformat() if options.as_of else datetime.now(UTC).date().isoformat()
    return cache.digest(str(tree_root), day, platform, str(python.executable), *paths, *texts)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def install(recipe: Recipe, place: Path, copy: Path, python: Interpreter) -> Step:
    """The environment, filled by the tool's own commands in the copy."""
    if (place / _COMPLETE).exists():
        return Step("install", Mark.PASS, ("resumed: the interrupted build before this one had installed it",))
    made = run((uv_binary(), "venv", "--quiet", "--python", str(python.executable), str(place)), cwd=copy, seconds=60)
    if not made.succeeded:
        return failed_install(made, f"uv venv --python {python.executable.name}", recipe)
    if recipe.problem:
        mark = Mark.INCONCLUSIVE if recipe.tool != "none" else Mark.PASS
        return Step("install", mark, (recipe.problem,))
    evidence = [f"{recipe.tool}: {recipe.reason}"]
    for command in recipe.commands:
        ran = run(command.argv, cwd=copy / command.folder, seconds=SECONDS, more=command.more)
        if not ran.succeeded:
            return failed_install(ran, command.shown, recipe, tuple(evidence))
        evidence.append(f"$ {command.shown}  ({ran.seconds:.1f} s)")
    installed = read_environment(place, python)
    (place / _COMPLETE).write_text("", encoding="utf-8")
    evidence.append(f"{len(installed.distributions)} distributions for Python {'.'.join(map(str, python.version))}")
    return Step("install", Mark.PASS, tuple(evidence))


def failed_install(ran: Ran, shown: str, recipe: Recipe, before: tuple[str, ...] = ()) -> Step:
    """What a failed command means: the index, the disk, or the declarations."""
    outside = why_outside(ran)
    if outside:
        return Step("install", Mark.INCONCLUSIVE, (*before, f"$ {shown}", outside))
    said = ran.last(6)
    issue = NOT_INSTALLED.issue(
        recipe.location, f"`{shown}` fails in a fresh environment.", said, (f"exit code {ran.code}",)
    )
    return Step("install", Mark.FAIL, (*before, f"$ {shown}", said), (issue,))


def disk_full(said: str) -> str:
    """That the disk is full, in a sentence, where a program's words say so; "" where they do not."""
    if not any(sign in said.lower() for sign in _FULL):
        return ""
    return "The disk is full: free some space, or name a larger folder with SEATRIAL_CACHE_DIR and UV_CACHE_DIR."


def why_outside(ran: Ran) -> str:
    """Why a command failed that has nothing to do with the backend, in a sentence; "" where it has."""
    text = ran.output.lower()
    if full := disk_full(text):
        return full
    if any(sign in text for sign in _NETWORK):
        return f"The package index cannot be reached: {ran.last(2)}"
    if ran.late:
        return f"It did not end within {ran.seconds:.0f} s and was stopped."
    return ""


def check_compatible(place: Path, copy: Path, python: Interpreter, recipe: Recipe) -> Step:
    """Whether what was installed asks for what is there."""
    ran = run((uv_binary(), "pip", "check", "--python", str(place)), cwd=copy, seconds=60)
    if ran.succeeded:
        return Step("compatibility", Mark.PASS, (ran.last(1),))
    told = [line.strip() for line in ran.output.splitlines() if line.strip().startswith("The package")]
    if not told:
        return Step("compatibility", Mark.INCONCLUSIVE, (ran.last(2),))
    problem = f"{len(told)} of the installed packages do not get what they ask for."
    issue = INCOMPATIBLE.issue(recipe.location, problem, " ".join(told[:5]), tuple(told[:20]))
    return Step("compatibility", Mark.FAIL, tuple(told), (issue,))


def environment_at(place: Path, python: Interpreter) -> Environment:
    """The filled environment, as a start needs it."""
    return read_environment(place, python)


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder, links not followed."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(here, name)).st_size
    return total
