"""Secrets that their form gives away: keys of services as detect-secrets knows them, and addresses with a password."""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import Any

from seatrial.rules.secrets import credentials_in, masked

PATTERN = (
    r"(AKIA|ASIA|AGPA|AROA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_|glpat-|xox[baprs]-|[sr]k_live_|SG\.[A-Za-z0-9_-]{22}\."
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|sk-[A-Za-z0-9_-]{24}|npm_[A-Za-z0-9]{36}"
    r"|(postgres|postgresql|mysql|mariadb|mongodb|redis|rediss|amqp)[a-z+0-9]*://[^ :/@\"']+:[^ @/\"']+@"
)
"""What a line must hold to be worth a look, as git and Python both read it."""

_WORTH = re.compile(PATTERN)
_LOGIN = re.compile(r"://[^\s:/@\"']+:[^\s@/\"']+@")
_WORDS = (
    *("AKIA", "ASIA", "AGPA", "AROA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox"),
    *("k_live_", "SG.", "PRIVATE KEY", "sk-", "npm_"),
)
_LOGIN_IN_BYTES = re.compile(_LOGIN.pattern.encode())
_FORMS_IN_BYTES = tuple(
    re.compile(form)
    for form in (
        *(rb"A(?:KIA|SIA|GPA|ROA)[0-9A-Z]{16}", rb"gh[pousr]_[A-Za-z0-9]{36}", rb"github_pat_", rb"glpat-"),
        *(rb"xox[baprs]-", rb"k_live_", rb"SG\.[A-Za-z0-9_-]{22}\.", rb"PRIVATE KEY"),
        *(rb"sk-[A-Za-z0-9_-]{24}", rb"npm_[A-Za-z0-9]{36}"),
    )
)
_GIT_LOOKS_AT = 8000  # bytes
_DETECTORS = (
    ("aws", "AWSKeyDetector", "An access key of AWS"),
    ("github_token", "GitHubTokenDetector", "A token of GitHub"),
    ("gitlab_token", "GitLabTokenDetector", "A token of GitLab"),
    ("slack", "SlackDetector", "A token of Slack"),
    ("stripe", "StripeDetector", "A live key of Stripe"),
    ("sendgrid", "SendGridDetector", "A key of SendGrid"),
    ("npm", "NpmDetector", "A token of npm"),
    ("openai", "OpenAIDetector", "A key of OpenAI"),
    ("private_key", "PrivateKeyDetector", "A private key"),
)
_EXAMPLE = re.compile(r"example|x{4,}|your|dummy|fake|placeholder|<|\.\.\.|0{6,}|1234567", re.I)


def may_hold_one(raw: bytes) -> bool:
    """As `is_worth_a_look`, for the bytes of a file in any encoding that keeps ASCII; true for more than that one.

    Each pattern is looked for by itself: where one begins with letters, Python finds these faster than it tells
    alternatives apart. False for what git takes for binary.
    """
    if b"\0" in raw[:_GIT_LOOKS_AT]:
        return False
    return any(form.search(raw) for form in _FORMS_IN_BYTES) or (
        b"://" in raw and _LOGIN_IN_BYTES.search(raw) is not None
    )


def is_worth_a_look(text: str) -> bool:
    """Whether the pattern may match: words are looked for first, which takes a tenth of the time."""
    if not any(word in text for word in _WORDS) and not ("://" in text and _LOGIN.search(text)):
        return False
    return _WORTH.search(text) is not None


def kind_of(line: str) -> tuple[str, str] | None:
    """What secret a line holds, in words, and its text; None where it holds none."""
    for match in credentials_in(line):
        return f"The password for {match['host']}", match[0]
    for kind, detector in _detectors():
        for value in detector.analyze_string(line):
            text = str(value)
            if not _EXAMPLE.search(text) and not _EXAMPLE.search(line.partition(text)[2][:12]):
                shown = "" if text.startswith(("BEGIN", "-----")) else f", {masked(text)},"
                return f"{kind}{shown}".rstrip(","), text
    return None


@cache
def _detectors() -> tuple[tuple[str, Any], ...]:
    """Loaded when a line is worth it: they take a while to import."""
    found = []
    for module, name, kind in _DETECTORS:
        found.append((kind, getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()))
    return tuple(found)
