"""Counts an answer's headers as the MDN HTTP Observatory does (its `src/grader/charts.js`, algorithm version 6).

It starts at 100. What costs points is taken off; what earns some is added only where at least 90 are left. What
takes a scan of its own, the redirect from http and the preload list, is not counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from seatrial.verification.exchange import Answer, Exchange

HALF_YEAR_S = 15_552_000
_GRADES = (
    (100, "A+"),
    (90, "A"),
    (85, "A-"),
    (80, "B+"),
    (70, "B"),
    (65, "B-"),
    (60, "C+"),
    (50, "C"),
    (45, "C-"),
    (40, "D+"),
    (30, "D"),
    (25, "D-"),
)
_BONUS_FROM = 90
_PRIVATE = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
_OPEN = frozenset({"unsafe-url", "origin", "origin-when-cross-origin", "no-referrer-when-downgrade"})


@dataclass(frozen=True, slots=True)
class Point:
    """What one test of the Observatory adds or takes."""

    test: str
    points: int
    said: str


@dataclass(frozen=True, slots=True)
class Cookie:
    """One `Set-Cookie`. `same_site` is in lower case, "" where it is absent."""

    name: str
    value: str
    secure: bool
    http_only: bool
    same_site: str


def verdicts(read: Exchange, foreign: Exchange) -> tuple[Point, ...]:
    """Every test, by one answer and by that to a page of a foreign origin."""
    answer, secure = read.answer, read.request.url.startswith("https:")
    return (
        _content_policy(answer),
        _transport(answer, secure),
        _sniffing(answer),
        _frames(answer),
        _referrer(answer),
        _crossing(foreign),
        _cookies(answer, transport_age(answer) is not None and secure),
        _isolation(answer, "cross-origin-resource-policy", ("same-origin", "same-site"), ("cross-origin",)),
        _isolation(answer, "cross-origin-embedder-policy", ("require-corp", "credentialless"), ("unsafe-none",)),
        _isolation(answer, "cross-origin-opener-policy", ("same-origin", "same-origin-allow-popups"), ("unsafe-none",)),
    )


def score(found: tuple[Point, ...]) -> int:
    """The whole, never below 0."""
    lost = 100 + sum(it.points for it in found if it.points < 0)
    gained = sum(it.points for it in found if it.points > 0) if lost >= _BONUS_FROM else 0
    return max(0, lost + gained)


def grade(total: int) -> str:
    """The letter of a score."""
    return next((letter for least, letter in _GRADES if total >= least), "F")


def transport_age(answer: Answer) -> int | None:
    """The `max-age` of Strict-Transport-Security in seconds; None where it is absent or not valid."""
    match = re.search(r"(?i)(?:^|;)\s*max-age\s*=\s*\"?(\d+)", answer.header("strict-transport-security") or "")
    return int(match.group(1)) if match else None


def cookies(answer: Answer) -> tuple[Cookie, ...]:
    """The cookies that an answer sets, at most fifty."""
    return tuple(_cookie(line) for line in answer.all_headers("set-cookie")[:50])


def _cookie(line: str) -> Cookie:
    pair, _, rest = line.partition(";")
    name, _, value = pair.partition("=")
    words = [it.strip().lower() for it in rest.split(";")]
    site = next((it.partition("=")[2].strip() for it in words if it.startswith("samesite")), "")
    return Cookie(name.strip(), value.strip(), "secure" in words, "httponly" in words, site)


def _content_policy(answer: Answer) -> Point:
    policy = (answer.header("content-security-policy") or "").lower()
    if not policy.strip():
        return Point("Content-Security-Policy", -25, "absent")
    scripts = _directive(policy, "script-src") or _directive(policy, "default-src")
    if scripts is None or "'unsafe-inline'" in scripts or scripts & {"http:", "https:", "*", "data:"}:
        return Point("Content-Security-Policy", -20, "scripts of anywhere, or inline ones, may run")
    if "'unsafe-eval'" in scripts:
        return Point("Content-Security-Policy", -10, "eval is allowed")
    if "'unsafe-inline'" in (_directive(policy, "style-src") or set()):
        return Point("Content-Security-Policy", 0, "inline styles are allowed")
    forms = _directive(policy, "form-action") or set()
    nothing = _directive(policy, "default-src") == {"'none'"} and bool(forms) and forms <= {"'none'", "'self'"}
    return Point("Content-Security-Policy", 10 if nothing else 5, "strict" if nothing else "nothing unsafe")


def _directive(policy: str, name: str) -> set[str] | None:
    for part in policy.split(";"):
        words = part.split()
        if words and words[0] == name:
            return set(words[1:])
    return None


def _transport(answer: Answer, secure: bool) -> Point:
    age = transport_age(answer)
    if not secure or age is None:
        return Point("Strict-Transport-Security", -20, "absent" if secure else "there is no TLS")
    short = age < HALF_YEAR_S
    return Point("Strict-Transport-Security", -10 if short else 0, f"{age} s")


def _sniffing(answer: Answer) -> Point:
    right = (answer.header("x-content-type-options") or "").strip().lower() == "nosniff"
    return Point("X-Content-Type-Options", 0 if right else -5, "nosniff" if right else "absent")


def _frames(answer: Answer) -> Point:
    ancestors = _directive((answer.header("content-security-policy") or "").lower(), "frame-ancestors")
    named = (answer.header("x-frame-options") or "").strip().lower()
    right = ancestors is not None or named in ("deny", "sameorigin")
    return Point("X-Frame-Options", 5 if right else -20, "no other page may frame it" if right else "absent")


def _referrer(answer: Answer) -> Point:
    header = answer.header("referrer-policy")
    if header is None:
        return Point("Referrer-Policy", 0, "absent")
    known = [it for it in (word.strip() for word in header.lower().split(",")) if it in _PRIVATE | _OPEN]
    said = known[-1] if known else header  # the last one that is known counts
    return Point("Referrer-Policy", 5 if said in _PRIVATE else -5, said)


def _crossing(foreign: Exchange) -> Point:
    origin = dict(foreign.request.headers).get("Origin")
    granted = foreign.answer.header("access-control-allow-origin")
    cookies_too = foreign.answer.header("access-control-allow-credentials") == "true"
    open_to_all = granted is not None and granted == origin and cookies_too
    return Point("Cross-Origin Resource Sharing", -50 if open_to_all else 0, "any origin, with cookies")


def _cookies(answer: Answer, strict: bool) -> Point:
    found = cookies(answer)
    if not found:
        return Point("Cookies", 0, "none")
    sessions = [it for it in found if re.search(r"(?i)login|sess", it.name)]
    if any(not it.secure for it in sessions):
        return Point("Cookies", -10 if strict else -40, "a session without Secure")
    if any(not it.http_only for it in sessions):
        return Point("Cookies", -30, "a session without HttpOnly")
    if any(not it.secure for it in found):
        return Point("Cookies", -5 if strict else -20, "without Secure")
    if any(it.same_site not in ("", "lax", "strict", "none") for it in found):
        return Point("Cookies", -20, "SameSite is not valid")
    return Point("Cookies", 5 if all(it.same_site for it in found) else 0, "Secure, and HttpOnly for sessions")


def _isolation(answer: Answer, header: str, good: tuple[str, ...], neutral: tuple[str, ...]) -> Point:
    said = (answer.header(header) or "").strip().lower()
    name = "-".join(it.capitalize() for it in header.split("-"))
    if said in good:
        return Point(name, 10, said)
    return Point(name, 0 if not said or said in neutral else -5, said or "absent")
