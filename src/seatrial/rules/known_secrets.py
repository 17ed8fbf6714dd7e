"""Secrets that their form gives away: keys of services as detect-secrets knows them, and addresses with a password."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
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
_FORMS = (
    *(r"A(?:KIA|SIA|GPA|ROA)[0-9A-Z]{16}", r"gh[pousr]_[A-Za-z0-9]{36}", r"github_pat_", r"glpat-", r"xox[baprs]-"),
    *(r"k_live_", r"SG\.[A-Za-z0-9_-]{22}\.", r"PRIVATE KEY", r"sk-[A-Za-z0-9_-]{24}", r"npm_[A-Za-z0-9]{36}"),
    r"://[^\s:/@\"']+:[^\s@/\"']+@",
)
_IN_TEXT = tuple(re.compile(form) for form in _FORMS)
_IN_BYTES = tuple(re.compile(form.encode()) for form in _FORMS)
_BEFORE = 40  # characters that a match may begin before the form within it
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
    """Whether the bytes of a file, in any encoding that keeps ASCII, may hold what the pattern matches.

    Each form is looked for by itself: where one begins with letters, Python finds these faster than it tells
    alternatives apart. False for what git takes for binary.
    """
    return b"\0" not in raw[:_GIT_LOOKS_AT] and any(form.search(raw) for form in _IN_BYTES)


def lines_worth_a_look(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold what the pattern matches, with their numbers from 1; all others are passed over at once."""
    starts = {
        text.rfind("\n", 0, found.start()) + 1
        for form in _IN_TEXT
        for found in form.finditer(text)
        if _WORTH.search(text, max(found.start() - _BEFORE, 0), found.end() + 1)
    }
    number, before = 1, 0
    for start in sorted(starts):
        number += text.count("\n", before, start)
        before = start
        end = text.find("\n", start)
        yield number, text[start:] if end < 0 else text[start:end]


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
