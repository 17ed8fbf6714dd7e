"""Removes what an earlier run left behind, from its journal alone.

A journal may come from anywhere. What it says of the service and its objects is only ever asked of the server that it
names; a person's own credentials are sent there, and its command is run, only where this user's seal is on it, or where
a person says the same on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.verification.accounts import identity, log_in
from seatrial.verification.api import Accounts, Operation, Resource
from seatrial.verification.clearing import clear
from seatrial.verification.client import Client, Unreachable, origin_of
from seatrial.verification.estate import Estate
from seatrial.verification.given import Given
from seatrial.verification.hooks import BACK_S, run_hook
from seatrial.verification.journal import Journal, is_ours, read
from seatrial.verification.probe import Unclear
from seatrial.verification.seal import is_sealed
from seatrial.verification.user import User

SECONDS = 60.0
WELL_S = 30.0  # for a service to find its database again
_PAUSE_S = 0.5
_NOT_OURS = (
    "the database: this user did not write the journal on this machine, so that its command is not run; "
    "--db-up CMD names the one that brings it back"
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was removed and what is still left, by name. `ran` is the command that brought the database back."""

    url: str
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    requests: int = 0
    ran: str = ""


def origin_in(path: Path) -> str:
    """The server that a journal is about. Raises UsageError."""
    try:
        return origin_of(str(read(path)[0]["origin"]))
    except ValueError as error:
        raise UsageError(f"{path} is no journal of seatrial verify: {error}") from None


def recover(path: Path, given: Given, client: Client, back: str = "") -> Recovery:
    """Remove everything that the journal tells of; the journal goes when nothing is left.

    `given` are a person's own credentials, `back` a person's own command that brings the database back. Raises
    UsageError.
    """
    lines = read(path)
    estate = Estate(client, Journal(path), str(lines[0]["run"]))
    users = _users(lines, given)
    try:
        for line in lines:
            _apply(estate, line, users)
        ran = _bring_back(estate, _outage(lines), back)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is damaged: {type(error).__name__}: {error}") from None
    client.deadline = client.clock.now() + SECONDS
    estate.restore({label: _signed_in(estate, user) for label, user in users.items()})
    left = clear(estate)
    return Recovery(client.origin, tuple(estate.deleted), left, client.sent, ran)


def check_trust(path: Path, given: Given, origin: str) -> None:
    """Whether a person's credentials may go where the journal says. Raises UsageError where they may not.

    They may where the journal bears this user's seal, or where the person names the same server: `origin`.
    """
    own = given.accounts or given.tokens
    if own and not is_ours(read(path)) and origin != origin_in(path):
        raise UsageError(
            f"this user did not write {path} on this machine: to send credentials to {origin_in(path)} all the same, "
            f"name it: seatrial verify {origin_in(path)} --cleanup {path}"
        )


def _outage(lines: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The line of a database that was taken away and did not come back."""
    last = [it for it in lines if it["event"] in ("database-away", "database-back")][-1:]
    return next((it for it in last if it["event"] == "database-away"), None)


def _bring_back(estate: Estate, outage: Mapping[str, Any] | None, back: str) -> str:
    """Bring the database back where the run ended before it did. Returns the command that did, "" for none."""
    if outage is None:
        return ""
    command = back or str(outage["back"])
    estate.client.patient = False
    if not back and not is_sealed(outage.get("seal"), "away", estate.run, command):
        estate.away = _NOT_OURS
        return ""
    try:
        run_hook(command, "--db-up", BACK_S)
    except Unclear as problem:
        estate.away = f"the database: {problem.reason}"
        return ""
    estate.database_back()
    _until_well(estate.client, str(outage["health"]))
    return command


def _until_well(client: Client, health: str) -> None:
    """A service takes a moment to find its database again. One that does not is for the clean-up to tell."""
    client.deadline = client.clock.now() + WELL_S
    with suppress(Unclear):
        while True:
            with suppress(Unreachable):
                if client.send("GET", health, note="asks whether the database is back", paced=False).good:
                    return
            client.limit += 1
            client.wait(_PAUSE_S)


def _users(lines: list[Mapping[str, Any]], given: Given) -> dict[str, User]:
    """The users of the run: those that a person gave, and those that the run made."""
    users = {it.label: it for it in (*given.accounts, *given.tokens)}
    for line in lines:
        if line["event"] == "account":
            label = str(line["label"])
            users[label] = User(label, email=str(line["email"]), password=str(line["password"]), made=True)
    return users


def _signed_in(estate: Estate, user: User) -> User:
    """The user with a credential; as it is where it cannot sign in, which is for the clean-up to say."""
    try:
        if user.headers:
            return User(user.label, identity(estate.client, estate.accounts, user), token=user.token)
        return log_in(estate.client, estate.accounts, user)
    except Unclear:
        return user


def _apply(estate: Estate, line: Mapping[str, Any], users: Mapping[str, User]) -> None:
    """Play one line of the journal again."""
    match line["event"]:
        case "service":
            estate.resource = _resource(line["resource"])
            estate.accounts = _accounts(line["accounts"])
        case "thing":
            owner = users.get(str(line["owner"]), User(str(line["owner"])))
            estate.resume_thing(int(line["number"]), str(line["marker"]), owner)
        case "made":
            estate.resume_made(int(line["number"]), str(line["id"]))
        case "gone":
            estate.resume_gone(int(line["number"]))
        case "account":
            estate.resume_user(users[str(line["label"])])
        case "registered":
            estate.resume_registered(str(line["label"]))
        case "closed":
            estate.resume_closed(str(line["label"]))
        case _:
            return


def _resource(facts: Mapping[str, Any] | None) -> Resource | None:
    if facts is None:
        return None
    actions = tuple((str(method), str(path)) for method, path in facts["actions"])
    return Resource(
        **{**facts, "methods": frozenset(facts["methods"]), "query": tuple(facts["query"]), "actions": actions}
    )


def _accounts(facts: Mapping[str, Any]) -> Accounts:
    known: dict[str, Any] = {name: _operation(it) if isinstance(it, dict) else it for name, it in facts.items()}
    return Accounts(**known)


def _operation(facts: Mapping[str, Any]) -> Operation:
    return Operation(**{**facts, "query": tuple(facts["query"])})
