"""What a server says when it refuses something, in a few words and without secrets. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from seatrial.verification.exchange import Answer, Exchange
from seatrial.verification.learning import entries, place_of
from seatrial.verification.redaction import Secrets

_MOST = 200  # characters that are quoted
_NAMES = ("detail", "message", "msg", "error", "error_description", "title")


def saying(exchange: Exchange, *hidden: str) -> str:
    """`, saying: ...`, to stand behind a status; "" where the answer says nothing of use. `hidden` is never quoted."""
    secrets = Secrets()
    for it in hidden:
        secrets.add(it, "hidden")
    text = " ".join(secrets.hide(_text(exchange.answer)).split())
    return f", saying: {text[:_MOST]}{'…' if len(text) > _MOST else ''}" if text else ""


def _text(answer: Answer) -> str:
    document = answer.json
    # What pydantic says of a field, without the input that it repeats.
    told = ((".".join(place_of(it)), it["msg"]) for it in entries(document) if "msg" in it)
    complaints = [f"{place}: {message}".removeprefix(": ") for place, message in told]
    if complaints:
        return "; ".join(complaints)
    if isinstance(document, dict):
        return next(_texts(document), "")
    plain = answer.text.strip()
    return "" if document is not None or plain.startswith("<") or _is_phrase(plain, answer.status) else plain


def _texts(document: object) -> Iterator[str]:
    """The texts under the usual names, at most as deep as an envelope."""
    if isinstance(document, dict):
        for name in _NAMES:
            if isinstance(value := document.get(name), str) and value.strip():
                yield value
            else:
                yield from _texts(value)


def _is_phrase(text: str, status: int) -> bool:
    """Whether a text only repeats the status."""
    return text in {it.phrase for it in HTTPStatus if it == status}
