"""One run from the first request to the last: arrive, discover, get two users, ask, clean up."""

from __future__ import annotations

import secrets
import signal
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
from seatrial.verification.clearing import clear
from seatrial.verification.client import Client, Interrupted, Unreachable, origin_of
from seatrial.verification.clock import SYSTEM, Clock
from seatrial.verification.credentials import given_by
from seatrial.verification.discovery import discover
from seatrial.verification.estate import Estate, Refused
from seatrial.verification.exchange import Exchange
from seatrial.verification.given import Given
from seatrial.verification.identities import called, identify
from seatrial.verification.probe import Unclear
from seatrial.verification.redaction import Secrets
from seatrial.verification.registry import all_probes
from seatrial.verification.results import Result, Verification
from seatrial.verification.session import Session
from seatrial.verification.suite import chosen, run_probes

FOR_CLEAN_UP_S = 20.0  # beyond the time of the run
_FIRST_S = 30.0  # for the first answer, since a service may have to wake up
_PAUSE_S = 1.0  # between two looks at a service that is not well yet
_STEADY = 3  # looks in a row at which a fresh deployment has to be well: some answer once, and fall over
ARRIVAL = "/health"
_NOBODY: Callable[[Result], None] = lambda _: None  # noqa: E731 - a value, as SILENT is


@dataclass(frozen=True, slots=True)
class Ears:
    """Who wants to hear of the run while it goes on."""

    progress: Progress = SILENT
    watch: Callable[[Result], None] = _NOBODY


def verify(
    url: str,
    options: VerifyOptions,
    routes: Sequence[Operation] = (),
    ears: Ears = Ears(),
    clock: Clock = SYSTEM,
) -> Verification:
    """Try a live URL. Raises UsageError where nothing answers there, or what was given cannot be used."""
    began = clock.now()
    origin = origin_at(url)
    client = Client(origin, limit=options.budget, deadline=began + options.wait_s + options.seconds, clock=clock)
    with listening(client):
        try:
            found = _run(client, options, routes, ears)
        finally:
            client.close()
    return replace(found, url=url, duration_s=round(clock.now() - began, 3))


def origin_at(url: str) -> str:
    """The origin of the service. Raises UsageError for what is no URL."""
    try:
        return origin_of(url)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _run(client: Client, options: VerifyOptions, routes: Sequence[Operation], ears: Ears) -> Verification:
    run = secrets.token_hex(4)
    session = _session(client, options, run)
    found = Verification(client.origin, (), require=options.require, fail_level=options.fail_level or Severity.ERROR)
    results: tuple[Result, ...] = ()
    interrupted = False
    try:
        found = _prepare(session, found, routes, ears)
        ears.progress.step("asking")
        results, interrupted = run_probes(session, chosen(options, all_probes()), ears.watch)
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
        journal=str(session.estate.journal.path) if session.estate.journal.path.exists() else "",
        requests=client.sent,
        interrupted=interrupted or client.signals > 0,
    )


def _session(client: Client, options: VerifyOptions, run: str) -> Session:
    journal = journals.begin(run, client.origin, options.journals)
    estate = Estate(client, journal, run, leftover=options.allow_leftover)
    return Session(client, estate, Api(""), options, Secrets())


def _prepare(session: Session, found: Verification, routes: Sequence[Operation], ears: Ears) -> Verification:
    client, options = session.client, session.options
    given = given_by(options, session.estate.run)
    ears.progress.step(f"waiting for {client.origin}")
    began = client.clock.now()
    session.arrival, well = arrive(client, options.wait_s, ears.progress)
    ears.progress.step("finding out what it offers")
    session.api = as_given(discover(client, options, routes), given)
    if options.wait_s and session.api.health and session.api.health[0] != ARRIVAL:
        well = _well_there(client, options.wait_s + began - well, ears.progress, session.api.health[0]) or well
    client.deadline = client.clock.now() + options.seconds
    settle_api(session)
    ears.progress.step("getting two users")
    session.secrets.add(given.secret, "signing key")
    session.signing_key = given.secret.encode()
    identities = identify(session, given)
    session.users, session.without_users = identities.users, identities.reason
    limits = identities.limits + ((f"There are no two users: {identities.reason}.",) if identities.reason else ())
    settle_resource(session)
    unlearnt = learn(session)
    limits += (f"Nothing is made: {unlearnt}.",) if unlearnt else ()
    return replace(
        found,
        frontend=options.frontend or "",
        source=session.api.source,
        identities=identities.how,
        limits=limits,
        waited_s=round(well - began, 1),
        first_s=round(session.arrival.answer.seconds, 3),
    )


