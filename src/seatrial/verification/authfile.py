"""Credentials and shapes from a file: `verify.toml`, or an authentication file of Web Fuzzing Commons (YAML or TOML).

[a]                                        # and [b]
email = "a@example.com"                    # with password; or token, with id where nothing tells it
password = "..."

[login]                                    # where it is not found, or is unusual
path = "/auth/login"
name_field = "email"
password_field = "password"
form = false
token = "/data/access_token"               # where the answer holds it, as a JSON pointer
carrier = "Authorization: Bearer {token}"

[resource]                                 # what users make
collection = "/api/{user}/tasks"
item = "/api/{user}/tasks/{id}"
text = "title"
body = { priority = 1 }

[jwt]
secret = "..."
claims = { iss = "https://issuer.example" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from seatrial.errors import UsageError
from seatrial.verification.api import Operation, Resource
from seatrial.verification.given import Given
from seatrial.verification.user import BEARER, User

_METHODS = ("GET", "PUT", "PATCH", "DELETE")
_SECTIONS = frozenset({"a", "b", "login", "resource", "jwt"})
Facts = Mapping[str, Any]


def with_file(given: Given, path: Path) -> Given:
    """What was given, and what the file adds to it. Raises UsageError for a file that says nothing usable."""
    facts = _read(path)
    try:
        return _commons(given, facts) if "auth" in facts else _own(given, facts, path)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not as it should be: {type(error).__name__} {error}") from None


def _read(path: Path) -> Facts:
    try:
        text = path.read_text(encoding="utf-8")
        facts = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if not isinstance(facts, dict):
        raise UsageError(f"{path} holds no credentials")
    return facts


def _own(given: Given, facts: Facts, path: Path) -> Given:
    strange = sorted(set(facts) - _SECTIONS)
    if strange:
        raise UsageError(f"{path}: there is no section {strange[0]!r}; there are {', '.join(sorted(_SECTIONS))}")
    login, key = facts.get("login", {}), facts.get("jwt", {})
    carrier = str(login.get("carrier", BEARER))
    users = [_user(label, facts[label.lower()], carrier) for label in "AB" if label.lower() in facts]
    if len(users) == 1:
        raise UsageError(f"{path}: isolation takes two users, [a] and [b]")
    return replace(
        given,
        tokens=given.tokens or tuple(it for it in users if it.token),
        accounts=given.accounts or tuple(it for it in users if it.email and not it.token),
        secret=given.secret or str(key.get("secret", "")),
        claims=dict(key.get("claims", {})),
        carrier=carrier,
        login=_login(login) if "path" in login else None,
        token_at=str(login.get("token", "")),
        resource=_resource(facts["resource"]) if "resource" in facts else None,
    )


def _user(label: str, facts: Facts, carrier: str) -> User:
    known, email, password, token = (str(facts.get(name, "")) for name in ("id", "email", "password", "token"))
    return User(label, known, email, password, token, carrier)


def _login(facts: Facts) -> Operation:
    fields = {str(facts.get("name_field", "email")): "name", str(facts.get("password_field", "password")): "password"}
    return login_of(str(facts["path"]), fields, str(facts.get("method", "POST")), bool(facts.get("form", False)))


def login_of(path: str, fields: Mapping[str, str], method: str, form: bool) -> Operation:
    """An operation that takes these fields, each of which is the `name` or the `password` of a user."""
    properties = {name: {"type": "string", "x-is": what} for name, what in fields.items()}
    return Operation(method, path, {"type": "object", "properties": properties, "required": list(fields)}, form=form)


def _resource(facts: Facts) -> Resource:
    item = str(facts["item"])
    name = str(facts.get("name", item.rstrip("/").split("/")[-2].removesuffix("s")))
    methods = frozenset(str(it).upper() for it in facts.get("methods", _METHODS)) | {"GET", "DELETE"}
    template = dict(facts.get("body", {}))
    return Resource(
        name, str(facts["collection"]), item, methods, template, str(facts.get("text", "")), str(facts.get("id", "id"))
    )


def _commons(given: Given, facts: Facts) -> Given:
    """The first two users of a file of Web Fuzzing Commons."""
    entries = facts["auth"][:2]
    if len(entries) < 2:
        raise UsageError("the authentication file names one user: isolation takes two")
    template = facts.get("authTemplate", {})
    users = [_commons_user(label, {**template, **entry}) for label, entry in zip("AB", entries, strict=True)]
    logins = [{**template, **entry}.get("loginEndpointAuth") for entry in entries]
    found = replace(
        given,
        tokens=given.tokens or tuple(it for it in users if it.token),
        accounts=given.accounts or tuple(it for it in users if it.email and not it.token),
    )
    return _commons_login(found, logins[0]) if logins[0] else found


def _commons_user(label: str, entry: Facts) -> User:
    for header in entry.get("fixedHeaders", ()):
        name, value = str(header["name"]), str(header["value"])
        scheme, _, token = value.rpartition(" ")
        return User(label, token=token, carrier=f"{name}: {scheme} {{token}}" if scheme else f"{name}: {{token}}")
    payload = entry["loginEndpointAuth"]["payloadUserPwd"]
    return User(label, email=str(payload["username"]), password=str(payload["password"]))


def _commons_login(given: Given, login: Facts) -> Given:
    payload, token = login["payloadUserPwd"], login.get("token", {})
    fields = {str(payload["usernameField"]): "name", str(payload["passwordField"]): "password"}
    form = "urlencoded" in str(login.get("contentType", ""))
    operation = login_of(str(login["endpoint"]), fields, str(login.get("verb", "POST")), form)
    carrier = f"{token['sendName']}: {token.get('sendTemplate', '{token}')}" if token else BEARER
    return replace(given, login=operation, carrier=carrier, token_at=str(token.get("extractSelector", "")))
