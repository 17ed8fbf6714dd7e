"""What the probes of isolation share: the paths at which B tries, A's own look as the control, and writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID, uuid4

from seatrial.issue import Severity
from seatrial.verification.api import thing
from seatrial.verification.estate import Thing
from seatrial.verification.exchange import Exchange
from seatrial.verification.probe import Finding, Unclear, failed, passed, skipped, unclear
from seatrial.verification.session import Session
from seatrial.verification.user import User

REFUSALS = (401, 403, 404, 405, 410)
ITEM = "isolation.item"  # the flaw of looking a thing up by its id alone, whatever is then done with it
OWNERS = ("owner_id", "user_id", "owner", "userId")
NOBODY_ASKED = "The endpoint does not ask who is there."
ASK_FIRST = "Put the dependency that finds the user on the router."
BY_ID_ALONE = "The object is looked up by its id alone, or written before its owner is checked."
BY_OWNER = "Look it up by id and owner at once, and answer 404 where nothing is found."
_WORKING = "a service in which the owner can do it"


def foreign_paths(session: Session, it: Thing) -> tuple[str, ...]:
    """The paths at which B can ask for an object of A's: below A's id, and below B's own where paths name the user."""
    own = session.path_of(it)
    return (own, session.path_of(it, session.b)) if session.resource.by_user else (own,)


def owner_sees(session: Session, it: Thing) -> Exchange:
    """A's own look at its object, as the control. Raises Unclear where A does not see it."""
    exchange = session.read(it)
    if not session.sees(it, exchange) or it.id not in exchange.answer.text:
        raise Unclear(f"{it.owner.label} cannot read its own object: {exchange.status}", _WORKING)
    return exchange


def never_made(it: Thing) -> str:
    """An id like that of the object, which nothing has."""
    try:
        UUID(it.id)
    except ValueError:
        return str(int(it.id) + 1_000_000) if it.id.isdigit() else f"{it.id[:-4]}zzzz"
    return str(uuid4())


def foreign_write(session: Session, method: str) -> Finding:
    """B changes what is A's.

    Judged by A's own look afterwards, since some services answer 404 and write all the same.
    """
    if method not in session.resource.methods:
        return skipped(f"the service has no {method} of one {session.resource.name}")
    mine, marked = session.mine(session.a), session.resource.marked
    first, second = f"{mine.marker} {method} of A", f"{mine.marker} {method} of B"
    allowed = session.send(method, session.path_of(mine), by=session.a, json=_change(session, method, first))
    if allowed.status == 405:
        return skipped(f"the service has no {method} of one {session.resource.name}")
    told = session.body_of(allowed).get(marked) == first
    before = allowed if allowed.good and told else owner_sees(session, mine)
    if not allowed.good or session.body_of(before, mine).get(marked) != first:
        return unclear(f"A's own {method} answered {allowed.status}, without effect", allowed, before, settle=_WORKING)
    change = _change(session, method, second)
    tried = [
        session.send(method, path, by=session.b, json=change, note="writes what is A's")
        for path in foreign_paths(session, mine)
    ]
    after = session.read(mine)
    if not session.sees(mine, after) or session.body_of(after, mine).get(marked) != first:
        restored = _change(session, method, first)
        session.send(method, session.path_of(mine), by=session.a, json=restored, note="puts it right again")
        return failed(f"B changes what is A's: {_statuses(tried)}, and A finds it changed", *tried, after, root=ITEM)
    return _refused(tried, (allowed, before, after), f"B is refused what {method} does for A")


def foreign_delete(session: Session) -> Finding:
    """B deletes what is A's; A looks, then deletes it as a control, and looks again."""
    mine = session.estate.create(session.a)
    tried = [
        session.send("DELETE", path, by=session.b, note="deletes what is A's") for path in foreign_paths(session, mine)
    ]
    after = session.read(mine)
    if not session.sees(mine, after):
        session.estate.gone(mine.number)
        return failed(f"B deletes what is A's: {_statuses(tried)}, and A finds nothing", *tried, after, root=ITEM)
    deleted = session.send("DELETE", session.path_of(mine), by=session.a, note="control: A deletes its own")
    if not deleted.good:
        return unclear(f"A's own DELETE answered {deleted.status}", deleted, settle=_WORKING)
    session.estate.gone(mine.number)
    session.once("deletion", lambda: (mine, after, deleted))
    return _refused(tried, (after, deleted), "B is refused the DELETE that A may do")


