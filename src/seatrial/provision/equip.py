"""The whole leg: which environment a backend is judged in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.issue import Location
from seatrial.provision.environment import Environment, Unusable, named_environment, own_environment
from seatrial.provision.interpreter import Interpreter, find_interpreter
from seatrial.provision.requirements import relative
from seatrial.provision.resolution import Request, resolve
from seatrial.provision.versions import Wish


@dataclass(frozen=True, slots=True)
class Order:
    """What is known of a backend that decides its environment: all of it plain values and paths.

    `python` is `--python`; `wishes` are the declared Python versions, the most binding first. The rest is as in
    `resolution.Request`.
    """

    root: Path
    backend: Path
    python: str | None = None
    wishes: tuple[Wish, ...] = ()
    requirement_files: tuple[Path, ...] = ()
    requirements: tuple[str, ...] = ()
    places: dict[str, Location] = field(default_factory=dict)
    pyproject: Path | None = None
    pyproject_settings_only: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    lock: Path | None = None
    preferred: Path | None = None
    as_of: date | None = None
    offline: bool = False
    allow_builds: bool = False
    everything: bool = False
    ignore_own: bool = False
    first: bool = False


def equip(order: Order) -> Environment:
    """The backend's own environment, or the one that its declarations give.

    An `--as-of` day asks for a resolved one. With `--python 3.12` the backend's own counts only if it is a 3.12.

    Raises:
        UsageError: `--python` names something that is not there, or no interpreter can be found at all.

    """
    if order.python is not None:
        named = named_environment(order.python, order.root)
        if named is not None:
            return named
    own, refused = (None, ()) if _wants_fresh(order) else own_environment(order.backend, order.root)
    if own is not None and _is_of_version(own, order):
        return replace(own, note=_joined(_refusals(refused, order.root), own.note))
    interpreter = find_interpreter(order.python, order.wishes)
    environment = resolve(_request(order, interpreter))
    return replace(environment, note=_joined(_refusals(refused, order.root), interpreter.note, environment.note))


def complete(order: Order, environment: Environment) -> Environment:
    """The environment with what was skipped installed as well: a start needs it, reading does not."""
    if not environment.skipped:
        return environment
    return resolve(_request(replace(order, everything=True), environment.interpreter))


def _wants_fresh(order: Order) -> bool:
    return order.ignore_own or order.as_of is not None


def _is_of_version(own: Environment, order: Order) -> bool:
    if order.python is None:
        return True
    try:
        return find_interpreter(order.python).executable == own.interpreter.executable
    except UsageError:
        return own.interpreter.version == tuple(map(int, order.python.split(".")))


def _request(order: Order, interpreter: Interpreter) -> Request:
    return Request(
        interpreter=interpreter,
        root=order.root,
        requirement_files=order.requirement_files,
        requirements=order.requirements,
        places=order.places,
        pyproject=order.pyproject,
        pyproject_settings_only=order.pyproject_settings_only,
        extras=order.extras,
        groups=order.groups,
        lock=order.lock,
        preferred=order.preferred,
        as_of=order.as_of,
        offline=order.offline,
        allow_builds=order.allow_builds,
        everything=order.everything,
        first=order.first,
    )


def _refusals(refused: Sequence[Unusable], root: Path) -> str:
    return "; ".join(f"{relative(one.directory, root)} is not used: {one.reason}" for one in refused)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
