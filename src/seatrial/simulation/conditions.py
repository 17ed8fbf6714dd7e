"""The start under other conditions than the documented ones.

A variable that no paper names stops the start where it is asked for, and hides everything behind it. So the start is
played once more with such variables set to values of the right form: what is gone then hangs on them, what is new was
hidden. A third play has the database URL as Neon's console gives it. Every further play is of files read already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from seatrial.issue import Location
from seatrial.project import dotenv
from seatrial.project.files import Source
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import EnvRead, Kind, StandIn
from seatrial.project.settings_values import is_postgres_url, on_stand_in, placeholder
from seatrial.simulation.simulator import Simulator
from seatrial.simulation.stage import Scene
from seatrial.simulation.timeline import Mishap, RaisedByCode, Reach, Refusal, Timeline

NEON = (
    "user:password@ep-cool-name-12345678-pooler.eu-central-1.aws.neon.tech/app?sslmode=require&channel_binding=require"
)
_STEPS = 800_000  # nodes that all plays of one search may take together
_TRANSLATES = re.compile(r"""replace\(\s*["']postgres|startswith\(\s*\(?["']postgres|set\(\s*drivername""")
_DRIVER = re.compile(r"postgresql\+\w+(?=://)")


def play_conditions(scene: Scene) -> tuple[Simulator, Timeline]:
    """The start as documented, with what lies behind the variables that no paper names."""
    plays = _Plays(scene)
    sim, stated = plays.with_variables({})
    supplied = plays.supplied(stated)
    if supplied:
        sim, filled = plays.with_variables(supplied)
        stated = plays.merged(stated, filled, supplied)
    production, pasted = plays.production(supplied)
    alone = plays.alone(supplied)
    found = tuple(supplied.items())
    return sim, replace(stated, supplied=found, production=production, pasted=pasted, alone=alone)


@dataclass(frozen=True)  # no slots: what is read once is kept
class _Plays:
    """Plays of one scene with some variables more."""

    scene: Scene

    def with_variables(self, further: Mapping[str, str]) -> tuple[Simulator, Timeline]:
        """The start with these set in the process; the same ones are played once."""
        asked = frozenset(further.items())
        if asked not in self._played:
            self._played[asked] = replace(self.scene, variables={**self.scene.variables, **further}).play()
        return self._played[asked]

    @cached_property
    def _played(self) -> dict[frozenset[tuple[str, str]], tuple[Simulator, Timeline]]:
        return {}

    @cached_property
    def reads(self) -> tuple[EnvRead, ...]:
        """What the served code reads and the documented environment does not give, or gives empty."""
        given = {name for name, value in self.given.items() if value}
        reads = (read for read in self.scene.settings.reads if not is_apart(read.location.path))
        return tuple(read for read in reads if not any(read.accepts(name) for name in given))

    @cached_property
    def given(self) -> Mapping[str, str]:
        """The variables of the process and of the dotenv files, by name."""
        found: dict[str, str] = {}
        for path, text in self.scene.files.items():
            if path not in self.scene.unread:
                found.update({name: value or "" for name, value in dotenv.values(text).items()})
        return {**found, **self.scene.variables}

    # -- what has to be set ----------------------------------------------------------------------------------------

    def supplied(self, stated: Timeline) -> dict[str, str]:
        """The variables that the start cannot do without, each with a value of the right form."""
        required = [read for read in self.reads if read.required and not self._is_given(read)]
        values = {read.name: self.value_for(read.name) for read in required}
        filled = self.with_variables(values)[1] if values else stated
        suspects = [mishap for mishap in filled.mishaps if _may_hang_on_a_variable(mishap)]
        return {**values, **self._needed(suspects, values)} if suspects else values

    def _is_given(self, read: EnvRead) -> bool:
        return any(read.accepts(name) for name in self.given)

    def _needed(self, suspects: Sequence[Mishap], values: Mapping[str, str]) -> dict[str, str]:
        """Further variables without which one of these mishaps happens, found by leaving each out."""
        optional = [read for read in self.reads if read.name not in values and read.default in (None, "''", '""')]
        further = {read.name: self.value_for(read.name) for read in optional}
        if not further or self._takes_too_long(len(further)):
            return {}
        left = _places(self.with_variables({**values, **further})[1].mishaps)
        cured = [mishap for mishap in suspects if _place(mishap) not in left]
        if not cured:
            return {}
        return {name: value for name, value in further.items() if self._breaks(name, cured, {**values, **further})}

    def _takes_too_long(self, plays: int) -> bool:
        """Whether so many plays are more than one search is worth, going by the one as documented."""
        return self.with_variables({})[0].player.steps * plays > _STEPS

    def _breaks(self, name: str, mishaps: Sequence[Mishap], values: Mapping[str, str]) -> bool:
        rest = {other: value for other, value in values.items() if other != name}
        return bool(_places(mishaps) & _places(self.with_variables(rest)[1].mishaps))

    def value_for(self, name: str) -> str:
        """A value of the right form; a database URL as the code or its comments write it."""
        reads = self.scene.settings.of(name)
        kind = next((read.kind for read in reads if read.kind is not Kind.TEXT), Kind.TEXT)
        if kind is Kind.DATABASE_URL:
            return on_stand_in(f"{self._scheme(reads)}://", StandIn())
        return placeholder(name, kind, reads)

    def _scheme(self, reads: Iterable[EnvRead]) -> str:
        for path in dict.fromkeys(read.location.path for read in reads):
            source = self.scene.trees.sources.get(path)
            text = source.text if isinstance(source, Source) else ""
            named = _DRIVER.search(text)
            if named is not None and _TRANSLATES.search(text) is None:
                return named[0]
        return "postgresql"

    # -- what hangs on what ----------------------------------------------------------------------------------------

    def merged(self, stated: Timeline, filled: Timeline, supplied: Mapping[str, str]) -> Timeline:
        """Both plays as one: what is gone with the variables set names them, what was hidden comes behind it."""
        left = {_identity(mishap) for mishap in filled.mishaps}
        gone = [mishap for mishap in stated.mishaps if _identity(mishap) not in left]
        named = self._named(gone, filled, supplied)
        known = {_identity(mishap): index for index, mishap in enumerate(stated.mishaps)}
        ordered: list[tuple[int, int, Mishap]] = [(known[_identity(m)], 0, replace(m, reads=named[m])) for m in gone]
        common = [known[_identity(mishap)] for mishap in filled.mishaps if _identity(mishap) in known]
        first = min(common, default=len(stated.mishaps))
        at = max((index for _, _, it in ordered if (index := known[_identity(it)]) < first), default=0)
        for number, mishap in enumerate(filled.mishaps, 1):
            at = max(at, known.get(_identity(mishap), at))
            ordered.append((at, number, mishap))
        mishaps = tuple(mishap for _, _, mishap in sorted(ordered, key=lambda item: item[:2]))
        return replace(filled, boot=stated.boot, mishaps=mishaps)

    def _named(
        self, gone: Sequence[Mishap], filled: Timeline, supplied: Mapping[str, str]
    ) -> dict[Mishap, tuple[str, ...]]:
        """The variables that each mishap hangs on: those it names itself, else those without which it comes back."""
        found = {mishap: self._said(mishap, supplied) for mishap in gone}
        silent = [mishap for mishap in gone if not found[mishap]]
        if not silent or self._takes_too_long(len(supplied)):
            return {mishap: names or tuple(supplied) for mishap, names in found.items()}
        before = {_identity(mishap) for mishap in filled.mishaps}
        for name in supplied:
            rest = {other: value for other, value in supplied.items() if other != name}
            without = self.with_variables(rest)[1]
            back = {_place(it) for it in without.mishaps if _identity(it) not in before}
            for mishap in silent:
                if _place(mishap) in back:
                    found[mishap] = (*found[mishap], name)
        return {mishap: names or tuple(supplied) for mishap, names in found.items()}

    def _said(self, mishap: Mishap, supplied: Mapping[str, str]) -> tuple[str, ...]:
        """The variables that a library's refusal or a KeyError names."""
        if isinstance(mishap.fault, Refusal):
            said = dict(mishap.fault.details).get("variables", mishap.fault.subject).split(",")
        else:
            said = [mishap.failure.message.strip("'\"")]
        folded = {name.lower(): name for name in supplied}
        return tuple(dict.fromkeys(folded[name.lower()] for name in said if name.lower() in folded))

    # -- the database's URL as Neon gives it -----------------------------------------------------------------------

    def production(self, supplied: Mapping[str, str]) -> tuple[Timeline | None, Timeline | None]:
        """The start with each database URL on Neon: with the driver that a paper names, and as the console shows it."""
        urls = {read.name for read in self.scene.settings.reads if read.kind is Kind.DATABASE_URL}
        urls |= {name for name, value in {**self.given, **supplied}.items() if is_postgres_url(value)}
        values = {**self.given, **supplied}
        neon = {name: _on_neon(_value(values, name)) for name in urls if "TEST" not in name.upper()}
        if not neon:
            return None, None
        plain = dict.fromkeys(neon, f"postgresql://{NEON}")
        pasted = self._with({**supplied, **plain}) if plain != neon else None
        return self._with({**supplied, **neon}), pasted

    def _with(self, variables: Mapping[str, str]) -> Timeline:
        return replace(self.with_variables(variables)[1], supplied=tuple(variables.items()))

    def alone(self, supplied: Mapping[str, str]) -> Timeline:
        """The start with everything set, to which no service answers; what one hides is seen once that one does."""
        sim, answered = self.with_variables(supplied)
        if not sim.asked_services:
            return answered
        scene = replace(self.scene, variables={**self.scene.variables, **supplied}, alone=True)
        timeline = scene.play()[1]
        while found := _silent(timeline) - scene.answering:
            scene = replace(scene, answering=scene.answering | found)
            behind = [it for it in scene.play()[1].mishaps if _unanswered(it)]
            timeline = replace(timeline, mishaps=(*timeline.mishaps, *behind))
        return timeline


def _unanswered(mishap: Mishap) -> bool:
    return isinstance(mishap.fault, Refusal) and mishap.fault.kind == "unreachable"


def _silent(timeline: Timeline) -> frozenset[str]:
    """The services that a start waited for in vain, by their libraries."""
    faults = (mishap.fault for mishap in timeline.mishaps if _unanswered(mishap))
    return frozenset(fault.library for fault in faults if isinstance(fault, Refusal))


def _value(values: Mapping[str, str], name: str) -> str:
    return values.get(name) or next((value for key, value in values.items() if key.lower() == name.lower()), "")


def _on_neon(value: str) -> str:
    scheme = value.partition("://")[0] if is_postgres_url(value) and "+" in value.partition("://")[0] else "postgresql"
    return f"{scheme}://{NEON}"


def _may_hang_on_a_variable(mishap: Mishap) -> bool:
    return mishap.reach in (Reach.BOOT, Reach.STARTUP) and isinstance(mishap.fault, RaisedByCode | Refusal)


def _place(mishap: Mishap) -> tuple[str, int, str]:
    return mishap.location.path, mishap.location.line, mishap.failure.exception


def _places(mishaps: Iterable[Mishap]) -> set[tuple[str, int, str]]:
    return {_place(mishap) for mishap in mishaps}


def _identity(mishap: Mishap) -> tuple[Location, str, str]:
    return mishap.location, mishap.failure.exception, mishap.failure.message
