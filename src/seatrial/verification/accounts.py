"""Signs up, signs in and deletes accounts, whatever their operations call things."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from seatrial.verification.api import Accounts, Operation
from seatrial.verification.client import Client
from seatrial.verification.exchange import Exchange, Headers
from seatrial.verification.probe import Unclear
from seatrial.verification.samples import sample_object
from seatrial.verification.tokens import claims_of, is_token
from seatrial.verification.user import User

_TOKENS = ("access_token", "accessToken", "token", "jwt", "id_token", "idToken", "session_token")
_REFRESH = ("refresh_token", "refreshToken", "refresh")
_IDS = ("id", "user_id", "userId", "uid", "sub")
_NAMES = ("username", "user_name", "login", "handle", "nickname")
_LABELS = ("name", "full_name", "fullname", "fullName", "display_name", "first_name", "last_name", "firstName")
_ACCOUNTS_GIVEN = "give two accounts as SEATRIAL_USER_A and SEATRIAL_USER_B (email:password)"


class Denied(Unclear):
    """The server does not let the user in, or does not want the user."""


def register(client: Client, accounts: Accounts, user: User) -> Exchange:
    """The answer that makes the user's account. Raises Denied, or another Unclear where that cannot be told."""
    operation = accounts.signup
    if operation is None:
        raise Unclear("the service has no operation that signs a user up", _ACCOUNTS_GIVEN)
    exchange = _post(client, operation, user)
    if not exchange.good:
        _deny(exchange, "sign up")
    return exchange


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
        _deny(exchange, "sign in")
    known = signed_in(client, accounts, user, exchange)
    if not known.headers:
        raise Unclear(f"{operation.path} answered {exchange.status} with neither token nor cookie", _ACCOUNTS_GIVEN)
    return known


def attempt(client: Client, accounts: Accounts, user: User, headers: Headers = ()) -> Exchange:
    """One attempt to sign in, answered whatever it is; 429 is an answer too. Raises Unclear."""
    operation = accounts.login
    if operation is None:
        raise Unclear("the service has no operation that signs a user in", "--openapi FILE")
    content = _credentials(operation, user)
    return _send(client, operation.method, operation.path, user, content, operation.form, headers, paced=False)


def _deny(exchange: Exchange, what: str) -> None:
    request = exchange.request
    reason = f"{request.by} cannot {what}: {request.method} {request.url} answered {exchange.status}"
    if exchange.status in (400, 401, 403, 404, 409, 422):
        raise Denied(reason, _ACCOUNTS_GIVEN)
    raise Unclear(reason, _ACCOUNTS_GIVEN)


def delete_account(client: Client, accounts: Accounts, user: User) -> None:
    """Delete the account of a user whom the run made, and see that it is gone. Raises Unclear."""
    operation = accounts.delete
    if operation is None:
        raise Unclear("the service has no operation that deletes an account")
    body = _credentials(operation, user) if operation.schema or operation.method == "POST" else None
    path = operation.path.replace("{user}", user.id)
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
        value = _said(properties[field], user) or _value(field, user, "email" in properties)
        if value is not None and (field in body or field not in _LABELS):
            body[field] = value
    return body


def _said(schema: object, user: User) -> str | None:
    """What a field is for, where a file of credentials has said so."""
    what = schema.get("x-is") if isinstance(schema, dict) else None
    return {"name": user.email, "password": user.password}.get(str(what))


def _value(field: str, user: User, has_email: bool) -> str | None:
    if "password" in field.lower():
        return user.password
    if "email" in field.lower():
        return user.email
    if field in _NAMES:
        return user.email.partition("@")[0].replace("-", "_") if has_email else user.email
    return f"Seatrial {user.label}" if field in _LABELS else None


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
