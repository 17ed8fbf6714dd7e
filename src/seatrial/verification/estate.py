"""Everything that a run makes at the server, and its removal: nothing is made but through here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seatrial.verification.accounts import Denied, delete_account, enter, log_in, register
from seatrial.verification.api import Accounts, Resource, thing, things
from seatrial.verification.client import Client, Interrupted
from seatrial.verification.exchange import NOBODY, Exchange
from seatrial.verification.journal import Journal
from seatrial.verification.learning import KEYS, ROUNDS, complained, filled
from seatrial.verification.probe import Unclear
from seatrial.verification.seal import seal
from seatrial.verification.user import User

PREFIX = "vrf"  # of everything that a run makes
KEPT_FOR_ACCOUNT = 3  # requests that the removal of an account may take
KEPT_FOR_THING = 2
_ACCOUNT = "account "


@dataclass(frozen=True, slots=True)
class Thing:
    """An object that the run made. `number` is its place in the journal, `body` what the server answered."""

    number: int
    owner: User
    id: str
    marker: str
    body: Mapping[str, object]
    made: Exchange

    def __str__(self) -> str:
        return f"{self.marker} of {self.owner.label}"


class Refused(Unclear):
    """The server does not make the object. `exchange` is its answer."""

    def __init__(self, reason: str, exchange: Exchange) -> None:
        super().__init__(reason, "verify.toml can say how one is made")
        self.exchange = exchange


@dataclass(slots=True)
class Estate:
    """What the run has made and not yet removed. `run` is a word that no other run has."""

    client: Client
    journal: Journal
    run: str
    leftover: bool = False  # accounts that nothing deletes may stay
    resource: Resource | None = None
    accounts: Accounts = field(default=Accounts())
    created: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    away: str = ""  # what is left of a database that was taken away and has not come back
    _number: int = 0
    _things: dict[int, tuple[str, User, str]] = field(default_factory=dict)  # number: marker, owner, id ("" unknown)
    _users: dict[str, User] = field(default_factory=dict)
    _registered: set[str] = field(default_factory=set)  # labels of the users whose account is known to be there

    def marker(self, word: str = "") -> str:
        """A text that nothing else at the server contains."""
        return f"{PREFIX}-{self.run}-{word or secrets.token_hex(4)}"

    def sign_up(self, label: str) -> User:
        """A new user of the service, signed in. Raises Unclear where the service will not have one."""
        user = User(label, email=f"{PREFIX}-{self.run}-{label.lower()}@example.com", password=_password(), made=True)
        self.journal.write("account", label=label, email=user.email, password=user.password)
        self._users[label] = user
        self._keep()
        try:
            registered = register(self.client, self.accounts, user)
        except Denied:
            self._closed(label)
            raise
        self._registered.add(label)
        self.created.append(_account(user))
        self.journal.write("registered", label=label)
        self._users[label] = enter(self.client, self.accounts, user, registered)
        return self._users[label]

    def create(self, user: User, odd: str = "") -> Thing:
        """A new object of the user's own, `odd` behind its marker. Raises Unclear where it cannot be made."""
        resource = self._resource()
        marker = self.marker()
        number = self._intend(marker, user)
        path = resource.collection_of(user.id)
        headers = (("Content-Type", "application/json"), *user.headers)
        exchange = self.client.send("POST", path, headers=headers, body=resource.body(marker + odd), by=user.label)
        body = thing(exchange.answer.json, resource.key)
        if not exchange.good or resource.key not in body:
            if exchange.status < 500:
                self.gone(number, told=False)
            raise Refused(f"POST {path} answered {exchange.status} where {user.label} makes one of its own", exchange)
        identity = str(body[resource.key])
        self._settle(number, marker, user, identity)
        return Thing(number, user, identity, marker, body, exchange)

    def attempt(self, owner: User, marker: str, path: str, by: User | None, claims: Mapping[str, object]) -> Exchange:
        """A creation that the server ought to refuse, or that carries more than it ought to take.

        What it makes all the same is removed as `owner`. Raises Unclear.
        """
        number = self._intend(marker, owner)
        headers = (("Content-Type", "application/json"), *(by.headers if by else ()))
        body = self._resource().body(marker, claims)
        who = by.label if by else NOBODY
        exchange = self.client.send("POST", path, headers=headers, body=body, by=who, note="creates")
        made = thing(exchange.answer.json, self._resource().key)
        if exchange.good and self._resource().key in made:
            self._settle(number, marker, owner, str(made[self._resource().key]))
        elif 400 <= exchange.status < 500:
            self.gone(number, told=False)
        return exchange

    def learn(self, user: User) -> Resource:
        """The resource with the fields that its making takes, told by the server's own complaints. Raises Unclear."""
        resource = self._resource()
        body: dict[str, object] = {}
        for _ in range(ROUNDS):
            number = self._intend(marker := self.marker(), user)
            body = filled(body, marker)
            headers = (("Content-Type", "application/json"), *user.headers)
            content = json.dumps(body).encode()
            path = resource.collection_of(user.id)
            exchange = self.client.send("POST", path, headers=headers, body=content, by=user.label, note="learns")
            if exchange.good:
                return self._learnt(number, marker, user, exchange, body)
            self.gone(number, told=False)
            body = complained(exchange.answer, body)
        raise Unclear(f"what makes a {resource.name} was not learnt: {exchange.status}", "--openapi FILE")

    def _learnt(self, number: int, marker: str, user: User, exchange: Exchange, body: dict[str, object]) -> Resource:
        document = exchange.answer.json
        key = next((it for it in KEYS if thing(document, it)), "id")
        made = thing(document, key)
        self._settle(number, marker, user, str(made.get(key, "")))
        marked = next((name for name, value in body.items() if value == marker), "")
        template = {name: value for name, value in body.items() if name != marked}
        self.resource = replace(self._resource(), template=template, marked=marked or "title", key=key)
        return self.resource

    def _intend(self, marker: str, user: User) -> int:
        self._number += 1
        self.journal.write("thing", number=self._number, marker=marker, owner=user.label)
        self._things[self._number] = (marker, user, "")
        self._keep()
        return self._number

    def _settle(self, number: int, marker: str, user: User, identity: str) -> None:
        self._things[number] = (marker, user, identity)
        self.created.append(self._named(number))
        self.journal.write("made", number=number, id=identity)

    def gone(self, number: int, told: bool = True) -> None:
        """Take note that an object is no longer there, or never was (`told` False)."""
        if number in self._things:
            if told:
                self.deleted.append(self._named(number))
            del self._things[number]
            self.journal.write("gone", number=number)
            self._keep()

    def database_away(self, back: str, health: str) -> None:
        """The database is about to be taken away; the command `back` brings it back, as `health` will tell."""
        self.journal.write("database-away", back=back, health=health, seal=seal("away", self.run, back))
        self.away = "the database, which --db-up has not brought back"
        self.client.patient = False  # a service asks for patience in vain whose database stays away

    def database_back(self) -> None:
        """The command that brings the database back has ended well."""
        self.journal.write("database-back")
        self.away = ""
        self.client.patient = True

    def restore(self, users: Mapping[str, User]) -> None:
        """Let these users, who are signed in now, stand in the place of those of the journal."""
        self._users = {label: users.get(label, user) for label, user in self._users.items()}
        self._things = {
            number: (marker, users.get(owner.label, owner), identity)
            for number, (marker, owner, identity) in self._things.items()
        }

    def resume_thing(self, number: int, marker: str, owner: User) -> None:
        """As the journal tells: an object was about to be made."""
        self._things[number] = (marker, owner, "")

    def resume_made(self, number: int, identity: str) -> None:
        """As the journal tells: the object was made."""
        if number in self._things:
            marker, owner, _ = self._things[number]
            self._things[number] = (marker, owner, identity)

    def resume_gone(self, number: int) -> None:
        """As the journal tells: the object is no more."""
        self._things.pop(number, None)

    def resume_user(self, user: User) -> None:
        """As the journal tells: an account was about to be made."""
        self._users[user.label] = user

    def resume_registered(self, label: str) -> None:
        """As the journal tells: the account was made."""
        self._registered.add(label)

    def resume_closed(self, label: str) -> None:
        """As the journal tells: the account is no more."""
        self._users.pop(label, None)

    def clear(self) -> tuple[str, ...]:
        """Remove everything and see that it is gone. Returns what is left, named; removes the journal if nothing is."""
        needed, self.client.reserve = self.client.reserve, 0
        self.client.limit += max(0, needed - self.client.left)  # what was made is removed, whatever it takes
        left: list[str] = []
        try:
            left += self._clear_things()
            left += self._clear_users()
        except Interrupted:
            left = [self._named(number) for number in self._things] + [_account(it) for it in self._users.values()]
        left += [self.away] if self.away else []
        if all(self._allowed(it) for it in left):
            self.journal.remove()
        return tuple(left)

    def _allowed(self, left: str) -> bool:
        return self.leftover and self.accounts.delete is None and left.startswith(_ACCOUNT)

    def _clear_things(self) -> list[str]:
        left = []
        owners = {owner.label: owner for _, owner, _ in self._things.values()} | self._users
        for number in list(self._things):
            try:
                self._remove(number)
            except Unclear as problem:
                left.append(f"{self._named(number)} ({problem.reason})")
        for owner in owners.values():
            self._sweep(owner)
        return left

    def _remove(self, number: int) -> None:
        marker, owner, identity = self._things[number]
        found = [identity] if identity else self._search(owner, marker)
        path = ""
        for it in found:
            path = self._resource().item_of(owner.id, it)
            exchange = self.client.send("DELETE", path, headers=owner.headers, by=owner.label)
            if not (exchange.good or exchange.status in (404, 410)):
                raise Unclear(f"DELETE {path} answered {exchange.status}")
        if found and not identity:
            self._things[number] = (marker, owner, found[0])
            self.created.append(self._named(number))
        self.gone(number, told=bool(found))

    def _sweep(self, owner: User) -> None:
        """Whatever else carries the mark of this run: a broken service may have made more than it said."""
        try:
            for identity in self._search(owner, f"{PREFIX}-{self.run}-"):
                path = self._resource().item_of(owner.id, identity)
                if self.client.send("DELETE", path, headers=owner.headers, by=owner.label).good:
                    self.deleted.append(f"{self._resource().name} {identity} of {owner.label}")
        except Unclear:
            return

    def _search(self, owner: User, marker: str) -> list[str]:
        resource = self._resource()
        if not resource.listed:
            raise Unclear(f"nothing lists what {owner.label} has made, so that it cannot be looked for")
        path = resource.collection_of(owner.id)
        exchange = self.client.send("GET", path, headers=owner.headers, by=owner.label)
        if not exchange.good:
            raise Unclear(f"GET {path} answered {exchange.status}")
        found = [it for it in things(exchange.answer.json) if marker in str(it.get(resource.marked, ""))]
        return [str(it[resource.key]) for it in found if resource.key in it]

    def _clear_users(self) -> list[str]:
        left = []
        for label, user in list(self._users.items()):
            try:
                known = user if user.token or user.cookies else log_in(self.client, self.accounts, user)
                delete_account(self.client, self.accounts, known)
            except Unclear as problem:
                if isinstance(problem, Denied) and label not in self._registered:
                    self._closed(label)  # who cannot sign in was never made
                    continue
                left.append(f"{_account(user)} ({problem.reason})")
            else:
                self._told(_account(user))
                self._closed(label)
        return left

    def _told(self, name: str) -> None:
        """What is removed was made, though the run may have been interrupted before it could say so."""
        if name not in self.created:
            self.created.append(name)
        self.deleted.append(name)

    def _closed(self, label: str) -> None:
        del self._users[label]
        self.journal.write("closed", label=label)
        self._keep()

    def _named(self, number: int) -> str:
        marker, owner, identity = self._things[number]
        name = self.resource.name if self.resource else "thing"
        return f"{name} {identity or marker} of {owner.label}"

    def _resource(self) -> Resource:
        if self.resource is None:
            raise Unclear("no resource is known that a user can create", "name one in verify.toml")
        return self.resource

    def _keep(self) -> None:
        """Keep back what the removal of everything will take."""
        things_left = KEPT_FOR_THING * len(self._things)
        self.client.reserve = things_left + KEPT_FOR_ACCOUNT * len(self._users) + 2


def _account(user: User) -> str:
    return f"{_ACCOUNT}{user.email}"


def _password() -> str:
    # Of every class of characters that a service may ask for.
    return f"Aa1!{secrets.token_urlsafe(18)}"
