"""What a run would do, told without sending anything."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.options import VerifyOptions
from seatrial.verification.given import Given
from seatrial.verification.probe import Need, Probe
from seatrial.verification.registry import all_probes
from seatrial.verification.session import is_local
from seatrial.verification.suite import chosen

FOR_ITSELF = 45  # requests for finding out what there is, for two users, and for cleaning up: at most
_GIVEN = {
    Need.FRONTEND: "--frontend ORIGIN",
    Need.HOOK: "--db-down CMD --db-up CMD",
    Need.BROWSER: "--browser",
    Need.SECRET: "SEATRIAL_JWT_SECRET",
    Need.HTTPS: "an https URL",
    Need.REMOTE: "a URL that is not on this machine",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One probe of the plan; `lacks` says what it would take and is not given, "" where it can be asked."""

    probe: Probe
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, in order. `identities` says how the two users would come about."""

    url: str
    frontend: str
    identities: str
    steps: tuple[Step, ...]
    budget: int
    writes: bool

    @property
    def most(self) -> int:
        """The most requests that would be sent."""
        extra = sum(it.probe.extra for it in self.steps if not it.lacks)
        return min(self.budget, FOR_ITSELF + sum(it.probe.requests for it in self.steps if not it.lacks)) + extra


def plan(url: str, origin: str, options: VerifyOptions, given: Given) -> Plan:
    """The plan of a run. Raises UsageError for a probe that does not exist."""
    absent = _absent(origin, options, given)
    steps = tuple(
        Step(it, next((absent[need] for need in it.needs if need in absent), ""))
        for it in chosen(options, all_probes())
    )
    writes = (not given.tokens and not given.accounts) or any(it.probe.writes for it in steps)
    return Plan(url, options.frontend or "", _identities(given), steps, options.budget, writes)


def _absent(origin: str, options: VerifyOptions, given: Given) -> dict[Need, str]:
    there = {
        Need.FRONTEND: options.frontend is not None,
        Need.HOOK: bool(options.db_down and options.db_up),
        Need.BROWSER: options.browser,
        Need.SECRET: bool(given.secret),
        Need.HTTPS: origin.startswith("https:"),
        Need.REMOTE: not is_local(origin),
    }
    return {need: _GIVEN[need] for need, given_ in there.items() if not given_}


def _identities(given: Given) -> str:
    if given.tokens:
        return "the tokens that are given"
    if given.accounts:
        return "the accounts that are given"
    own = "two accounts of its own, made by the service's sign-up and deleted at the end"
    return f"{own}; without one, tokens signed with the key that is given" if given.secret else own
