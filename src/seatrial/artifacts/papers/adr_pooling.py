"""The decision on pooling, for a backend on PostgreSQL: a small pool in the server before the pooled endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.records import Decision, record
from seatrial.artifacts.survey import Survey


def draft(survey: Survey) -> Iterator[Draft]:
    """The record."""
    if survey.data.engine != "postgresql":
        return
    decision = Decision(
        slug="pool-connections-twice",
        title="The server keeps a small pool before Neon's pooled endpoint; migrations go past it",
        context=(
            "Neon's compute suspends after five minutes and allows few connections; its pooled endpoint takes thousands, "
            "and pools by transaction, so that what belongs to a session (LISTEN, SET, prepared statements by name) does not "
            "survive. A connection costs 5 to 30 ms of TLS and password check each time it is made."
        ),
        decision=(
            "The server uses the pooled URL with a pool as large as the requests that it works on at once, and little "
            "overflow; connections are checked before use and renewed before the database suspends. Migrations use the "
            "direct URL. docker-compose.yml puts PgBouncer in the same place, in the same mode."
        ),
        alternatives=(
            "No pool in the server (NullPool): every request pays for a connection.",
            "The direct URL: each replica takes connections that the database has few of.",
            "Pooling by session: gives back nothing while a client is connected.",
        ),
        consequences="Nothing in the code may rely on a session. Pool size and replicas are chosen together.",
        evidence=_evidence(survey),
    )
    yield from record(survey, decision)


def _evidence(survey: Survey) -> str:
    said = {True: "set", False: "not set"}
    pool = f"`pool_pre_ping` is {said[survey.data.pre_ping]}, `pool_recycle` is {said[survey.data.recycle]} in the code"
    cache = f"; `statement_cache_size` is {said[survey.data.caches_off]}" if survey.data.asyncpg else ""
    return f"On the day of this record {pool}{cache}. neon.com: connect/connection-pooling, connect/connection-latency."


PAPER = Paper("adr-pooling", "decision record: pooling", tuple(Purpose), draft, order=61)
