"""Runs the probes one after another, and believes no pass that shows nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from seatrial.verification.client import Interrupted, Spent
from seatrial.verification.evidence import shown
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Need, Probe, Unclear, Verdict, skipped, unclear
from seatrial.verification.results import Result
from seatrial.verification.session import Session
from seatrial.verification.user import User

Watcher = Callable[[Result], None]
MOST_SHOWN = 4  # exchanges that a report shows of one probe
CONTROLS = 2  # requests at the end, by which a refusal is seen to be none of everybody


def run_probes(session: Session, probes: Iterable[Probe], watch: Watcher) -> tuple[tuple[Result, ...], bool]:
    """What each probe found, in order, and whether somebody interrupted the run. `watch` hears of each as it ends."""
    results: list[Result] = []
    interrupted = False
    session.client.kept += CONTROLS
    for probe in probes:
        try:
            result = Result(probe, Verdict.SKIPPED, "the run was interrupted", probe.severity)
            result = result if interrupted else _run(session, probe)
        except Interrupted:
            interrupted = True
        results.append(result)
        watch(result)
    session.client.kept -= CONTROLS
    session.client.limit += max(0, CONTROLS - session.client.left)  # or else nothing that was refused is believed
    if not interrupted:
        results = confirmed(session, results)
    return grouped(results), interrupted


def confirmed(session: Session, results: list[Result]) -> list[Result]:
    """The results, in which a refusal counts only where both users are still let in at the end."""
    leaning = [it for it in results if it.verdict is Verdict.PASS and it.probe.group in ("isolation", "jwt")]
    if not leaning:
        return results
    problems = {group: _still_in(session, group) for group in dict.fromkeys(it.probe.group for it in leaning)}
    settle = "run it once more, with --select for the group"
    return [
        replace(it, verdict=Verdict.INCONCLUSIVE, reason=problems[it.probe.group], settle=settle)
        if it in leaning and problems[it.probe.group]
        else it
        for it in results
    ]


def _still_in(session: Session, group: str) -> str:
    """What is wrong with the last controls of a group, "" for nothing. Tokens are only ever tried in A's place."""
    try:
        for user, path in _doors(session)[: 1 if group == "jwt" else None]:
            last = _control(session, user, path)
            if not last.good:
                return f"{user.label} is let in no more at the end: {last.status}"
    except Interrupted:
        return "the run was interrupted before its last control"
    except Unclear as unknown:
        return f"the last control was not made: {unknown.reason}"
    return ""


def _control(session: Session, user: User, path: str) -> Exchange:
    name = f"control: {user.label} still let in"
    return session.once(name, lambda: session.send("GET", path, by=user, note="control: still let in"))


def _doors(session: Session) -> list[tuple[User, str]]:
    doors = [(session.a, session.place)]
    if len(session.users) > 1 and session.api.resource and session.api.resource.listed:
        doors.append((session.b, session.api.resource.listing_of(session.b.id)))
    return doors


def chosen(options: VerifyOptions, probes: Iterable[Probe]) -> tuple[Probe, ...]:
    """The probes that are asked for, in the order of the run. Raises UsageError for a name that is none."""
    there = tuple(probes)
    known = {name for probe in there for name in (probe.id, probe.group)}
    strange = [it for it in (*options.select, *options.ignore) if it not in known]
    if strange:
        raise UsageError(f"there is no probe or group {strange[0]!r}; `seatrial verify URL --plan` lists them")
    wanted = [it for it in there if not options.select or {it.id, it.group} & set(options.select)]
    return tuple(it for it in wanted if not {it.id, it.group} & set(options.ignore))


def _run(session: Session, probe: Probe) -> Result:
    began, before = time.monotonic(), session.client.sent
    finding = _missing(session, probe) or _check(session, probe)
    finding = _believed(session, finding, before)
    return Result(
        probe=probe,
        verdict=finding.verdict,
        reason=session.secrets.hide(finding.reason),
        severity=finding.severity or probe.severity,
        evidence=tuple(shown(it, session.secrets) for it in finding.seen[:MOST_SHOWN]),
        controls=tuple(shown(it, session.secrets) for it in finding.control[:MOST_SHOWN]),
        cause=(finding.cause or probe.cause) if finding.verdict is Verdict.FAIL else "",
        fix=(finding.fix or probe.fix) if finding.verdict is Verdict.FAIL else "",
        settle=finding.settle,
        facts=tuple(session.secrets.hide(it) for it in finding.facts),
        root=finding.root or probe.id,
        requests=session.client.sent - before,
        seconds=round(time.monotonic() - began, 3),
    )


