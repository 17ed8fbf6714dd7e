"""Keeps under every limit that the server tells: Retry-After, and the RateLimit headers in their several spellings."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from seatrial.verification.exchange import Answer, Exchange, Request

TRIES = 3  # asked for patience that often, the answer is taken as it is
_EPOCH = 1_000_000_000  # a reset above this is a date in seconds, not a wait
_IDENTIFIER = re.compile(r"/(?:\d+|[0-9a-fA-F-]{16,})(?=/|$)")


@dataclass(slots=True)
class Pace:
    """What the server has said of its limits, kind of request by kind of request."""

    _resume: dict[str, float] = field(default_factory=dict)
    _refused: dict[str, int] = field(default_factory=dict)

    def due(self, request: Request) -> float:
        """How many seconds to wait before this request; 0 for none."""
        return max(0.0, self._resume.pop(_kind(request), 0.0) - time.monotonic())

    def note(self, exchange: Exchange) -> float | None:
        """Take note of an answer. Returns in how many seconds to ask again, None where the answer stands."""
        kind, answer = _kind(exchange.request), exchange.answer
        asked = retry_after(answer)
        if answer.status == 429 or (answer.status == 503 and asked is not None):
            tries = self._refused[kind] = self._refused.get(kind, 0) + 1
            return None if tries > TRIES else (asked if asked is not None else 2.0 ** (tries - 1))
        self._refused.pop(kind, None)
        pause = exhausted(answer)
        if pause:
            self._resume[kind] = time.monotonic() + pause
        return None


def retry_after(answer: Answer) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date; None where there is none."""
    value = (answer.header("retry-after") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def exhausted(answer: Answer) -> float:
    """How many seconds the server wants peace, having said that nothing remains; 0 where something does."""
    structured = answer.header("ratelimit") or ""
    remaining = _number(structured, r"(?:\br|remaining)=(\d+)")
    reset = _number(structured, r"(?:\bt|reset)=(\d+)")
    for prefix in ("ratelimit-", "x-ratelimit-"):
        remaining = _header(answer, f"{prefix}remaining") if remaining is None else remaining
        reset = _header(answer, f"{prefix}reset") if reset is None else reset
    if remaining != 0 or reset is None:
        return 0.0
    return max(0.0, reset - time.time()) if reset > _EPOCH else reset


def _header(answer: Answer, name: str) -> float | None:
    return _number(answer.header(name) or "", r"^\s*(\d+(?:\.\d+)?)")


def _number(text: str, pattern: str) -> float | None:
    match = re.search(pattern, text)
    return float(match.group(1)) if match else None


def _kind(request: Request) -> str:
    path = _IDENTIFIER.sub("/{}", urlsplit(request.url).path)
    return f"{request.method} {path} {request.by}"
