"""The health endpoint takes the time that the database takes

## What it asks
Forty times in turn: a path that does not exist, the health endpoint, and a read of A's that needs the database. It is
not asked where `--db-down` and `--db-up` give proof.

## What is right
The endpoint takes longer than the path that does not exist, by at least a third of what the read takes longer.

## Why it matters
An endpoint that is as quick as a path that does not exist does not ask the database, whatever its body says. This is
evidence, no proof: a suspicion is a warning, and what lies between is not judged.

## How to mend it
Let the endpoint run `SELECT 1` on the pool that the service uses.

## Reference
Paired comparison; sign test with 40 pairs
"""

from __future__ import annotations

from statistics import median

from seatrial.issue import Severity
from seatrial.verification.controls import nowhere
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.pulse import endpoint, pulse
from seatrial.verification.session import Session

PAIRS = 40
DEEP, SHALLOW = 0.35, 0.15  # the endpoint's share of the time that a read takes longer
SIGNS = 28  # of 40 that point one way by chance in 1 of 100 cases
HOOK = "--db-down CMD --db-up CMD prove it"


def check(session: Session) -> Finding:
    """Ask in turn, and compare the times."""
    if session.options.db_down and session.options.db_up:
        return skipped("the database hook proves more")
    healthy, nothing, door = pulse(session), nowhere(session), session.door.opened
    if not healthy.good:
        return unclear(f"the endpoint answers {healthy.status}", healthy, settle="a service that is healthy")
    rounds = [_round(session) for _ in range(PAIRS)]
    if any(it.status == 429 for one in rounds for it in one):
        return unclear("the server limits the rate", settle=HOOK)
    return _judge(rounds, healthy, (nothing, door))


def _round(session: Session) -> tuple[Exchange, Exchange, Exchange]:
    missing = f"/{session.estate.marker('nowhere')}"
    return (
        session.send("GET", missing, note="a path that does not exist", paced=False),
        session.send("GET", endpoint(session), note="the health endpoint", paced=False),
        session.send("GET", session.door.path, by=session.a, note="a read of the database", paced=False),
    )


def _judge(
    rounds: list[tuple[Exchange, Exchange, Exchange]], healthy: Exchange, control: tuple[Exchange, Exchange]
) -> Finding:
    health = median(two.answer.seconds - one.answer.seconds for one, two, _ in rounds)
    read = median(three.answer.seconds - one.answer.seconds for one, _, three in rounds)
    slower = sum(two.answer.seconds > one.answer.seconds for one, two, _ in rounds)
    share = health / read if read > 0 else 0.0
    facts = (
        f"longer than a path that does not exist: a read {read * 1000:.1f} ms, the endpoint {health * 1000:.1f} ms",
        f"share {share:.2f}; in {slower} of {len(rounds)} pairs the endpoint is the slower one",
    )
    if read <= 0:
        return unclear("a read takes no longer than a path that does not exist", healthy, settle=HOOK, facts=facts)
    if share >= DEEP and slower >= SIGNS:
        return passed("it takes the time of a question to the database", healthy, control=control, facts=facts)
    if share <= SHALLOW and slower < SIGNS:
        return failed("it is as quick as a path that does not exist", healthy, *control, facts=facts)
    return unclear("its depth is not proven", healthy, settle=HOOK, facts=facts)


PROBE = Probe(
    id="health.latency",
    name="The health endpoint takes the time that the database takes",
    check=check,
    severity=Severity.WARNING,
    reference="paired comparison, sign test",
    requirements=("D2", "C5"),
    requests=3 * PAIRS + 4,
    extra=3 * PAIRS,
    cause="The endpoint seems not to ask the database.",
    fix="Run `SELECT 1` on the service's own pool; then prove it with --db-down and --db-up.",
    needs=(Need.HEALTH, Need.USER),
    rank=6,
)
