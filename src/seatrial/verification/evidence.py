"""An exchange as it may be shown: without secrets, cut to what matters, with the curl line that repeats it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from seatrial.verification.exchange import NOBODY, Exchange, Headers, Request
from seatrial.verification.redaction import Secrets

_BODY = 600  # characters of a body that are shown
_HEADERS = 30  # headers of an answer that are shown
_VALUE = 300  # characters of a header that are shown
_UNTOLD = frozenset({"user-agent", "accept", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One exchange without secrets. `curl` repeats it; tokens in it are shell variables such as `$TOKEN_B`."""

    by: str
    note: str
    method: str
    url: str
    request_headers: Headers
    request_body: str
    status: int
    headers: Headers
    body: str
    seconds: float
    curl: str


def shown(exchange: Exchange, secrets: Secrets) -> Evidence:
    """The exchange as it may be shown."""
    request, answer = exchange.request, exchange.answer
    return Evidence(
        request.by,
        secrets.hide(request.note),
        request.method,
        secrets.hide(request.url),
        _headers(request.headers, secrets),
        _body(request.body.decode("utf-8", "backslashreplace"), secrets),
        answer.status,
        _headers(answer.headers[:_HEADERS], secrets),
        _body(answer.text, secrets),
        round(answer.seconds, 3),
        secrets.hide(curl(request)),
    )


def _headers(headers: Headers, secrets: Secrets) -> Headers:
    told = ((name, value) for name, value in headers if name.lower() not in _UNTOLD)
    return tuple((name, value[:_VALUE]) for name, value in secrets.hide_all(told))


def _body(text: str, secrets: Secrets) -> str:
    hidden = secrets.hide(text)
    return hidden if len(hidden) <= _BODY else f"{hidden[:_BODY]}… ({len(hidden)} characters)"


def curl(request: Request) -> str:
    """A shell line that sends the request again."""
    words = ["curl", "-i", "--path-as-is", "-X", request.method]
    for name, value in request.headers:
        if name.lower() not in _UNTOLD:
            words += ["-H", _word(request, name, value)]
    if request.body:
        words += ["--data-binary", shlex.quote(request.body.decode("utf-8", "backslashreplace")[: 4 * _BODY])]
    return " ".join([*words, shlex.quote(request.url)])


def _word(request: Request, name: str, value: str) -> str:
    if name.lower() not in ("authorization", "cookie"):
        return shlex.quote(f"{name}: {value}")
    scheme = "Bearer " if value.startswith("Bearer ") else ""
    kind = "COOKIE" if name.lower() == "cookie" else "TOKEN"
    who = "FORGED" if request.by == NOBODY else request.by.split()[0].upper()
    return f'"{name}: {scheme}${kind}_{who}"'