def as_given(api: Api, given: Given) -> Api:
    """What is known of the service, corrected by what a person says of it."""
    accounts = replace(
        api.accounts, login=given.login or api.accounts.login, token_at=given.token_at, carrier=given.carrier
    )
    return replace(
        api, accounts=accounts, resource=given.resource or api.resource, others=() if given.resource else api.others
    )


def settle_api(session: Session) -> None:
    """Let the estate know what the service offers, and the journal what a later clean-up needs."""
    api, estate = session.api, session.estate
    estate.resource, estate.accounts = api.resource, api.accounts
    resource = asdict(api.resource) | {"methods": sorted(api.resource.methods)} if api.resource else None
    estate.journal.write("service", resource=resource, accounts=asdict(api.accounts))


def settle_resource(session: Session) -> None:
    """Take another resource where users are not allowed to make one of the first: that is for administrators."""
    while session.users and session.api.others and session.api.resource and session.api.resource.marked:
        try:
            session.mine(session.a)
            return
        except Unclear as problem:
            if not (isinstance(problem, Refused) and problem.exchange.status in (401, 403)):
                return
        session.forget("mine A")
        session.api = replace(session.api, resource=session.api.others[0], others=session.api.others[1:])
        settle_api(session)
        session.users = tuple(called(session, it) for it in session.users)


def learn(session: Session) -> str:
    """What the fields of the resource are, where nothing has told them. Returns why they cannot be learnt, "" else."""
    resource = session.api.resource
    if resource is None or resource.marked or not session.users:
        return ""
    try:
        learnt = session.estate.learn(session.users[0])
    except Unclear as problem:
        session.api = replace(session.api, resource=None)
        return problem.reason
    session.api = replace(session.api, resource=learnt)
    settle_api(session)
    return ""


def arrive(client: Client, wait_s: float, progress: Progress, path: str = ARRIVAL) -> tuple[Exchange, float]:
    """The first answer of a service that is well, and when that was, by the client's clock. Raises UsageError.

    A service is well when it answers, and not with an error of its own (5xx); where it is waited for, several times in
    a row. One that is not waited for is taken as it is.
    """
    began, row = client.clock.now(), list[tuple[Exchange, float]]()
    while True:
        passed = client.clock.now() - began
        said, exchange = _look(client, path)
        row = [*row, (exchange, began + passed)] if exchange and not said else []
        if exchange and not wait_s:
            return exchange, began
        if len(row) == _STEADY:
            return row[0]
        client.limit += 1  # waiting is no part of the budget
        if not row and passed + _PAUSE_S >= wait_s:
            raise UsageError(said + (f", after {passed:.0f} s" if wait_s else ""))
        progress.step(f"waiting for {client.origin}: {passed:.0f} s")
        client.wait(_PAUSE_S)


def _well_there(client: Client, wait_s: float, progress: Progress, path: str) -> float | None:
    """When the health endpoint of the service became well; None where it is from the first look."""
    began = client.clock.now()
    moment = arrive(client, wait_s, progress, path)[1]
    return moment if moment - began >= _PAUSE_S else None


def _look(client: Client, path: str) -> tuple[str, Exchange | None]:
    """What is wrong with the service, "" for nothing, and its answer."""
    try:
        exchange = client.send("GET", path, note="arrives", paced=False, patience_s=_FIRST_S)
    except Unreachable as problem:
        return problem.reason, None
    # Railway's edge answers 404 in the name of a service that is not there yet.
    absent = exchange.answer.header("x-railway-fallback") == "true"
    wrong = exchange.status >= 500 or absent
    return (f"{exchange.request.url} answers {exchange.status}" if wrong else ""), exchange


def _clean_up(session: Session, ears: Ears) -> tuple[str, ...]:
    ears.progress.step("cleaning up")
    client = session.client
    client.interrupted, client.cleaning = False, True
    client.deadline = max(client.deadline, client.clock.now()) + FOR_CLEAN_UP_S
    return tuple(session.secrets.hide(it) for it in clear(session.estate))


@contextmanager
def listening(client: Client) -> Iterator[None]:
    """Ctrl-C, SIGTERM and the end of the terminal end the request that is under way; what was made is still removed."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        client.interrupt()

    names = [signal.SIGINT, signal.SIGTERM]
    # `nohup` has it ignored, and so it stays.
    hang_up = getattr(signal, "SIGHUP", None)
    names += [hang_up] if hang_up and signal.getsignal(hang_up) is not signal.SIG_IGN else []
    try:
        before = [(it, signal.signal(it, end)) for it in names]
    except ValueError:  # not in the main thread: whoever owns that decides
        before = []
    try:
        yield
    finally:
        for name, handler in before:
            signal.signal(name, handler)