def _check(session: Session, probe: Probe) -> Finding:
    client = session.client
    client.extra += probe.extra
    sent = client.sent
    try:
        return probe.check(session)
    except Spent as problem:
        return Finding(Verdict.INCONCLUSIVE, problem.reason, settle=problem.settle)
    except Unclear as problem:
        return unclear(problem.reason, settle=problem.settle)
    except Exception as error:  # noqa: BLE001 - one probe's mistake must not take the others along
        mistake = f"the probe stumbled over its own mistake: {type(error).__name__}: {error}"
        return unclear(mistake, settle="please report it")
    finally:
        # What it was lent and did not use is taken back.
        client.extra -= max(0, probe.extra - (client.sent - sent))


def _believed(session: Session, finding: Finding, before: int) -> Finding:
    """A pass that shows no answer of its own, or no control, is none."""
    if finding.verdict is not Verdict.PASS:
        return finding
    ledger = session.client.ledger
    if not finding.seen or not finding.control:
        return unclear(f"nothing shows that {finding.reason}", settle="please report it")
    if not all(_happened(it, ledger) for it in (*finding.seen, *finding.control)):
        return unclear("what the probe shows never went over the wire", settle="please report it")
    return finding


def _happened(exchange: Exchange, ledger: list[Exchange]) -> bool:
    return any(it is exchange for it in ledger)


def _missing(session: Session, probe: Probe) -> Finding | None:
    """What the probe stands on and this run does not have."""
    for need in probe.needs:
        lack = _LACKS[need](session)
        if lack:
            return skipped(*lack)
    return None


def _no_user(session: Session) -> tuple[str, str] | None:
    return None if session.users else ("there are no users", _USERS)


def _no_two(session: Session) -> tuple[str, str] | None:
    return None if len(session.users) > 1 else ("there are no two users", _USERS)


def _no_token(session: Session) -> tuple[str, str] | None:
    if not session.users:
        return _no_user(session)
    return None if session.users[0].jwt else ("the users carry no JSON Web Token", "")


def _no_thing(session: Session) -> tuple[str, str] | None:
    if session.api.resource:
        return None
    if session.api.operations:
        return "no operations make, show and delete the same kind of thing", "name one in verify.toml"
    return "no resource is known that users create", "--openapi FILE"


def _public(session: Session) -> tuple[str, str] | None:
    """What a service shows everybody is kept from nobody. Whether that is meant so is for a person to say."""
    it = session.api.resource
    lacking = f"the schema lets everybody read a {it.name}" if it and it.public else ""
    return (lacking, "verify.toml, with a [resource] that is private") if lacking else None


_USERS = "give two accounts as SEATRIAL_USER_A and SEATRIAL_USER_B (email:password)"
_LACKS: dict[Need, Callable[[Session], tuple[str, str] | None]] = {
    Need.USER: _no_user,
    Need.TWO_USERS: _no_two,
    Need.THING: _no_thing,
    Need.PRIVATE: _public,
    Need.TOKEN: _no_token,
    Need.SECRET: lambda it: None if it.signing_key else ("the signing key is not known", "SEATRIAL_JWT_SECRET"),
    Need.FRONTEND: lambda it: None if it.options.frontend else ("no front end is named", "--frontend ORIGIN"),
    Need.REMOTE: lambda it: None if it.remote else ("the server is on this machine", "run it against the deployment"),
    Need.HTTPS: lambda it: None if it.origin.startswith("https:") else ("the URL is not https", "an https URL"),
    Need.LOGIN: lambda it: None if it.api.accounts.login else ("no operation takes a password", "--openapi FILE"),
    Need.HEALTH: lambda it: None if it.api.health else ("no health endpoint was found", "--openapi FILE"),
    Need.HOOK: lambda it: (
        None if it.options.db_down and it.options.db_up else ("no database hook is given", "--db-down CMD --db-up CMD")
    ),
    Need.BROWSER: lambda it: None if it.options.browser else ("no browser was asked for", "--browser"),
}


def grouped(results: list[Result]) -> tuple[Result, ...]:
    """The results, in which the second failure of one flaw points at the first."""
    first: dict[str, str] = {}
    told = []
    for it in results:
        same = first.setdefault(it.root, it.probe.id) if it.verdict is Verdict.FAIL else it.probe.id
        told.append(it if same == it.probe.id else replace(it, same_as=same))
    return tuple(told)
