"""What the simulated start did, in order: the one result that rules read.

Everything here is a frozen value. A `Mishap` is an exception together with the fault behind it; faults say
*what is wrong* in terms a rule can explain, the failure says *how CPython would report it*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.boot import Boot, Failure
from seatrial.issue import Location


class Reach(StrEnum):
    """From where a statement is reached; severities follow from it."""

    BOOT = "boot"  # executed while the target is imported
    STARTUP = "startup"  # executed by the lifespan or a startup handler
    REQUEST = "request"  # in a function of a loaded module: runs, if ever, after the start
    UNREACHED = "unreached"  # in a module that the start never loads


@dataclass(frozen=True, slots=True)
class MissingModule:
    """`import name` finds nothing. `package` says whether its parent exists and is first-party or not."""

    name: str  # the full dotted name that CPython reports
    requested: str  # the dotted name as the statement asks for it, absolute
    first_party: bool  # the top-level package of `name` is the backend's own
    importer: str  # dotted name of the importing module; "" for the server itself
    distribution: str | None = None  # set when a distribution (not the backend) asks for it
    chain: tuple[str, ...] = ()  # third-party modules between the backend's import and the missing one


@dataclass(frozen=True, slots=True)
class NotAPackage:
    """`import a.b` where `a` is a plain module."""

    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class MissingSymbol:
    """`from module import symbol` (or `module.symbol`) finds no such name in a fully loaded module."""

    module: str
    symbol: str
    origin: str | None  # path of the module (relative when first-party), None for a namespace package
    first_party: bool
    by_attribute: bool = False


@dataclass(frozen=True, slots=True)
class PartialModule:
    """A name is asked of a module that is still being loaded: a circular import that breaks the start.

    `cycle` holds the import statements that lead round, each as (module, place of the import in that module).
    """

    module: str
    symbol: str
    cycle: tuple[tuple[str, Location], ...]
    by_attribute: bool = False


@dataclass(frozen=True, slots=True)
class RelativeImport:
    """A relative import beyond the top-level package, or with no known parent package."""

    level: int
    module: str  # the dotted part after the dots, may be empty
    package: str  # __package__ of the importing module
    no_parent: bool


@dataclass(frozen=True, slots=True)
class UnboundName:
    """A name used where it is not (yet) bound. `bound_later` is where the module binds it after this point."""

    name: str
    local: bool
    bound_later: Location | None
    in_annotation: bool = False


@dataclass(frozen=True, slots=True)
class BrokenSyntax:
    """The file does not compile under the grammar of the backend's Python."""

    module: str


@dataclass(frozen=True, slots=True)
class RaisedByCode:
    """A `raise` or failing operation of the backend's own code."""

    operation: str  # "raise", "assert", "subscript", "call", "attribute", "operator"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A library refuses what the backend hands it. `kind` is defined in the library's file of `libraries`."""

    library: str
    kind: str
    subject: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BadTarget:
    """The launch target names no module, no attribute, or something that is no ASGI application."""

    target: str
    part: str  # "module", "attribute", "application"


Fault = (
    MissingModule
    | NotAPackage
    | MissingSymbol
    | PartialModule
    | RelativeImport
    | UnboundName
    | BrokenSyntax
    | RaisedByCode
    | Refusal
    | BadTarget
)


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing that goes wrong: how CPython reports it, what is behind it, from where it is reached.

    `certain` is false inside a branch that the simulation could not decide. `reads` are the environment variables
    that no paper gives a value, and without which this happens.
    """

    failure: Failure
    fault: Fault
    reach: Reach
    location: Location
    certain: bool = True
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportEdge:
    """One import that loads a module, module to module (first-party only), in order of execution."""

    importer: str
    imported: str
    location: Location


@dataclass(frozen=True, slots=True)
class Route:
    """One route that the running application would serve. `methods` is empty for websockets and mounts."""

    path: str
    methods: tuple[str, ...]
    endpoint: str  # dotted name of the function
    location: Location
    included: bool = True


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """One first-party module that the start executed."""

    name: str
    path: str
    order: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a library that a rule may care for: what was called, with what, from where.

    `callee` is the canonical dotted name (`sqlalchemy.ext.asyncio.create_async_engine`). Arguments are plain
    Python values where known; `UNKNOWN` where the simulation cannot know them.
    """

    callee: str
    args: tuple[object, ...]
    kwargs: tuple[tuple[str, object], ...]
    location: Location
    reach: Reach
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Timeline:
    """The simulated start.

    `mishaps` are in the order in which they would bite, each seen as if the earlier ones were mended. Those
    with reach `REQUEST` or `UNREACHED` come last and never decide `boot`. `supplied` are the variables, with values,
    that were set to see what lies behind those that no paper documents. `production` is the start with Neon's host and
    parameters in the database's URL, its driver as documented; `pasted` the start with the URL as Neon's console gives
    it, None where that is the same; `alone` the start to which no service answers.
    """

    boot: Boot
    mishaps: tuple[Mishap, ...] = ()
    loaded: tuple[LoadedModule, ...] = ()
    edges: tuple[ImportEdge, ...] = ()
    routes: tuple[Route, ...] = ()
    calls: tuple[Call, ...] = ()
    external: tuple[
        str, ...
    ] = ()  # dotted names of the modules of distributions and of the standard library imported at boot
    doubts: tuple[tuple[Location, str], ...] = field(default=())
    supplied: tuple[tuple[str, str], ...] = ()
    production: Timeline | None = None
    pasted: Timeline | None = None
    alone: Timeline | None = None
