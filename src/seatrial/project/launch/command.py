"""One simple command -> the ASGI server that it starts, and what that server is told.

What each server does with its arguments was read in, and is tested against, uvicorn 0.54, gunicorn 27, hypercorn 0.18,
granian 2.8 and fastapi-cli 0.0.34.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "fastapi", "daphne"})
MENTION = re.compile(r"\b(?:uvicorn|gunicorn|hypercorn|granian|fastapi|daphne|python[\d.]*|py)\b")
"""What a line must mention for it to be worth reading."""

APPLICATION = re.compile(r"(?:asgi:)?([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\([^()]*\))?")
_NEARLY = re.compile(r"[\w./\\-]*[A-Za-z_][\w./\\-]*(?::[A-Za-z_][\w.]*)?")
_PYTHON = re.compile(r"(?:python[\d.]*w?|py|pypy3?|\$\{?\(?PYTHON\d?\)?\}?)(?:\.exe)?", re.I)
_FLAGS = {"--reload", "--factory", "--proxy-headers", "--no-access-log", "--debug", "--preload", "--no-server-header"}
_VALUE_OF = {
    "-b": "--bind", "-w": "--workers", "-k": "--worker-class", "-c": "--config", "-e": "--entrypoint",
    "-t": "--timeout", "-p": "--port",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invocation:
    """A server as a command starts it.

    `application` is what the server is asked for, as written ("" when it is left to find one); `script` is the Python
    file, and `run_module` the module, that is run as `__main__` instead of a server's own command. `via_module` says
    whether the interpreter was started with `-m`, which puts the working directory on the path. `options` holds the
    server's long options without the dashes.
    """

    server: str
    application: str
    cwd: str
    env: tuple[tuple[str, str], ...]
    via_module: bool = False
    script: str = ""
    run_module: str = ""
    path_argument: str = ""
    options: tuple[tuple[str, str], ...] = ()
    env_files: tuple[str, ...] = ()

    def option(self, name: str) -> str | None:
        """The value of an option, "" for a flag, None where it is not given."""
        return dict(self.options).get(name)


@dataclass(frozen=True, slots=True)
class Nested:
    """A command that runs shell text, or the shell script in a file, of which the server may be a part."""

    text: str = ""
    script: str = ""
    arguments: tuple[str, ...] = ()
    cwd: str = "."
    env: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Reading:
    words: list[str]
    cwd: str
    env: dict[str, str]
    env_files: list[str] = field(default_factory=list)


def read_command(words: Sequence[str], cwd: str, env: Sequence[tuple[str, str]] = ()) -> Invocation | Nested | None:
    """What a simple command starts, its wrappers (`poetry run`, `exec`, `sh -c`, ...) taken off."""
    reading = _Reading(list(words), cwd, dict(env))
    while reading.words and _unwrap(reading):
        pass
    if not reading.words:
        return None
    program = program_name(reading.words[0])
    if program in ("sh", "bash", "zsh", "ash", "dash", "/bin/sh", "source", "."):
        return _shell(reading)
    if program.endswith((".sh", ".bash")):
        return Nested("", reading.words[0], tuple(reading.words[1:]), reading.cwd, tuple(reading.env.items()))
    if _PYTHON.fullmatch(program):
        return _python(reading)
    if program in SERVERS:
        return _server(program, reading, via_module=False)
    return _other(program, reading)


def program_name(word: str) -> str:
    """`/opt/venv/bin/uvicorn` and `Scripts\\uvicorn.exe` are `uvicorn`."""
    return posixpath.basename(word.replace("\\", "/")).removesuffix(".exe")


# --- wrappers

_PLAIN = frozenset({"exec", "nohup", "sudo", "time", "command", "builtin", "setsid", "uvx"}) | frozenset(
    {"ddtrace-run", "opentelemetry-instrument"}
)
_RUNNERS = frozenset(
    {"poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "uv", "conda", "micromamba", "mamba", "coverage"}
    | {"newrelic-admin", "doppler", "infisical", "dotenv", "op"}
)
_RUNNER_VALUES = frozenset(
    {
        "--env-file",
        "--with",
        "--extra",
        "--group",
        "--package",
        "--directory",
        "--project",
        "--python",
        "-p",
        "--only-group",
    }
    | {
        "--index",
        "--index-url",
        "--extra-index-url",
        "--with-requirements",
        "--with-editable",
        "-n",
        "--name",
        "-e",
        "--env",
    }
    | {"-f", "--file", "-C", "-c", "--config", "--no-group", "-u", "-g", "--user"}
)
_WITH_USER = frozenset({"gosu", "su-exec", "setuidgid"})


def _unwrap(reading: _Reading) -> bool:
    """Take one wrapper off; False when there is none."""
    first = reading.words[0]
    if match := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", first, re.S):
        reading.env[match[1]] = match[2]
        reading.words = reading.words[1:]
        return True
    program = program_name(first.lstrip("@"))
    if program == "env":
        return _skip_options(reading, 1)
    if program in _PLAIN:
        return _skip_options(reading, 1)
    if program in _WITH_USER:
        reading.words = reading.words[2:]
        return True
    if program in ("tini", "dumb-init", "catatonit"):
        return _skip_options(reading, 1)
    if program in _RUNNERS:
        return _runner(reading)
    return False


def _runner(reading: _Reading) -> bool:
    words = reading.words
    index = next((i for i, word in enumerate(words) if word in ("run", "run-program", "exec", "tool")), None)
    if index is None or index > 8:
        return False
    _options_before(reading, words[1:index])
    reading.words = words[index + 1 :]
    return _skip_options(reading, 0)


def _options_before(reading: _Reading, words: list[str]) -> None:
    for index, word in enumerate(words[:-1]):
        _note_option(reading, word, words[index + 1])


def _skip_options(reading: _Reading, start: int) -> bool:
    words = reading.words[start:]
    while words and words[0].startswith("-") and words[0] != "-":
        option, _, value = words[0].partition("=")
        words = words[1:]
        if option == "--":
            break
        if not value and option in _RUNNER_VALUES and words:
            value, words = words[0], words[1:]
        _note_option(reading, option, value)
    reading.words = words
    return True


def _note_option(reading: _Reading, option: str, value: str) -> None:
    if option in ("--env-file", "-f") and value:
        reading.env_files.append(value)
    elif option in ("--directory", "-C") and value:
        reading.cwd = posixpath.normpath(posixpath.join(reading.cwd, value))


def _shell(reading: _Reading) -> Nested | None:
    words = reading.words[1:]
    env = tuple(reading.env.items())
    for index, word in enumerate(words):
        if re.fullmatch(r"-[a-z]*c", word):
            return (
                Nested(words[index + 1], "", tuple(words[index + 2 :]), reading.cwd, env)
                if index + 1 < len(words)
                else None
            )
        if not word.startswith("-"):
            return Nested("", word, tuple(words[index + 1 :]), reading.cwd, env)
    return None


# --- Python itself


def _python(reading: _Reading) -> Invocation | Nested | None:
    words = reading.words[1:]
    while words:
        word = words[0]
        if word == "-m" and len(words) > 1:
            return _module(words[1], _Reading(words[1:], reading.cwd, reading.env, reading.env_files))
        if word == "-c":
            return None
        if word in ("-X", "-W"):
            words = words[2:]
        elif word.startswith("-"):
            words = words[1:]
        else:
            return _file(word, words[1:], reading)
    return None


def _module(module: str, reading: _Reading) -> Invocation | None:
    if module in SERVERS:
        return _server(module, reading, via_module=True)
    if module in (
        "pip",
        "venv",
        "pytest",
        "alembic",
        "http.server",
        "build",
        "virtualenv",
        "ensurepip",
        "unittest",
        "mypy",
    ):
        return None
    return _base(reading, "python", via_module=True, run_module=module)


def _file(word: str, arguments: list[str], reading: _Reading) -> Invocation | Nested | None:
    if not word.endswith(".py"):
        inner = _Reading([word, *arguments], reading.cwd, reading.env, reading.env_files)
        return _server(program_name(word), inner, via_module=False) if program_name(word) in SERVERS else None
    return _base(reading, "python", script=word.replace("\\", "/"))


def _base(
    reading: _Reading,
    server: str,
    *,
    application: str = "",
    via_module: bool = False,
    script: str = "",
    run_module: str = "",
) -> Invocation:
    env = tuple(reading.env.items())
    return Invocation(
        server, application, reading.cwd, env, via_module, script, run_module, env_files=tuple(reading.env_files)
    )


# --- servers


def _server(server: str, reading: _Reading, *, via_module: bool) -> Invocation | None:
    arguments = reading.words[1:]
    options = dict(_options(arguments))
    base = _base(reading, server, via_module=via_module)
    if "env-file" in options:
        base = replace(base, env_files=(*base.env_files, options["env-file"]))
    base = replace(base, options=tuple(options.items()))
    if server == "fastapi":
        return _fastapi(base, arguments, options)
    return replace(base, application=_application(arguments))


def _fastapi(base: Invocation, arguments: list[str], options: dict[str, str]) -> Invocation | None:
    if not arguments or arguments[0] not in ("run", "dev"):
        return None
    base = replace(base, options=(*base.options, ("mode", arguments[0])))
    positional = [word for word in _positional(arguments[1:]) if not word.startswith("-")]
    return replace(base, application=options.get("entrypoint", ""), path_argument=positional[0] if positional else "")


def _application(arguments: list[str]) -> str:
    """The argument that names the application; what only looks like one is taken when nothing better is there."""
    for word in arguments:
        if APPLICATION.fullmatch(word):
            return word
    nearly = [word for word in _positional(arguments) if _NEARLY.fullmatch(word)]
    return nearly[0] if nearly else ""


def _options(arguments: list[str]) -> Iterator[tuple[str, str]]:
    for index, word in enumerate(arguments):
        if not word.startswith("-") or word in ("-", "--"):
            continue
        option, equals, value = word.partition("=")
        option = _VALUE_OF.get(option, option)
        if (
            not equals
            and option not in _FLAGS
            and index + 1 < len(arguments)
            and not arguments[index + 1].startswith("-")
        ):
            following = arguments[index + 1]
            value = "" if APPLICATION.fullmatch(following) and option != "--entrypoint" else following
        if option.startswith("--"):
            yield option[2:], value


def _positional(arguments: list[str]) -> Iterator[str]:
    taken = False
    for word in arguments:
        if word.startswith("-"):
            taken = "=" not in word and word not in _FLAGS and not word.startswith("--no-")
        elif taken:
            taken = False
        else:
            yield word


def _other(program: str, reading: _Reading) -> Invocation | Nested | None:
    """A program of the project's own (`dispatch server start app.main:app`), or a wrapper that ends with `--`."""
    words = reading.words
    if "--" in words[1:]:
        inner = words[words.index("--") + 1 :]
        return read_command(inner, reading.cwd, tuple(reading.env.items())) if inner else None
    if program in (
        "docker",
        "docker-compose",
        "podman",
        "kubectl",
        "ssh",
        "curl",
        "echo",
        "printf",
        "pip",
        "grep",
        "git",
        "cd",
    ):
        return None
    named = [word for word in words[1:] if APPLICATION.fullmatch(word)]
    if not named:
        return None
    options = tuple(_options(words[1:]))
    return replace(_base(reading, f"own:{program}", application=named[0]), options=options)
