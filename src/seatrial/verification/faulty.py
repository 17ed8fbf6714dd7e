"""What the probes of errors share: nonsense has to be refused, and a refusal is no accident."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.issue import Severity
from seatrial.verification.exchange import Exchange
from seatrial.verification.leaks import leaks
from seatrial.verification.probe import Finding, Unclear, failed, passed

LEAK = "errors.leak"  # the root of every failure where an answer tells too much


def judged(seen: Sequence[tuple[str, Exchange]], control: Exchange | tuple[Exchange, ...]) -> Finding:
    """What the answers to nonsense say: 4xx is right, 5xx an accident, and one that tells too much a leak."""
    broken = [(what, it) for what, it in seen if it.status >= 500]
    for what, exchange in broken:
        if told := leaks(exchange):
            reason = f"{what}: {exchange.status}, and it tells {', '.join(told)}"
            return failed(reason, exchange, root=LEAK, severity=Severity.ERROR)
    if broken:
        said = "; ".join(f"{what}: {it.status}" for what, it in broken)
        return failed(said, *(it for _, it in broken))
    if not seen:
        raise Unclear("nothing could be asked", "a resource whose objects users create")
    return passed(f"{len(seen)} kinds of nonsense are refused", *(it for _, it in seen), control=control)
