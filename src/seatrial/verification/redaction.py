"""Takes secrets out of whatever is shown: of those that the run knows, and of what looks like one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key", "set-auth-jwt"})
_FIELD = re.compile(
    r'("(?:[a-z_]*password|access_token|refresh_token|token|secret|session_token|api_key)"\s*:\s*)"[^"]*"', re.I
)
_FORM = re.compile(r"\b(password|client_secret|access_token|token)=[^&\s\"']+", re.I)
_SHORTEST = 6  # characters; a shorter secret would blank out half of every text


@dataclass(slots=True)
class Secrets:
    """The secrets of a run: tokens, passwords, cookies, keys."""

    _known: dict[str, str] = field(default_factory=dict)

    def add(self, secret: str | None, name: str) -> None:
        """Never show `secret`; show `<name>` in its place."""
        if secret and len(secret) >= _SHORTEST:
            self._known[secret] = name

    def hide(self, text: str) -> str:
        """`text` without any secret."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, f"<{self._known[secret]}>")
        text = _TOKEN.sub(_token, text)
        text = _FIELD.sub(r'\1"<hidden>"', text)
        return _FORM.sub(r"\1=<hidden>", text)

    def hide_header(self, name: str, value: str) -> str:
        """The value of a header without any secret."""
        shown = self.hide(value)
        if name.lower() not in _HEADERS or shown != value:
            return shown
        if name.lower() == "set-cookie":
            return re.sub(r"^([^=;]+)=[^;]*", r"\1=<hidden>", value)
        scheme, space, _ = value.partition(" ")
        return f"{scheme}{space}<hidden>" if space and len(scheme) < 12 else "<hidden>" if value else ""

    def hide_all(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers without any secret."""
        return tuple((name, self.hide_header(name, value)) for name, value in headers)


def fingerprint(secret: str) -> str:
    """Six characters by which two secrets can be told apart, and neither be known."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:6]


def _token(match: re.Match[str]) -> str:
    return f"<token {fingerprint(match.group(0))}>"
