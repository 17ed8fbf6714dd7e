"""Signs up, signs in and deletes accounts, whatever their operations call things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote, urlencode

from seatrial.verification.api import NAME, USER, Accounts, Operation
from seatrial.verification.client import Client
from seatrial.verification.exchange import Exchange, Headers
from seatrial.verification.learning import complaints, value_of
from seatrial.verification.probe import Unclear
from seatrial.verification.said import saying
from seatrial.verification.samples import sample_object
from seatrial.verification.tokens import claims_of, is_token
from seatrial.verification.user import User

_TOKENS = ("access_token", "accessToken", "token", "jwt", "id_token", "idToken", "session_token")
_REFRESH = ("refresh_token", "refreshToken", "refresh")
_IDS = ("id", "user_id", "userId", "uid", "sub")
_NAMES = ("username", "user_name", "login", "handle", "nickname")
_LABELS = ("name", "full_name", "fullname", "fullName", "display_name", "first_name", "last_name", "firstName")
_ROUNDS = 3  # times that a sign-up is asked
_PASSWORD = 64  # characters of a password: bcrypt takes 72 bytes
ACCOUNTS_GIVEN = "give two accounts as SEATRIAL_USER_A and SEATRIAL_USER_B (email:password)"


class Denied(Unclear):
    """The server does not let the user in, or does not want the user."""


def register(client: Client, operation: Operation, user: User) -> Exchange:
    """The answer that makes the user's account. Raises Denied, or another Unclear where that cannot be told.

    What the service complains of (422) is mended and asked again, a few times.
    """
    body = _credentials(operation, user)
    for _ in range(_ROUNDS):
        exchange = _send(client, operation.method, operation.path, user, body, form=operation.form)
        wanted = _corrected(body, exchange, user) if exchange.status == 422 else body
        if wanted == body:
            break
        body = wanted
    if not exchange.good:
        _deny(exchange, "sign up", user)
    return exchange


def _corrected(body: dict[str, object], exchange: Exchange, user: User) -> dict[str, object]:
    """The body with what the service misses, and with the names as it wants them."""
    wanted = dict(body)
    for name, kind, _ in complaints(exchange.answer.json):
        if name not in body:
            known = _value(name, user, has_email=True)
            wanted[name] = known if known is not None else value_of(kind)
        elif name in (*_NAMES, *_LABELS):
            wanted[name] = _plain(user)
    return wanted


def enter(client: Client, accounts: Accounts, user: User, registered: Exchange) -> User:
    """The user, signed in by the answer that made the account, or else by a login. Raises Unclear, never Denied."""
    known = signed_in(client, accounts, user, registered)
    if known.headers:
        return known
    try:
        return log_in(client, accounts, known)
    except Denied as problem:
        raise Unclear(problem.reason, problem.settle) from None


def log_in(client: Client, accounts: Accounts, user: User) -> User:
    """The user, signed in. Raises Denied, or another Unclear where that cannot be told."""
    operation = accounts.login
    if operation is None:
        raise Unclear("the service has no operation that signs a user in", "give SEATRIAL_TOKEN_A and SEATRIAL_TOKEN_B")
    exchange = _post(client, operation, user)
    if exchange.status == 422 and not operation.schema:
        exchange = _post(client, replace(operation, form=True), user)  # as OAuth has it
    if not exchange.good:
        _deny(exchange, "sign in", user)
    known = signed_in(client, accounts, user, exchange)
    if not known.headers:
        raise Unclear(f"{operation.path} answered {exchange.status} with neither token nor cookie", ACCOUNTS_GIVEN)
    return known


def attempt(client: Client, accounts: Accounts, user: User, headers: Headers = ()) -> Exchange:
    """One attempt to sign in, answered whatever it is; 429 is an answer too. Raises Unclear."""
    operation = accounts.login
    if operation is None:
        raise Unclear("the service has no operation that signs a user in", "--openapi FILE")
    content = _credentials(operation, user)
    return _send(client, operation.method, operation.path, user, content, operation.form, headers, paced=False)


def _deny(exchange: Exchange, what: str, user: User) -> None:
    request = exchange.request
    said = f"{exchange.status}{saying(exchange, user.password)}"
    reason = f"{request.by} cannot {what}: {request.method} {request.url} answered {said}"
    if exchange.status in (400, 401, 403, 404, 409, 422):
        raise Denied(reason, ACCOUNTS_GIVEN)
    raise Unclear(reason, ACCOUNTS_GIVEN)


def delete_account(client: Client, accounts: Accounts, user: User) -> None:
    """Delete the account of a user whom the run made, and see that it is gone. Raises Unclear."""
    operation = accounts.delete
    if operation is None:
        raise Unclear("the service has no operation that deletes an account")
    body = _credentials(operation, user) if operation.schema or operation.method == "POST" else None
    if USER in operation.path and not user.id:
        raise Unclear(f"{operation.path} needs the user's id, and nothing tells it")
    path = operation.path.replace(USER, quote(user.id, safe=""))
    path = path.replace(NAME, quote(name_of(client, accounts, user), safe="")) if NAME in path else path
    exchange = _send(client, operation.method, path, user, body)
    if not exchange.good and exchange.status not in (401, 404, 410):
        raise Unclear(f"{operation.method} {operation.path} answered {exchange.status}")
    try:
        log_in(client, accounts, replace(user, token="", cookies=""))
    except Denied:
        return
    raise Unclear("the account still lets its user in after it was deleted")


def signed_in(client: Client, accounts: Accounts, user: User, exchange: Exchange) -> User:
    """The user with what an answer hands out: a token, cookies, an id."""
    document = exchange.answer.json
    token = _pointed(document, accounts.token_at) if accounts.token_at else _find(document, _TOKENS)
    refresh = _find(document, _REFRESH) or ""
    known = replace(user, token=token or "", cookies=_cookies(exchange), carrier=accounts.carrier, refresh=refresh)
    if accounts.token and known.cookies:
        issued = _send(client, "GET", accounts.token, replace(known, token=""), None)
        known = replace(known, token=_find(issued.answer.json, _TOKENS) or known.token)
    if not known.token:
        known = _in_cookie(known)
    return replace(known, id=identity(client, accounts, known, document))


def identity(client: Client, accounts: Accounts, user: User, document: object = None) -> str:
    """What the server calls the user: the token's subject, else what the account says; "" if nothing does."""
    subject = (claims_of(user.token) or {}).get("sub") if user.jwt else None
    if subject and "@" not in str(subject):
        return str(subject)
    known = user.id or _find(document, _IDS)
    if not known and accounts.me and user.headers:
        known = _find(_send(client, "GET", accounts.me.path, user, None).answer.json, _IDS)
    return known or str(subject or "")


