"""Everything that a run makes at the server: nothing is made but through here. `clearing` removes it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seatrial.verification.accounts import ACCOUNTS_GIVEN, Denied, enter, longest_password, register
from seatrial.verification.api import Accounts, Resource, thing
from seatrial.verification.client import Client
from seatrial.verification.exchange import NOBODY, Exchange
from seatrial.verification.journal import Journal
from seatrial.verification.learning import KEYS, ROUNDS, complained, filled
from seatrial.verification.probe import Unclear
from seatrial.verification.said import saying
from seatrial.verification.seal import seal
from seatrial.verification.user import User

PREFIX = "vrf"  # of everything that a run makes
KEPT_FOR_ACCOUNT = 3  # requests that the removal of an account may take
KEPT_FOR_THING = 2  # where it has to be looked for; 1 where its id is known
ACCOUNT = "account "  # before the address of one that is named


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
    clearing: bool = False
    _number: int = 0
    made: dict[int, tuple[str, User, str]] = field(default_factory=dict)  # number: marker, owner, id ("" unknown)
    guests: dict[str, User] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)  # labels of the users whose account is known to be there

    def marker(self, word: str = "") -> str:
        """A text that nothing else at the server contains."""
        return f"{PREFIX}-{self.run}-{word or secrets.token_hex(4)}"

    def invited(self, label: str) -> User:
        """Who is to sign up: with an address that nobody has, and a password that the service's schema allows."""
        password = _password()[: longest_password(self.accounts.signup)]
        return User(label, email=f"{PREFIX}-{self.run}-{label.lower()}@example.com", password=password, made=True)

    def sign_up(self, user: User) -> User:
        """A new user of the service, signed in. Raises Unclear where the service will not have one."""
        operation, label = self.accounts.signup, user.label
        if operation is None:
            raise Unclear("the service has no operation that signs a user up", ACCOUNTS_GIVEN)
        self.client.afford(KEPT_FOR_ACCOUNT + 2)
        self.journal.write("account", label=label, email=user.email, password=user.password)
        self.guests[label] = user
        self.keep()
        try:
            registered = register(self.client, operation, user)
        except Denied:
            self.closed(label)
            raise
        self.registered.add(label)
        self.created.append(account_of(user))
        self.journal.write("registered", label=label)
        self.guests[label] = enter(self.client, self.accounts, user, registered)
        return self.guests[label]

    def create(self, user: User, odd: str = "") -> Thing:
        """A new object of the user's own, `odd` behind its marker. Raises Unclear where it cannot be made."""
        resource = self.kind()
        marker = self.marker()
        number = self._intend(marker, user)
        path = resource.collection_of(user.id)
        headers = (("Content-Type", "application/json"), *user.headers)
        exchange = self.client.send("POST", path, headers=headers, body=resource.body(marker + odd), by=user.label)
        body = thing(exchange.answer.json, resource.key)
        if not exchange.good or resource.key not in body:
            if 300 <= exchange.status < 500:  # what is answered well may be there, whatever it says
                self.gone(number, told=False)
            told = f"{exchange.status} where {user.label} makes one of its own{saying(exchange)}"
            raise Refused(f"POST {path} answered {told}", exchange)
        identity = str(body[resource.key])
        self._settle(number, marker, user, identity)
        return Thing(number, user, identity, marker, body, exchange)

    def attempt(self, owner: User, marker: str, path: str, by: User | None, claims: Mapping[str, object]) -> Exchange:
        """A creation that the server ought to refuse, or that carries more than it ought to take.

        What it makes all the same is removed as `owner`. Raises Unclear.
        """
        number = self._intend(marker, owner)
        headers = (("Content-Type", "application/json"), *(by.headers if by else ()))
        body = self.kind().body(marker, claims)
        who = by.label if by else NOBODY
        exchange = self.client.send("POST", path, headers=headers, body=body, by=who, note="creates")
        made = thing(exchange.answer.json, self.kind().key)
        if exchange.good and self.kind().key in made:
            self._settle(number, marker, owner, str(made[self.kind().key]))
        elif 400 <= exchange.status < 500:
            self.gone(number, told=False)
        return exchange

    def learn(self, user: User) -> Resource:
        """The resource with the fields that its making takes, told by the server's own complaints. Raises Unclear."""
        resource = self.kind()
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
        said = f"{exchange.status}{saying(exchange)}"
        raise Unclear(f"what makes a {resource.name} was not learnt: {said}", "--openapi FILE")

    def _learnt(self, number: int, marker: str, user: User, exchange: Exchange, body: dict[str, object]) -> Resource:
        document = exchange.answer.json
        key = next((it for it in KEYS if thing(document, it)), "id")
        made = thing(document, key)
        self._settle(number, marker, user, str(made.get(key, "")))
        marked = next((name for name, value in body.items() if value == marker), "")
        template = {name: value for name, value in body.items() if name != marked}
        self.resource = replace(self.kind(), template=template, marked=marked or "title", key=key)
        return self.resource

    def _intend(self, marker: str, user: User) -> int:
        self.client.afford(KEPT_FOR_THING + 1)
        self._number += 1
        self.journal.write("thing", number=self._number, marker=marker, owner=user.label)
        self.made[self._number] = (marker, user, "")
        self.keep()
        return self._number

    def _settle(self, number: int, marker: str, user: User, identity: str) -> None:
        self.made[number] = (marker, user, identity)
        self.keep()
        self.created.append(self.named(number))
        self.journal.write("made", number=number, id=identity)

    def gone(self, number: int, told: bool = True) -> None:
        """Take note that an object is no longer there, or never was (`told` False)."""
        if number in self.made:
            if told:
                self.deleted.append(self.named(number))
            del self.made[number]
            self.journal.write("gone", number=number)
            self.keep()

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
        self.guests = {label: users.get(label, user) for label, user in self.guests.items()}
        self.made = {
            number: (marker, users.get(owner.label, owner), identity)
            for number, (marker, owner, identity) in self.made.items()
        }

    def resume_thing(self, number: int, marker: str, owner: User) -> None:
        """As the journal tells: an object was about to be made."""
        self.made[number] = (marker, owner, "")

    def resume_made(self, number: int, identity: str) -> None:
        """As the journal tells: the object was made."""
        if number in self.made:
            marker, owner, _ = self.made[number]
            self.made[number] = (marker, owner, identity)

    def resume_gone(self, number: int) -> None:
        """As the journal tells: the object is no more."""
        self.made.pop(number, None)

    def resume_user(self, user: User) -> None:
        """As the journal tells: an account was about to be made."""
        self.guests[user.label] = user

    def resume_registered(self, label: str) -> None:
        """As the journal tells: the account was made."""
        self.registered.add(label)

    def resume_closed(self, label: str) -> None:
        """As the journal tells: the account is no more."""
        self.guests.pop(label, None)

    def told(self, name: str) -> None:
        """Take note of what is removed: so it was made, though an interruption may have kept the run from saying so."""
        if name not in self.created:
            self.created.append(name)
        self.deleted.append(name)

    def closed(self, label: str) -> None:
        """Take note that an account is no longer there, or never was."""
        del self.guests[label]
        self.journal.write("closed", label=label)
        self.keep()

    def named(self, number: int) -> str:
        """What an object of this number is called where it is told of."""
        marker, owner, identity = self.made[number]
        name = self.resource.name if self.resource else "thing"
        return f"{name} {identity or marker} of {owner.label}"

    def kind(self) -> Resource:
        """What is made here. Raises Unclear where that is not known."""
        if self.resource is None:
            raise Unclear("no resource is known that a user can create", "name one in verify.toml")
        return self.resource

    def keep(self) -> None:
        """Keep back what the removal of everything will take, until it is removed."""
        if self.clearing:
            return
        things_left = sum(1 if identity else KEPT_FOR_THING for _, _, identity in self.made.values())
        self.client.reserve = things_left + KEPT_FOR_ACCOUNT * len(self.guests) + 2


def account_of(user: User) -> str:
    """What an account is called where it is told of."""
    return f"{ACCOUNT}{user.email}"


def _password() -> str:
    # Of every class of characters that a service may ask for.
    return f"Aa1!{secrets.token_urlsafe(18)}"
