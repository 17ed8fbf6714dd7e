"""Whose fault a missing module is: the backend's own path, the folder it is started in, or a package not declared."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePosixPath

from seatrial.libraries.sqlalchemy_drivers import DRIVER_MODULES
from seatrial.rules.case import Case
from seatrial.rules.distributions import is_well_known, normalised, requirement_for
from seatrial.rules.nearest import nearest_modules
from seatrial.rules.roots import missing_root
from seatrial.rules.shadows import shadow_behind
from seatrial.rules.statements import use_at
from seatrial.simulation.timeline import MissingModule, MissingSymbol, Reach


class Kind(Enum):
    """Which rule explains a missing module."""

    OWN = "a module of the backend, asked for where it is not"
    ROOT = "the backend's own package, whose folder is not on the path"
    API = "a module that an installed distribution does not have"
    UNDECLARED = "a distribution that is not there"
    SHADOW = "a module that a file of the backend hides"
    DRIVER = "what SQLAlchemy loads for a database"
    TARGET = "what the server was told to start"


def kind_of(case: Case, fault: MissingModule) -> Kind:
    """Which rule explains it; each missing module belongs to exactly one."""
    top = fault.name.partition(".")[0]
    if not fault.importer and fault.distribution is None:
        return Kind.TARGET
    if shadow_behind(case, fault) is not None:
        return Kind.SHADOW
    if fault.name in DRIVER_MODULES | {"greenlet"} and fault.distribution in ("sqlalchemy", "sqlmodel"):
        return Kind.DRIVER
    if fault.distribution is not None:
        return Kind.UNDECLARED
    if missing_root(case, fault.name) is not None:
        return Kind.ROOT
    if fault.first_party or top in case.code.tops:
        return Kind.OWN
    if "." in fault.name:
        return Kind.API
    if case.is_declared(top) or (is_well_known(top) and not case.code.is_own(top)):
        return Kind.UNDECLARED
    return Kind.OWN if top in _BY_CUSTOM or _is_around(case, fault) or _is_near(case, fault) else Kind.UNDECLARED


# What backends call their own modules. The package index has something under most of these names, which nobody means.
_BY_CUSTOM = frozenset(
    """api app apps auth backend common config configs constants controllers core crud database db dependencies deps
    entities handlers helpers infrastructure lib libs main middleware middlewares migrations model models modules
    repositories repository router routers routes schema schemas security server service services settings shared src
    tasks tests utils views""".split()
)


def reach_behind(case: Case, reach: Reach) -> Reach:
    """From where something is reached, where the start is stopped by one of the backend's own modules not found.

    Then much is reached by nothing only because nothing gets that far.
    """
    if reach is not Reach.UNREACHED:
        return reach
    faults = (it.fault for it in case.timeline.mishaps if it.reach is Reach.BOOT)
    lost = any(isinstance(it, MissingModule) and kind_of(case, it) in (Kind.OWN, Kind.ROOT) for it in faults)
    return Reach.BOOT if lost else reach


def _is_around(case: Case, fault: MissingModule) -> bool:
    """Whether a folder around the file that asks has this name: a path that starts too far up."""
    top = fault.name.partition(".")[0]
    places = (it.location.path for it in case.timeline.mishaps if it.fault == fault)
    return any(top in PurePosixPath(path).parts[:-1] for path in places)


def _is_near(case: Case, fault: MissingModule) -> bool:
    """Whether the backend holds a module that this import, by name and by what it asks for, plainly means."""
    for mishap in case.timeline.mishaps:
        if isinstance(mishap.fault, MissingModule) and mishap.fault.name == fault.name:
            use = use_at(case.code, mishap.location, fault.name)
            if use is not None and nearest_modules(case.code, use.module, use.symbols):
                return bool(use.symbols) or not is_well_known(fault.name)
    return False


def is_echo(case: Case, fault: MissingSymbol) -> bool:
    """Whether a missing name is only the missing module of the same statement once more (`import a.b as c`)."""
    name = f"{fault.module}.{fault.symbol}"
    return any(isinstance(it.fault, MissingModule) and it.fault.name == name for it in case.timeline.mishaps)


def felt_missing(case: Case) -> frozenset[str]:
    """The normalised names of distributions whose lack the start feels; `missing-distribution` tells of them."""
    faults = (mishap.fault for mishap in case.timeline.mishaps)
    return frozenset(normalised(requirement_for(it.name)) for it in faults if isinstance(it, MissingModule))
