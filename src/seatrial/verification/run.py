"""One run from the first request to the last: arrive, discover, get two users, ask, clean up."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import FrameType

from seatrial.errors import UsageError
from seatrial.issue import Severity
from seatrial.options import VerifyOptions
from seatrial.progress import SILENT, Progress
from seatrial.verification import journal as journals
from seatrial.verification.api import Api, Operation
from seatrial.verification.client import Client, Interrupted, Unreachable, origin_of
from seatrial.verification.credentials import from_environment
from seatrial.verification.discovery import discover
from seatrial.verification.estate import Estate
from seatrial.verification.identities import identify
from seatrial.verification.probe import Probe, Unclear
from seatrial.verification.redaction import Secrets
from seatrial.verification.registry import all_probes
from seatrial.verification.results import Result, Verification
from seatrial.verification.session import Session
from seatrial.verification.suite import run_probes

FOR_CLEAN_UP_S = 20.0  # beyond the time of the run
_NOBODY: Callable[[Result], None] = lambda _: None  # noqa: E731 - a value, as SILENT is


@dataclass(frozen=True, slots=True)
class Ears:
    """Who wants to hear of the run while it goes on."""

    progress: Progress = SILENT
    watch: Callable[[Result], None] = _NOBODY


def verify(url: str, options: VerifyOptions, routes: Sequence[Operation] = (), ears: Ears = Ears()) -> Verification:
    """Try a live URL. Raises UsageError where nothing answers there, or what was given cannot be used."""
    began = time.monotonic()
    try:
        origin = origin_of(url)
    except ValueError as error:
        raise UsageError(str(error)) from None
    client = Client(origin, limit=options.budget, deadline=began + options.wait_s + options.seconds)
    with _listening(client):
        try:
            found = _run(client, options, routes, ears)
        finally:
            client.close()
    return replace(found, url=url, duration_s=round(time.monotonic() - began, 3))


def _run(client: Client, options: VerifyOptions, routes: Sequence[Operation], ears: Ears) -> Verification:
    run = secrets.token_hex(4)
    session = _session(client, options, run)
    found = Verification(client.origin, (), require=options.require, fail_level=options.fail_level or Severity.ERROR)
    results: tuple[Result, ...] = ()
    interrupted = False
    try:
        found = _prepare(session, found, routes, ears)
        ears.progress.step("asking")
        results, interrupted = run_probes(session, chosen(options), ears.watch)
    except Interrupted:
        interrupted = True
    finally:
        left = _clean_up(session, ears)
    return replace(
        found,
        results=results,
        created=tuple(session.estate.created),
        deleted=tuple(session.estate.deleted),
        left=left,
        journal=str(session.estate.journal.path) if left else "",
        requests=client.sent,
        interrupted=interrupted,
    )


def _session(client: Client, options: VerifyOptions, run: str) -> Session:
    journal = journals.begin(run, client.origin, options.journals)
    estate = Estate(client, journal, run)
    return Session(client, estate, Api(""), options, Secrets())


def _prepare(session: Session, found: Verification, routes: Sequence[Operation], ears: Ears) -> Verification:
    client, options = session.client, session.options
    ears.progress.step(f"waiting for {client.origin}")
    session.arrival = _arrive(client)
    ears.progress.step("finding out what it offers")
    session.api = discover(client, options, routes)
    settle_api(session)
    ears.progress.step("getting two users")
    given = from_environment(session.estate.run, dict(options.credentials))
    session.secrets.add(given.secret, "signing key")
    session.signing_key = given.secret.encode()
    identities = identify(session, given)
    session.users, session.without_users = identities.users, identities.reason
    limits = identities.limits + ((f"There are no two users: {identities.reason}.",) if identities.reason else ())
    learn(session)
    return replace(
        found,
        frontend=options.frontend or "",
        source=session.api.source,
        identities=identities.how,
        limits=limits,
        first_s=round(session.arrival.answer.seconds, 3),
    )


def settle_api(session: Session) -> None:
    """Let the estate know what the service offers, and the journal what a later clean-up needs."""
    api, estate = session.api, session.estate
    estate.resource, estate.accounts = api.resource, api.accounts
    resource = asdict(api.resource) | {"methods": sorted(api.resource.methods)} if api.resource else None
    estate.journal.write("service", resource=resource, accounts=asdict(api.accounts))


def learn(session: Session) -> None:
    """What the fields of the resource are, where nothing has told them."""
    resource = session.api.resource
    if resource is None or resource.marked or not session.users:
        return
    try:
        learnt = session.estate.learn(session.users[0])
    except Unclear as problem:
        session.api = replace(session.api, resource=None)
        session.without_users = session.without_users or problem.reason
        return
    session.api = replace(session.api, resource=learnt)
    settle_api(session)


def _arrive(client: Client):  # type: ignore[no-untyped-def]
    try:
        return client.send("GET", "/health", note="arrives", patience_s=30.0)
    except Unreachable as problem:
        raise UsageError(problem.reason) from None


def chosen(options: VerifyOptions) -> tuple[Probe, ...]:
    """The probes that were asked for, in the order of the run. Raises UsageError for a name that is none."""
    probes = all_probes()
    known = {name for probe in probes for name in (probe.id, probe.group)}
    strange = [it for it in (*options.select, *options.ignore) if it not in known]
    if strange:
        raise UsageError(f"there is no probe or group {strange[0]!r}; `seatrial verify URL --plan` lists them")
    wanted = [it for it in probes if not options.select or {it.id, it.group} & set(options.select)]
    return tuple(it for it in wanted if not {it.id, it.group} & set(options.ignore))


def _clean_up(session: Session, ears: Ears) -> tuple[str, ...]:
    ears.progress.step("cleaning up")
    client = session.client
    client.interrupted = False
    client.deadline = max(client.deadline, time.monotonic()) + FOR_CLEAN_UP_S
    return session.estate.clear()


@contextmanager
def _listening(client: Client) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the request that is under way, and what was made is still removed."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        client.interrupt()

    names = [signal.SIGINT, signal.SIGTERM]
    try:
        before = [(it, signal.signal(it, end)) for it in names]
    except ValueError:  # not in the main thread: whoever owns that decides
        before = []
    try:
        yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)
