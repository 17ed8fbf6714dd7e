"""Origins of front ends, as browsers write them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def origin_fault(origin: str, *, production: bool) -> str | None:
    """What keeps the text from being an origin that a browser sends, as the end of a sentence."""
    parts = urlsplit(origin)
    if "*" in origin:
        return "has a wildcard: every front end is named in full"
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        return "is not of the form https://app.example.com"
    if parts.path or parts.query or parts.fragment:
        return "has something after the host: an origin is scheme, host and port alone, without a slash at the end"
    if production and parts.scheme != "https":
        return "is not https"
    if origin != origin.lower():
        return "has capital letters, which no browser sends"
    return None


def preview_pattern(project: str, team: str) -> str:
    """Matches the previews that Vercel makes of one's own project, `https://PROJECT-anything-TEAM.vercel.app`, whole.

    Others cannot take such a name: the team's part at the end is Vercel's to give.
    """
    return rf"https://{re.escape(project)}-[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?-{re.escape(team)}\.vercel\.app"


def is_label(text: str) -> bool:
    """Whether the text can be part of a host name."""
    return LABEL.fullmatch(text) is not None
