"""What is known of the service: its operations, and the resource that the probes of isolation play with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

USER = "{user}"  # stands for the id of a user in a path
NAME = "{username}"  # stands for the name of a user in a path
ID = "{id}"  # stands for the id of a thing in a path
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, as the schema has it (`/tasks/{task_id}`).

    `schema` is that of the JSON or form body, `answer` that of a good answer; both without references. An operation
    that is known from the source only is not `described`.
    """

    method: str
    path: str
    schema: Mapping[str, object] = field(default_factory=dict)
    answer: Mapping[str, object] = field(default_factory=dict)
    query: tuple[str, ...] = ()
    form: bool = False
    secured: bool = False
    described: bool = True


@dataclass(frozen=True, slots=True)
class Resource:
    """Objects that users create, read or list, change and delete: tasks, notes, orders.

    `collection` and `item` are paths with `{user}` and `{id}` (`/api/{user}/tasks/{id}`). `methods` are those of
    the item that exist (`GET`, `PUT`, `PATCH`, `DELETE`), `actions` further operations of one thing (`POST`,
    `/tasks/{id}/complete`). `template` is a body that creates one, in which `marked` names the text field that carries
    a marker, empty until it is learnt. `key` is the field that holds the id. `listing` is the path of the list where
    that is not `collection`; `by_name` says that paths name users by their names, not by their ids; `public` that the
    schema has them for everybody to read.
    """

    name: str
    collection: str
    item: str
    methods: frozenset[str]
    template: Mapping[str, object]
    marked: str
    key: str = "id"
    query: tuple[str, ...] = ()
    listed: bool = True
    actions: tuple[tuple[str, str], ...] = ()
    listing: str = ""
    by_name: bool = False
    public: bool = False

    def collection_of(self, user_id: str) -> str:
        """The path of one user's collection."""
        return self.collection.replace(USER, user_id)

    def listing_of(self, user_id: str) -> str:
        """The path of the list of one user's things."""
        return (self.listing or self.collection).replace(USER, user_id)

    def item_of(self, user_id: str, thing_id: str) -> str:
        """The path of one thing, under one user."""
        return self.item.replace(USER, user_id).replace(ID, thing_id)

    @property
    def readable(self) -> bool:
        """Whether one thing can be read by itself; where not, its owner finds it in the list."""
        return "GET" in self.methods

    @property
    def by_user(self) -> bool:
        """Whether the paths name the user."""
        return USER in self.item or USER in self.collection

    def action_of(self, path: str, user_id: str, thing_id: str) -> str:
        """The path of an action of one thing, under one user."""
        return path.replace(USER, user_id).replace(ID, thing_id)

    def body(self, text: str, claims: Mapping[str, object] = NOTHING) -> bytes:
        """The JSON that creates a thing with this text, and with further fields."""
        return json.dumps({**self.template, self.marked: text, **claims}).encode()


@dataclass(frozen=True, slots=True)
class Accounts:
    """How users come and go; None for what the service does not have.

    `delete` deletes the account of whoever asks; where its path names the user (`{user}`, `{username}`), it may be
    that only an administrator may do that. `token` is asked with the session's cookie and answers a JWT.
    `token_at` is a JSON pointer to the token in what a login answers, "" where it is looked for; `carrier` is the
    header that it is sent in.
    """

    signup: Operation | None = None
    login: Operation | None = None
    me: Operation | None = None
    delete: Operation | None = None
    token: str | None = None
    token_at: str = ""
    carrier: str = "Authorization: Bearer {token}"

    @property
    def ends_surely(self) -> bool:
        """Whether users can certainly delete their own account."""
        return self.delete is not None and "{" not in self.delete.path


@dataclass(frozen=True, slots=True)
class Api:
    """What is known of the service. `source` says from where, as a phrase: `its live schema`.

    `others` are resources that could stand in the place of `resource`, should users not be allowed to make that.
    """

    source: str
    operations: tuple[Operation, ...] = ()
    resource: Resource | None = None
    accounts: Accounts = field(default=Accounts())
    health: tuple[str, ...] = ()
    title: str = ""
    others: tuple[Resource, ...] = ()

    def find(self, method: str, pattern: str) -> Operation | None:
        """The first operation of this method whose path matches a regular expression."""
        return next((it for it in self.operations if it.method == method and re.search(pattern, it.path)), None)


def things(document: object) -> list[Mapping[str, object]]:
    """The objects of an answer that lists: a list itself, or the first list of objects in an envelope."""
    if isinstance(document, list):
        return [it for it in document if isinstance(it, dict)]
    if isinstance(document, dict):
        for value in document.values():
            if isinstance(value, list):
                return [it for it in value if isinstance(it, dict)]
            if isinstance(value, dict) and (found := things(value)):
                return found
    return []


def thing(document: object, key: str) -> Mapping[str, object]:
    """The object of an answer that holds `key`, itself or at most two envelopes deep; empty where there is none."""
    level = [document] if isinstance(document, dict) else []
    for _ in range(3):
        found = next((it for it in level if key in it), None)
        if found is not None:
            return found
        level = [inner for it in level for inner in it.values() if isinstance(inner, dict)]
    return {}