def _in_cookie(user: User) -> User:
    """A token that travels in a cookie, taken out of the others."""
    pairs = [pair.partition("=") for pair in user.cookies.split("; ") if pair]
    for name, _, value in pairs:
        if is_token(value):
            others = "; ".join(f"{key}={it}" for key, _, it in pairs if key != name)
            return replace(user, token=value, carrier=f"Cookie: {name}={{token}}", cookies=others)
    return user


def _post(client: Client, operation: Operation, user: User) -> Exchange:
    return _send(client, operation.method, operation.path, user, _credentials(operation, user), form=operation.form)


def _credentials(operation: Operation, user: User) -> dict[str, object]:
    """What the operation wants to know, as far as it says so."""
    properties = operation.schema.get("properties")
    if not isinstance(properties, dict):
        name = {"username": user.email} if operation.form else {"email": user.email, "name": f"Seatrial {user.label}"}
        return {**name, "password": user.password}
    body = sample_object(operation.schema)
    for field in properties:
        value = _said(properties[field], user) or _value(field, user, "email" in properties, properties[field])
        if value is not None and (field in body or field not in _LABELS):
            body[field] = value
    return body


def _said(schema: object, user: User) -> str | None:
    """What a field is for, where a file of credentials has said so."""
    what = schema.get("x-is") if isinstance(schema, dict) else None
    return {"name": user.email, "password": user.password}.get(str(what))


