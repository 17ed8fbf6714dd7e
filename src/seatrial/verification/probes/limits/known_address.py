"""The login does not tell who has an account

## What it asks
Signs in with a wrong password: at A's address, and at one that nobody has; three times each, in turn.

## What is right
The same answer, after about the same time.

## Why it matters
Lists of customers are worth money by themselves, and a known address is half of a login. An answer that comes
sooner where no password had to be compared tells it as well.

## How to mend it
One sentence for both, and compare the password with a fixed hash where there is no account.

## Reference
CWE-204; CWE-208; OWASP WSTG-IDNT-04
"""

from __future__ import annotations

import re

from seatrial.issue import Severity
from seatrial.verification.controls import alive
from seatrial.verification.doorbell import ring
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, failed, passed, skipped, unclear
from seatrial.verification.session import Session

PAIRS = 3
SOONER_S = 0.08  # in every pair


def check(session: Session) -> Finding:
    """Ring at both, in turn."""
    if not session.a.email:
        return skipped("A's address is not known", "SEATRIAL_USER_A (email:password)")
    other = f"{session.estate.marker()}@example.com"
    pairs = []
    for _ in range(PAIRS):
        pairs.append((ring(session, session.a.email, "A's address"), ring(session, other, "nobody")))
        if any(it.status == 429 for it in pairs[-1]):
            return unclear("the limit was met first", *pairs[-1], settle="a minute of patience")
    return _judge(session, pairs)


def _judge(session: Session, pairs: list[tuple[Exchange, Exchange]]) -> Finding:
    known, unknown = pairs[0]
    if known.status != unknown.status or _said(known) != _said(unknown):
        reason = f"{known.status} for a known address, {unknown.status} for another: the answers differ"
        return failed(reason, known, unknown)
    gaps = [one.answer.seconds - two.answer.seconds for one, two in pairs]
    facts = (f"a known address takes {min(gaps) * 1000:.0f} to {max(gaps) * 1000:.0f} ms longer",)
    if min(gaps) > SOONER_S:
        return failed("an unknown address is refused sooner, each time", known, unknown, facts=facts)
    return passed("both get the same answer", known, unknown, control=alive(session), facts=facts)


def _said(exchange: Exchange) -> str:
    """The answer without what differs in every answer: the address itself, ids, numbers."""
    return re.sub(r"[\w.+-]+@[\w.-]+|[0-9a-f-]{32,}|\d+", "", exchange.answer.text)


PROBE = Probe(
    id="limits.known-address",
    name="The login does not tell who has an account",
    check=check,
    severity=Severity.NOTE,
    reference="CWE-204, CWE-208, WSTG-IDNT-04",
    requirements=("D3",),
    requests=2 * PAIRS,
    cause="The answers differ, or the password is compared for known addresses only.",
    fix="One sentence for both, and a comparison with a fixed hash where there is no account.",
    needs=(Need.LOGIN, Need.USER),
    rank=8,
)
