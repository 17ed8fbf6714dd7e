"""Removes what an earlier run left behind, from its journal alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.verification.accounts import identity, log_in
from seatrial.verification.api import Accounts, Operation, Resource
from seatrial.verification.client import Client
from seatrial.verification.estate import Estate
from seatrial.verification.given import Given
from seatrial.verification.journal import Journal, read
from seatrial.verification.probe import Unclear
from seatrial.verification.user import User

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was removed and what is still left, by name."""

    url: str
    deleted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    requests: int = 0


def origin_in(path: Path) -> str:
    """The server that a journal is about. Raises UsageError."""
    return str(read(path)[0]["origin"])


def recover(path: Path, given: Given, client: Client) -> Recovery:
    """Remove everything that the journal tells of; the journal goes when nothing is left. Raises UsageError."""
    lines = read(path)
    client.deadline = time.monotonic() + SECONDS
    estate = Estate(client, Journal(path), str(lines[0]["run"]))
    users = _users(lines, given)
    for line in lines:
        _apply(estate, line, users)
    estate.restore({label: _signed_in(estate, user) for label, user in users.items()})
    left = estate.clear()
    return Recovery(client.origin, tuple(estate.deleted), left, client.sent)


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