def _value(field: str, user: User, has_email: bool, schema: object = None) -> str | None:
    if "password" in field.lower():
        return user.password
    if "email" in field.lower():
        return user.email
    if field in _NAMES:
        return _fitting(schema, _handle(user), _plain(user)) if has_email else user.email
    return _fitting(schema, f"Seatrial {user.label}", _plain(user)) if field in _LABELS else None


def _handle(user: User) -> str:
    return user.email.partition("@")[0].replace("-", "_")


def _plain(user: User) -> str:
    """A name of small letters and digits alone, beginning with a letter."""
    return re.sub(r"[^a-z0-9]", "", user.email.partition("@")[0].lower())[-20:]


def _fitting(schema: object, *names: str) -> str:
    """The first of these names that the schema accepts, else the last."""
    facts = schema if isinstance(schema, dict) else {}
    pattern, longest = str(facts.get("pattern", "")), facts.get("maxLength")
    for name in names:
        with suppress(re.error):
            if len(name) <= (longest if isinstance(longest, int) else 200) and re.search(pattern, name):
                return name
    return names[-1][: longest if isinstance(longest, int) else None]


def longest_password(operation: Operation | None) -> int:
    """How many characters of a password this operation takes, as far as its schema tells."""
    properties = operation.schema.get("properties") if operation else None
    facts = properties.get("password") if isinstance(properties, dict) else None
    longest = facts.get("maxLength") if isinstance(facts, dict) else None
    return longest if isinstance(longest, int) else _PASSWORD


def name_of(client: Client, accounts: Accounts, user: User) -> str:
    """By which name the service knows the user: what the account says, else what the user signed up with."""
    told = ""
    if accounts.me and user.headers:
        told = _find(_send(client, "GET", accounts.me.path, user, None).answer.json, _NAMES) or ""
    signed_up = _credentials(accounts.signup, user) if accounts.signup else {}
    return told or next((str(signed_up[it]) for it in _NAMES if it in signed_up), user.id)


def _send(
    client: Client,
    method: str,
    path: str,
    user: User,
    body: Mapping[str, object] | None,
    form: bool = False,
    more: Headers = (),
    paced: bool = True,
) -> Exchange:
    headers = user.headers + more
    if user.origin and not any(name == "Origin" for name, _ in headers):
        headers += (("Origin", user.origin),)
    if body is None:
        return client.send(method, path, headers=headers, by=user.label, paced=paced)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    content = urlencode({key: str(value) for key, value in body.items()}) if form else json.dumps(body)
    headers += (("Content-Type", kind),)
    return client.send(method, path, headers=headers, body=content.encode(), by=user.label, paced=paced)


def _cookies(exchange: Exchange) -> str:
    pairs = {}
    for line in exchange.answer.all_headers("set-cookie")[:20]:
        name, equals, value = line.partition(";")[0].partition("=")
        if equals and value:
            pairs[name.strip()] = value.strip()
    return "; ".join(f"{name}={value}" for name, value in pairs.items())


def _pointed(document: object, pointer: str) -> str | None:
    """What a JSON pointer points at."""
    for step in pointer.strip("/").split("/"):
        document = document.get(step) if isinstance(document, dict) else None
    return str(document) if isinstance(document, str | int) else None


def _find(document: object, names: Iterable[str], depth: int = 0) -> str | None:
    """The first text or number under one of these names, at most two envelopes deep."""
    if not isinstance(document, dict):
        return None
    for name in names:
        if isinstance(value := document.get(name), str | int) and value is not True:
            return str(value)
    deeper = (it for it in document.values() if isinstance(it, dict)) if depth < 2 else ()
    return next((found for it in deeper if (found := _find(it, names, depth + 1))), None)
