"""What a probe is given: the server, the two users, what is theirs, and what was learnt so far.

    session.send("GET", "/tasks", by=session.a)          one request, its exchange
    session.a, session.b                                  the users; Unclear where there are none
    session.mine(session.a)                               an object of A's, made once for all probes
    session.door                                          a path that opens to A and is closed to nobody; with its proof
    session.place                                         that path, or A's list where nothing is closed to nobody
    session.once("name", function)                        computed once, shared by all probes
    session.frontend, session.origin, session.remote      where the front end and the server are

Whatever is missing raises `Unclear`, which makes the probe inconclusive with that reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

from seatrial.options import VerifyOptions
from seatrial.verification.api import Api, Resource, thing, things
from seatrial.verification.client import Client
from seatrial.verification.estate import Estate, Thing
from seatrial.verification.exchange import NOBODY, Exchange, Headers
from seatrial.verification.probe import Unclear
from seatrial.verification.redaction import Secrets
from seatrial.verification.user import User

T = TypeVar("T")
_DOORS = 3  # private paths that are tried beyond those that everything is known of
_NO_USERS = "two users settle it: SEATRIAL_USER_A and SEATRIAL_USER_B (email:password), or a sign-up that is found"


@dataclass(frozen=True, slots=True)
class Door:
    """A path that is private: `refused` is the answer to nobody (401 or 403), `opened` that to user A."""

    path: str
    refused: Exchange
    opened: Exchange


@dataclass(slots=True)
class Session:
    """One run. `users` holds A and B as far as they were got, `arrival` is the first exchange with the server."""

    client: Client
    estate: Estate
    api: Api
    options: VerifyOptions
    secrets: Secrets
    users: tuple[User, ...] = ()
    without_users: str = ""
    arrival: Exchange | None = None
    signing_key: bytes = b""
    _memory: dict[str, object] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        *,
        by: User | None = None,
        headers: Headers = (),
        json: object = None,
        body: bytes = b"",
        note: str = "",
        paced: bool = True,
        patience_s: float | None = None,
    ) -> Exchange:
        """One request. `json` is sent as JSON, `body` as it is; `note` says in a few words what is special about it.

        Raises Unclear (no answer, or the budget is used up), which a probe may let pass.
        """
        if json is not None:
            body, headers = _dumped(json), headers + (("Content-Type", "application/json"),)
        who = by.label if by else NOBODY
        carried = (by.headers if by else ()) + headers
        return self.client.send(
            method, path, headers=carried, body=body, by=who, note=note, paced=paced, patience_s=patience_s
        )

    def wait(self, seconds: float) -> None:
        """Let time pass; an interruption ends it."""
        self.client.wait(seconds)

    def once(self, name: str, function: Callable[[], T]) -> T:
        """The value of `function`, computed when it is first asked for; its Unclear is remembered as well."""
        if name not in self._memory:
            try:
                self._memory[name] = function()
            except Unclear as problem:
                self._memory[name] = problem
        value = self._memory[name]
        if isinstance(value, Unclear):
            raise value
        return cast(T, value)

    def forget(self, name: str) -> None:
        """Let what was computed once be computed anew."""
        self._memory.pop(name, None)

    @property
    def a(self) -> User:
        """The first user. Raises Unclear."""
        return self._user(0)

    @property
    def b(self) -> User:
        """The second user. Raises Unclear."""
        return self._user(1)

    def _user(self, place: int) -> User:
        if len(self.users) <= place:
            raise Unclear(self.without_users or f"there is no user {'AB'[place]}", _NO_USERS)
        return self.users[place]

    @property
    def resource(self) -> Resource:
        """What users can create. Raises Unclear."""
        if self.api.resource is None:
            raise Unclear("no resource is known that a user can create and read", "--openapi FILE or verify.toml")
        return self.api.resource

    def mine(self, user: User) -> Thing:
        """An object of the user's own, made once for all probes. Raises Unclear where it cannot be made."""
        return self.once(f"mine {user.label}", lambda: self.estate.create(user))

    def path_of(self, it: Thing, user: User | None = None) -> str:
        """The path of an object, under the id of its owner or of another user."""
        return self.resource.item_of(quote((user or it.owner).id, safe=""), quote(it.id, safe=""))

    def read(self, it: Thing) -> Exchange:
        """The owner's own look at an object, by itself or in the list: the control of what is refused to others."""
        if not self.resource.readable:
            return self.listing(it.owner, note=f"control: {it.owner.label} lists its own")
        return self.send("GET", self.path_of(it), by=it.owner, note=f"control: {it.owner.label} reads its own")

    def sees(self, it: Thing, exchange: Exchange) -> bool:
        """Whether the owner's own look (`read`) shows the object."""
        return exchange.good and (self.resource.readable or bool(self.body_of(exchange, it)))

    def lists(self, it: Thing, exchange: Exchange) -> bool:
        """Whether an answer lists the object. A text that only repeats what was asked for does not."""
        listed = things(exchange.answer.json)
        if not listed and exchange.answer.json is None:
            return exchange.shows(it.marker)
        return any(it.marker in str(entry.values()) or str(entry.get(self.resource.key)) == it.id for entry in listed)

    def listing(self, user: User, query: str = "", of: User | None = None, note: str = "") -> Exchange:
        """The list that `user` gets, of its own things or of those that the path says are another's."""
        path = self.resource.listing_of(quote((of or user).id, safe=""))
        return self.send("GET", path + (f"?{query}" if query else ""), by=user, note=note)

    def body_of(self, exchange: Exchange, it: Thing | None = None) -> dict[str, Any]:
        """The object in an answer, out of its envelope; that object (`it`) where the answer lists. Empty for none."""
        key = self.resource.key
        found = thing(exchange.answer.json, key)
        if found or it is None:
            return dict(found)
        return dict(next((each for each in things(exchange.answer.json) if str(each.get(key)) == it.id), {}))

    @property
    def door(self) -> Door:
        """A path that opens to user A and is closed to nobody. Raises Unclear."""
        return self.once("door", self._find_door)

    @property
    def place(self) -> str:
        """A path at which A reads something private: the door, or A's list where that is closed to nobody.

        Raises Unclear where neither is known.
        """
        try:
            return self.door.path
        except Unclear:
            if not (self.users and self.api.resource and self.api.resource.listed):
                raise
            return self.api.resource.listing_of(self.a.id)

    def _find_door(self) -> Door:
        paths = []
        if self.api.resource and self.api.resource.listed:
            paths.append(self.api.resource.listing_of(self.a.id))
        if self.api.accounts.me:
            paths.append(self.api.accounts.me.path)
        told = [it.path for it in self.api.operations if it.method == "GET" and it.secured and "{" not in it.path]
        for path in dict.fromkeys([*paths, *told[:_DOORS]]):
            refused = self.send("GET", path, note="control: without credentials")
            opened = self.send("GET", path, by=self.a, note="control: with A's own credentials")
            if refused.status in (401, 403) and opened.good:
                return Door(path, refused, opened)
        said = ", ".join([*paths, *told[:_DOORS]]) or "nothing"
        raise Unclear(f"no path is known that opens to A and not to nobody; tried {said}", "--openapi FILE")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the server."""
        return self.client.origin

    @property
    def frontend(self) -> str:
        """The origin of the front end. Raises Unclear."""
        if not self.options.frontend:
            raise Unclear("the front end's origin is not known", "--frontend ORIGIN")
        return self.options.frontend

    @property
    def remote(self) -> bool:
        """Whether the server is on another machine."""
        return not is_local(self.origin)


def is_local(origin: str) -> bool:
    """Whether an origin is on this machine."""
    host = urlsplit(origin).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()
