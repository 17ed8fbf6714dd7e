"""Removes everything that a run made at the server, and sees that it is gone."""

from __future__ import annotations

from seatrial.verification.accounts import Denied, delete_account, log_in
from seatrial.verification.api import things
from seatrial.verification.client import Interrupted
from seatrial.verification.estate import ACCOUNT, PREFIX, Estate, account_of
from seatrial.verification.probe import Unclear
from seatrial.verification.user import User


def clear(estate: Estate) -> tuple[str, ...]:
    """Remove everything. Returns what is left, named; removes the journal if nothing is."""
    client = estate.client
    needed, client.reserve, estate.clearing = client.reserve, 0, True
    client.limit += max(0, needed - client.left)  # what was made is removed, whatever it takes
    left: list[str] = []
    try:
        left += _clear_things(estate)
        left += _clear_users(estate)
    except Interrupted:
        left = [estate.named(number) for number in estate.made]
        left += [account_of(it) for it in estate.guests.values()]
    left += [estate.away] if estate.away else []
    if all(_is_allowed(estate, it) for it in left):
        estate.journal.remove()
    return tuple(left)


def _is_allowed(estate: Estate, left: str) -> bool:
    return estate.leftover and not estate.accounts.ends_surely and left.startswith(ACCOUNT)


def _clear_things(estate: Estate) -> list[str]:
    left = []
    owners = {owner.label: owner for _, owner, _ in estate.made.values()} | estate.guests
    for number in list(estate.made):
        try:
            _remove(estate, number)
        except Unclear as problem:
            left.append(f"{estate.named(number)} ({problem.reason})")
    for owner in owners.values():
        _sweep(estate, owner)
    return left


def _remove(estate: Estate, number: int) -> None:
    marker, owner, identity = estate.made[number]
    found = [identity] if identity else _search(estate, owner, marker)
    for it in found:
        path = estate.kind().item_of(owner.id, it)
        exchange = estate.client.send("DELETE", path, headers=owner.headers, by=owner.label)
        if not (exchange.good or exchange.status in (404, 410)):
            raise Unclear(f"DELETE {path} answered {exchange.status}")
    if found and not identity:
        estate.made[number] = (marker, owner, found[0])
        estate.created.append(estate.named(number))
    estate.gone(number, told=bool(found))


def _sweep(estate: Estate, owner: User) -> None:
    """Whatever else carries the mark of this run: a broken service may have made more than it said."""
    try:
        for identity in _search(estate, owner, f"{PREFIX}-{estate.run}-"):
            path = estate.kind().item_of(owner.id, identity)
            if estate.client.send("DELETE", path, headers=owner.headers, by=owner.label).good:
                estate.deleted.append(f"{estate.kind().name} {identity} of {owner.label}")
    except Unclear:
        return


def _search(estate: Estate, owner: User, marker: str) -> list[str]:
    resource = estate.kind()
    if not resource.listed:
        raise Unclear(f"nothing lists what {owner.label} has made, so that it cannot be looked for")
    path = resource.listing_of(owner.id)
    exchange = estate.client.send("GET", path, headers=owner.headers, by=owner.label)
    if not exchange.good:
        raise Unclear(f"GET {path} answered {exchange.status}")
    found = [it for it in things(exchange.answer.json) if marker in str(it.get(resource.marked, ""))]
    return [str(it[resource.key]) for it in found if resource.key in it]


def _clear_users(estate: Estate) -> list[str]:
    left = []
    for label, user in list(estate.guests.items()):
        try:
            known = user if user.token or user.cookies else log_in(estate.client, estate.accounts, user)
            delete_account(estate.client, estate.accounts, known)
        except Unclear as problem:
            if isinstance(problem, Denied) and label not in estate.registered:
                estate.closed(label)  # who cannot sign in was never made
                continue
            left.append(f"{account_of(user)} ({problem.reason})")
        else:
            estate.told(account_of(user))
            estate.closed(label)
    return left
