"""How a hazard of production is seen from outside: frozen descriptions, which the harness of the tests acts on.

Each describes what shows the hazard: it is there for a rule's `bad`, and neither for its `good` nor once the fix is
applied. Nothing here sends or runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, sent `times` times; the last answer counts. `{}` in a text is filled with the try's number."""

    path: str
    method: str = "GET"
    headers: Pairs = ()
    body: str | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Answers:
    """What the server, really started, answers; everything that is given holds of the last answer.

    `before` are sent first; what the JSON body of one holds by the key `token` fills `{token}` in the later headers.
    `lacks` are headers that it does not have, `header` one that it has with this value, `contains` a part of its body.
    """

    request: Request
    status: int | None = None
    header: tuple[str, str] | None = None
    lacks: tuple[str, ...] = ()
    contains: str = ""
    before: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True)
class Listens:
    """Where the server listens, started with this PORT in a network of its own: not where a platform looks for it."""

    port: int = 4321


@dataclass(frozen=True, slots=True)
class Outlives:
    """The server goes on when the process that the platform started is asked to end by SIGTERM."""


@dataclass(frozen=True, slots=True)
class Differs:
    """A request that is answered otherwise each time, where it should not be."""

    path: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A request that is answered, and fails once the database has ended every connection: a suspend, a restart."""

    path: str


@dataclass(frozen=True, slots=True)
class Redeployed:
    """A request that is answered, and fails after the server was stopped and started again beside the same database."""

    path: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """While the answer to `path` waits for another, the server answers nobody else.

    `by` is what it waits for: a `partner` that accepts the connection and says nothing, at the variable PARTNER_URL,
    or a query of the `database` that sleeps (`pg_sleep`).
    """

    path: str
    by: Literal["partner", "database"]


@dataclass(frozen=True, slots=True)
class Prints:
    """A text that stands in the server's log, once it has started and answered `request` where one is given."""

    text: str
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Whether git leaves a file out (`git check-ignore`): `ignored` is the state that is the hazard."""

    path: str
    ignored: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """What the file's real client says of it: a YAML reader of a Procfile, hadolint of a Dockerfile, detect-secrets."""

    path: str
    client: Literal["yaml", "hadolint", "detect-secrets"]
    says: str


@dataclass(frozen=True, slots=True)
class Starts:
    """How a start ends under variables that production may well have: with this exception, or in a server.

    `variables` are added to those that the papers document; `copied` is a file that is first copied to another, as it
    stands, and then alone decides what is set; `folder` is where the command is run, relative to the project.
    `exception` None means that it serves, which then is the hazard.
    """

    variables: Pairs = ()
    exception: str | None = None
    folder: str = "."
    copied: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class InImage:
    """What a command prints in a container of the Dockerfile's image, or what the image says of itself.

    `prints` is a pattern that the whole output fits. `inspect` is a template of `docker image inspect`, asked instead
    of a command. The image is built without the steps that install packages, which take a minute and change neither.
    """

    prints: str
    command: tuple[str, ...] = ()
    inspect: str = ""


@dataclass(frozen=True, slots=True)
class Drifts:
    """The installer takes other releases of what the manifest declares today than it took on that day (ISO).

    A manifest that could not be installed on that day, since it pins what came later, does not drift.
    """

    since: str


@dataclass(frozen=True, slots=True)
class Probes:
    """The path that a file has a platform ask for (what the pattern's group finds) is not answered with 200."""

    file: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Cited:
    """What only the platform itself could show: the claim rests on its documentation or source, which is named here.

    The examples have to serve all the same, and the rule's documentation has to name the source too.
    """

    source: str


Observation = (
    Answers
    | Differs
    | Interrupted
    | Redeployed
    | Blocked
    | Listens
    | Outlives
    | Prints
    | Ignored
    | Refused
    | Starts
    | InImage
    | Drifts
    | Probes
    | Cited
)
