"""Keeps under every limit that the server tells: Retry-After, and the RateLimit headers in their several spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from seatrial.verification.clock import Clock
from seatrial.verification.exchange import Answer, Exchange, Request

TRIES = 3  # asked for patience that often, the answer is taken as it is
_EPOCH = 1_000_000_000  # a reset above this is a date in seconds, not a wait
Kind = tuple[str, str, str]  # method, path, who asks
_IDENTIFIER = re.compile(r"/(?:\d+|[0-9a-fA-F-]{16,})(?=/|$)")


@dataclass(slots=True)
class Pace:
    """What the server has said of its limits, kind of request by kind of request.

    Some limits are of one user at one route, some of one route (slowapi), some of everything that an address asks (a
    proxy, an edge). Which it is shows when a request is refused while another kind is still to wait: from then on, all
    wait for one another that have as much in common. `_common` is how many parts of a kind that takes.
    """

    _resume: dict[Kind, float] = field(default_factory=dict)
    _refused: dict[Kind, int] = field(default_factory=dict)
    _common: int = 3

    def due(self, request: Request, clock: Clock) -> float:
        """How many seconds to wait before this request; 0 for none."""
        kind = _kind(request)[: self._common]
        waiting = [it for other, it in self._resume.items() if other[: self._common] == kind]
        return max(0.0, max(waiting, default=0.0) - clock.now())

    def note(self, exchange: Exchange, clock: Clock) -> float | None:
        """Take note of an answer. Returns in how many seconds to ask again, None where the answer stands."""
        kind, answer = _kind(exchange.request), exchange.answer
        asked = retry_after(answer, clock.date())
        if answer.status == 429 or (answer.status == 503 and asked is not None):
            tries = self._refused[kind] = self._refused.get(kind, 0) + 1
            self._widen(kind, clock.now())
            return None if tries > TRIES else (asked if asked is not None else 2.0 ** (tries - 1))
        self._refused.pop(kind, None)
        pause = exhausted(answer, clock.date())
        if pause:
            self._resume[kind] = clock.now() + pause
        return None

    def _widen(self, refused: Kind, now: float) -> None:
        for kind in (it for it, resume in self._resume.items() if resume > now and it != refused):
            self._common = min(self._common, 2 if kind[:2] == refused[:2] else 0)


def retry_after(answer: Answer, now: float) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date; None where there is none.

    `now` is in seconds since 1970.
    """
    value = (answer.header("retry-after") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError):
        return None


def exhausted(answer: Answer, now: float) -> float:
    """How many seconds the server wants peace, having said that nothing remains; 0 where something does.

    `now` is in seconds since 1970. A `RateLimit` header may tell of several limits.
    """
    told = ", ".join(answer.all_headers("ratelimit"))
    limits = told.split(",") if ";" in told else [told]
    resets = [_number(it, r"\b(?:t|reset)=(\d+)") for it in limits if _number(it, r"\b(?:r|remaining)=(\d+)") == 0]
    resets += [
        _header(answer, f"{it}-reset") for it in ("ratelimit", "x-ratelimit") if _header(answer, f"{it}-remaining") == 0
    ]
    return max((_wait(it, now) for it in resets if it is not None), default=0.0)


def _wait(reset: float, now: float) -> float:
    """A reset as seconds to wait: told so, or as a moment in seconds or milliseconds since 1970."""
    moment = reset / 1000 if reset > 1000 * _EPOCH else reset
    return max(0.0, moment - now) if moment > _EPOCH else moment


def _header(answer: Answer, name: str) -> float | None:
    return _number(answer.header(name) or "", r"^\s*(\d+(?:\.\d+)?)")


def _number(text: str, pattern: str) -> float | None:
    match = re.search(pattern, text)
    return float(match.group(1)) if match else None


def _kind(request: Request) -> Kind:
    return request.method, _IDENTIFIER.sub("/{}", urlsplit(request.url).path), request.by
