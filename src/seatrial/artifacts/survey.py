"""What the papers of one backend are written from: frozen values, each already in the form in which a paper says it.

Paths are relative to `home`, the folder that the papers lie in, unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DRAIN_S = 25
"""Seconds that a server gets to finish its requests after SIGTERM; platforms are told a little more."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How the server is started. `app_dir` is the folder that its modules are seen from, `.` for `home` itself.

    `server` is a distribution that is installed: `uvicorn`, `hypercorn` or `granian`. `paths` are further folders
    that installing the project would put on Python's path.
    """

    module: str
    attribute: str
    factory: bool
    server: str
    app_dir: str
    paths: tuple[str, ...] = ()
    program: str = ""
    told_host: bool = False

    @property
    def target(self) -> str:
        """As a command names it."""
        return f"{self.module}:{self.attribute}"

    def command(self, port: str, options: str = "", host: str = "0.0.0.0") -> str:
        """The command for a shell; `port` may be a variable of it."""
        return self._program(port, host) if self.program else self.served(port, options, host)

    def _program(self, port: str, host: str) -> str:
        """The backend's own program. What it is told stands in its environment, `PORT` mostly by itself."""
        told = [f"PORT={port}"] if port != "$PORT" else []
        told += [f"HOST={host}"] if self.told_host and host != "0.0.0.0" else []
        return " ".join((*(["env", *told] if told else []), "python -m", self.program))

    def served(self, port: str, options: str = "", host: str = "0.0.0.0") -> str:
        """The server's own command, which names the application."""
        if self.server == "hypercorn":
            target = f"{self.target}()" if self.factory else self.target
            words = ["hypercorn", f"'{target}'", f"--bind {host}:{port}", f"--graceful-timeout {DRAIN_S}"]
        elif self.server == "granian":
            words = ["granian --interface asgi", self.target, "--factory" if self.factory else ""]
            words += [f"--host {host} --port {port}", self._directory("--working-dir")]
        else:
            words = ["uvicorn", self.target, "--factory" if self.factory else "", self._directory("--app-dir")]
            words += [f"--host {host} --port {port}", f"--timeout-graceful-shutdown {DRAIN_S}"]
        return " ".join(word for word in (*words, options) if word)

    def _directory(self, option: str) -> str:
        return "" if self.app_dir == "." else f"{option} {self.app_dir}"


@dataclass(frozen=True, slots=True)
class Install:
    """What is installed, and by which tool: `pip`, `uv`, `poetry`, `pdm` or `pipenv`.

    `files` have to be there for it; `first` is the one that a command names. `hashed` says that every file that is
    downloaded is checked against a hash, `locked` that every version is fixed. `whole` says that the manifest points
    into the project itself, so that all of it has to be there. `build` and `run` are Debian packages. `tests` is a
    requirements file for those who work on it, which brings pytest.
    """

    tool: str
    files: tuple[str, ...]
    first: str
    hashed: bool = False
    locked: bool = False
    whole: bool = False
    options: str = ""
    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    has_pytest: bool = False
    tests: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `value` is what the example holds, `comment` what is said of it.

    `secret` values are made anew for every deployment; `bought` ones come from somebody else's console. `role` is what
    compose fills in: `database`, `direct` (not pooled), `redis`, `mongo`, a part of an address (`host`, `port`,
    `mongo-host`, ...), or "".
    """

    name: str
    group: str
    value: str
    required: bool
    comment: str = ""
    secret: bool = False
    bought: bool = False
    role: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """Where data is kept. `engine` is `postgresql`, `mysql`, `sqlite`, `other` or "". `mongo` and `redis` are used
    besides, or alone. `migrations` are run by Alembic.

    `dialect` is how SQLAlchemy is told which driver is there (`postgresql+asyncpg`), or plainly `postgresql` or
    `mysql`.

    `asyncpg` and `caches` say that asyncpg is used, and that its cache of statements is switched off.
    """

    engine: str = ""
    dialect: str = "postgresql"
    mongo: bool = False
    redis: bool = False
    migrations: bool = False
    asyncpg: bool = False
    caches_off: bool = False
    pre_ping: bool = False
    recycle: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """What the code shows towards the outside, by the words that it uses.

    `cors` is `none`, `any` (every origin) or `listed`; `docs` says that something decides about the interactive
    documentation; `weak` are secrets for which the code has a value of its own.
    """

    cors: str = "none"
    docs: bool = False
    headers: bool = False
    limits: bool = False
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """One backend as its papers see it.

    `home` and `repository` are relative to PATH; `within` is `home` seen from the repository's root, and `above` the
    way from PATH up to it ("" where PATH is that root). `texts` holds the present text of the files that papers may
    be written to, by path relative to PATH. `image`, `stack` and `railway` say whether a Dockerfile, a
    docker-compose.yml and a .railway/railway.ts are there or will be. `by_hand` names what starts the server, where
    that is a Dockerfile or a Procfile that a person wrote. `today` is a date.
    """

    name: str
    home: str
    within: str
    above: str
    python: str
    launch: Launch
    install: Install
    variables: tuple[Variable, ...] = ()
    data: Data = field(default=Data())
    edge: Edge = field(default=Edge())
    health: str = ""
    frontend: str = ""
    image: bool = True
    by_hand: str = ""
    stack: bool = True
    railway: bool = True
    tests: bool = False
    files: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    today: str = "2026-01-01"

    def path(self, name: str) -> str:
        """A file beside the backend, relative to PATH."""
        return name if self.home == "." else f"{self.home}/{name}"

    def text(self, name: str) -> str | None:
        """The present text of a file beside the backend."""
        return self.texts.get(self.path(name))

    @property
    def required(self) -> tuple[Variable, ...]:
        """The variables that the server does not start, or does not answer, without."""
        return tuple(variable for variable in self.variables if variable.required)
