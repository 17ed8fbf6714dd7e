"""What the code asks of its environment, and what the papers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from seatrial.issue import Location


class Kind(StrEnum):
    """The form that a value must have."""

    TEXT = "text"
    SECRET = "secret"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATABASE_URL = "database url"
    URL = "url"
    EMAIL = "email"
    PATH = "path"
    JSON_LIST = "json list"
    JSON_MAPPING = "json mapping"
    COMMA_LIST = "comma list"
    CHOICE = "choice"
    UUID = "uuid"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class EnvRead:
    """One place where the code reads an environment variable.

    `name` is spelt as it would be exported. `how` is `os.environ[]`, `os.environ.get`, `os.getenv`, `os.environ in`,
    `os.environ.setdefault`, `pydantic-settings`, `pydantic v1`, `decouple`, `starlette`, `environs` or `click`.
    `required` is true where the start or the reading fails without it: no default, or a guard that raises (`guard` is
    its line). `default` is the source text of the default. `names` are all names that would do (aliases), `name` the
    first. `owner` is the settings class and `field` its attribute. `dotenv` is true where a dotenv file can give the
    value.
    """

    name: str
    location: Location
    how: str
    required: bool
    default: str | None = None
    kind: Kind = Kind.TEXT
    names: tuple[str, ...] = ()
    owner: str = ""
    field: str = ""
    case_sensitive: bool = True
    dotenv: bool = False
    choices: tuple[str, ...] = ()
    minimum_length: int = 0
    guard: int = 0

    def accepts(self, name: str) -> bool:
        """Whether a variable of this name would be read here."""
        names = self.names or (self.name,)
        return name in names if self.case_sensitive else name.lower() in {known.lower() for known in names}


@dataclass(frozen=True, slots=True)
class DotenvUse:
    """One place where the code reads a dotenv file.

    `paths` are relative to the audited folder; `from_cwd` are relative to wherever the process is started; `upward` is
    the folder from which the file's own name is searched upwards (python-dotenv without a path, python-decouple).
    `into_environ` is true where all of it becomes environment variables; `owner` is the settings class that reads it.
    """

    reader: str
    location: Location
    paths: tuple[str, ...] = ()
    from_cwd: tuple[str, ...] = ()
    upward: tuple[str, ...] = ()
    into_environ: bool = False
    override: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class SettingsClass:
    """A class whose fields are read from the environment. `extra`: what it does with other keys of its dotenv file."""

    name: str
    location: Location
    prefix: str
    case_sensitive: bool
    extra: str
    delimiter: str
    env_files: tuple[str, ...]
    fields: tuple[str, ...]
    version: str  # "pydantic-settings" or "pydantic v1"


@dataclass(frozen=True)  # no slots: what is looked up once is kept
class Settings:
    """Everything that the Python code of a backend reads from its environment."""

    reads: tuple[EnvRead, ...] = ()
    dotenv: tuple[DotenvUse, ...] = ()
    classes: tuple[SettingsClass, ...] = ()

    def of(self, name: str) -> tuple[EnvRead, ...]:
        """The places that would read a variable of this name."""
        return tuple(read for read in self._by_name.get(name.lower(), ()) if read.accepts(name))

    @cached_property
    def _by_name(self) -> dict[str, list[EnvRead]]:
        found: dict[str, list[EnvRead]] = {}
        for read in self.reads:
            for name in {name.lower() for name in read.names or (read.name,)}:
                found.setdefault(name, []).append(read)
        return found

    def names(self) -> tuple[str, ...]:
        """Every variable read, each once, in order of first mention."""
        return tuple(dict.fromkeys(read.name for read in self.reads))


class Source(StrEnum):
    """What kind of paper documents a variable, strongest first."""

    TEMPLATE = "template"
    COMMITTED = "committed .env"
    COMPOSE = "compose"
    DOCKERFILE = "Dockerfile"
    PLATFORM = "platform"
    README = "readme"
    WORKFLOW = "workflow"
    GIVEN = "command line"


@dataclass(frozen=True, slots=True)
class EnvDocumented:
    """One place where a variable is documented. `value` None: it is named, but nothing is said of its value."""

    name: str
    value: str | None
    location: Location
    source: Source
    comment: str = ""
    active: bool = True  # false for a line of a template that is commented out


class Origin(StrEnum):
    """Where the value comes from that a variable has in our environment."""

    DOCUMENTED = "documented"
    PLACEHOLDER = "placeholder"
    GENERATED_DATABASE = "generated-database"
    GIVEN = "given"


class Channel(StrEnum):
    """How a value reaches the backend."""

    PROCESS = "process"
    DOTENV = "dotenv"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class DocumentedValue:
    """One variable of the environment under which the start is predicted and observed."""

    name: str
    value: str
    location: Location
    origin: Origin
    documented_value: str | None
    channel: Channel = Channel.PROCESS
    source: Source = Source.TEMPLATE


@dataclass(frozen=True, slots=True)
class DocumentedEnvironment:
    """The environment under which the start is predicted and observed.

    `process` are the variables of the process; `dotenv` the dotenv files as (path relative to the audited folder,
    text) that are put in place; `withheld` are files of the folder that must not be there when it is started (a
    developer's own `.env`). `template` is the documented example that the dotenv files come from. `undocumented` are
    the required reads that no paper names. `unread` are those of `dotenv` that the start does not look into.
    """

    values: tuple[DocumentedValue, ...] = ()
    process: Mapping[str, str] = field(default_factory=dict)
    dotenv: tuple[tuple[str, str], ...] = ()
    withheld: tuple[str, ...] = ()
    documented: tuple[EnvDocumented, ...] = ()
    template: str = ""
    undocumented: tuple[EnvRead, ...] = ()
    unread: frozenset[str] = frozenset()

    def value(self, name: str) -> DocumentedValue | None:
        """The value of a variable, by its exact name."""
        return next((value for value in self.values if value.name == name), None)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The throwaway PostgreSQL that takes the place of every documented one."""

    host: str = "127.0.0.1"
    port: int = 5432
    user: str = "seatrial"
    password: str = "seatrial"
    database: str = "seatrial"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a person sets instead.

    `env_file` is the text and the name of `--env-file FILE`, which replaces the project's own example; `values` are
    those of `--env NAME=VALUE`; `nothing` is `--env none`.
    """

    env_file: tuple[str, str] | None = None
    values: tuple[tuple[str, str], ...] = ()
    nothing: bool = False
