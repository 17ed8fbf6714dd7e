"""The health endpoint tells when the database is gone

## What it asks
It lets `--db-down` take the database away, asks until the endpoint says so, lets `--db-up` bring it back, and asks
until all is well again.

## What is right
503 within a few seconds, with nothing given away; 200 again afterwards, without a restart.

## Why it matters
This is the only proof that the endpoint asks the database. One that is always green keeps a broken service in
traffic and wakes nobody up.

## How to mend it
Let the endpoint run `SELECT 1` on the pool that the service uses, with a short timeout, and answer 503 where that
fails. `pool_pre_ping=True` lets the pool recover.

## Reference
draft-inadarei-api-health-check-06, section 3.1
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.issue import Severity
from seatrial.verification.client import Unreachable
from seatrial.verification.exchange import Exchange
from seatrial.verification.hooks import AWAY_S, BACK_S, run_hook
from seatrial.verification.leaks import leaks
from seatrial.verification.probe import Finding, Need, Probe, Unclear, failed, passed
from seatrial.verification.pulse import endpoint, pulse
from seatrial.verification.session import Session

TURNS = 12  # questions until the endpoint has to have noticed
PAUSE_S = 0.5


def check(session: Session) -> Finding:
    """Take the database away, and bring it back."""
    before = pulse(session)
    if not before.good:
        raise Unclear(f"the endpoint answers {before.status} with the database there", "a service that is healthy")
    back = session.options.db_up or ""
    session.estate.database_away(back, endpoint(session))
    try:
        run_hook(session.options.db_down or "", "--db-down", AWAY_S)
        noticed = _until(session, lambda it: it.status >= 500)
    finally:
        run_hook(back, "--db-up", BACK_S)
        session.estate.database_back()
    after = _until(session, lambda it: it.good)
    return _judge(before, noticed, after)


def _judge(before: Exchange, noticed: Exchange, after: Exchange) -> Finding:
    if noticed.good:
        return failed("the database is gone, and the endpoint says that all is well", noticed)
    if noticed.status != 503:
        return failed(f"it answers {noticed.status} and not 503", noticed, severity=Severity.WARNING)
    if told := leaks(noticed):
        return failed(f"without the database it tells {', '.join(told)}", noticed, root="health.told-too-much")
    if not after.good:
        return failed(f"the database is back, and the endpoint still answers {after.status}", after)
    return passed("503 without the database, 200 with it", noticed, after, control=before)


def _until(session: Session, holds: Callable[[Exchange], bool]) -> Exchange:
    """The first answer of which it holds, else the last one. A service that gives none is asked again."""
    last: Exchange | None = None
    for turn in range(TURNS):
        if turn:
            session.wait(PAUSE_S)
        try:
            last = session.send("GET", endpoint(session), note="asks while the database changes", paced=False)
        except Unreachable:
            continue
        if holds(last):
            return last
    if last is None:
        raise Unclear("the endpoint gave no answer while the database changed", "a longer time to answer")
    return last


PROBE = Probe(
    id="health.outage",
    name="The health endpoint tells when the database is gone",
    check=check,
    severity=Severity.ERROR,
    reference="draft-inadarei-api-health-check-06",
    requirements=("D2", "C5", "C8"),
    requests=2 * TURNS + 1,
    extra=2 * TURNS,
    cause="The endpoint does not ask the database, or hides what it heard.",
    fix="Run `SELECT 1` on the service's own pool, with a short timeout; answer 503 where it fails.",
    needs=(Need.HEALTH, Need.HOOK),
    rank=7,
)