def foreign_action(session: Session) -> Finding:
    """B does to A's object what else can be done to it."""
    if not session.resource.actions:
        return skipped("the service has no further operation of one thing")
    method, path = session.resource.actions[0]
    mine = session.mine(session.a)
    before = owner_sees(session, mine)
    owners = (session.a, session.b) if session.resource.by_user else (session.a,)
    places = [session.resource.action_of(path, owner.id, mine.id) for owner in owners]
    tried = [session.send(method, place, by=session.b, note="acts on what is A's") for place in places]
    after = session.read(mine)
    if session.body_of(after, mine) != session.body_of(before, mine):
        return failed(f"B acts on what is A's: {_statuses(tried)}, and A finds it changed", *tried, after, root=ITEM)
    allowed = session.send(method, places[0], by=session.a, note="control: A acts on its own")
    if not allowed.good:
        return unclear(f"A's own {method} {path} answered {allowed.status}", allowed, settle=_WORKING)
    return _refused(tried, (before, after, allowed), f"B is refused {method} {path}")


def _refused(tried: list[Exchange], control: tuple[Exchange, ...], reason: str) -> Finding:
    for it in tried:
        if it.good:
            said = f"the answer to B is {it.status} although nothing changes: a client takes that for done"
            return failed(said, it, *control, severity=Severity.WARNING, root=f"{ITEM}.answer")
        if it.status not in REFUSALS:
            return unclear(f"B is answered {it.status}, which is no refusal", it, settle="the service's own logs")
    return passed(f"{reason}: {_statuses(tried)}", *tried, control=control)


def without_credentials(session: Session, method: str) -> Finding:
    """Nobody in particular writes what is A's, by every method there is; A looks before and afterwards."""
    if method not in session.resource.methods:
        return skipped(f"the service has no {method} of one {session.resource.name}")
    mine = session.mine(session.a)
    tried, after = session.once("anonymous writes", lambda: _anonymous_writes(session, mine))
    if method not in tried:
        said = f"{', '.join(tried)} without credentials is answered well, so that {method} was not asked"
        return unclear(said, *tried.values(), settle="a run after that is mended")
    taken = not session.sees(mine, after) if method == "DELETE" else _anonymous(mine, method) in after.answer.text
    if taken:
        it, root = tried[method], "isolation.anonymous"
        return failed(f"{method} without credentials takes effect: {it.status}", it, after, root=root)
    return closed(tried[method], (after,), f"{method} without credentials is refused")


def _anonymous_writes(session: Session, mine: Thing) -> tuple[dict[str, Exchange], Exchange]:
    tried: dict[str, Exchange] = {}
    for method in ("PATCH", "PUT", "DELETE"):
        if method in session.resource.methods:
            change = None if method == "DELETE" else _change(session, method, _anonymous(mine, method))
            tried[method] = session.send(method, session.path_of(mine), json=change, note="without credentials")
            if method != "DELETE" and tried[method].good:
                break  # the next would hide what this one did
    after = session.read(mine)
    if not session.sees(mine, after):
        session.forget("mine A")
        session.estate.gone(mine.number)
    return tried, after


def _anonymous(mine: Thing, method: str) -> str:
    return f"{mine.marker} {method} of nobody"


def closed(tried: Exchange, control: tuple[Exchange, ...], reason: str) -> Finding:
    """What a request without credentials shows that ought to be refused with 401."""
    if tried.status in (401, 403):
        return passed(f"{reason}: {tried.status}", tried, control=control)
    if tried.good:
        return failed(f"without credentials the answer is {tried.status}", tried, root="isolation.anonymous")
    if tried.status in (404, 405):
        return passed(f"{reason}: {tried.status}, where 401 says more", tried, control=control)
    return unclear(f"without credentials the answer is {tried.status}, not 401", tried, settle="an answer of 401")


def _change(session: Session, method: str, text: str) -> Mapping[str, object]:
    body: Mapping[str, object] = {session.resource.marked: text}
    return body if method == "PATCH" else {**session.resource.template, **body}


def claims_of_owner(user: User) -> dict[str, object]:
    """Fields by which a body or a query may claim that something is `user`'s."""
    owner: object = int(user.id) if user.id.isdigit() else user.id
    return dict.fromkeys(OWNERS, owner)


def owners_in(exchange: Exchange, key: str) -> dict[str, str]:
    """What an answer says of whose its object is."""
    body = thing(exchange.answer.json, key)
    return {name: str(body[name]) for name in OWNERS if name in body}


def shape(exchange: Exchange, identity: str) -> str:
    """Status and body of an answer without what differs from one id to another."""
    document = exchange.answer.json
    text = json.dumps(document, sort_keys=True) if document is not None else exchange.answer.text
    volatile = ("request_id", "requestId", "trace_id", "timestamp", "instance")
    if isinstance(document, dict):
        text = json.dumps({key: it for key, it in document.items() if key not in volatile}, sort_keys=True)
    return f"{exchange.status} {text.replace(identity, '<id>')}"


def _statuses(tried: list[Exchange]) -> str:
    return " and ".join(str(it.status) for it in tried)
