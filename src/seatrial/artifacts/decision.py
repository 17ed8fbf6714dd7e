"""The text of a new decision record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date


def text(number: int, title: str, day: date, status: str, concerns: Sequence[str]) -> str:
    """A record with what is known filled in, and a sentence under each heading that says what belongs there."""
    listed = f"- Concerns: {', '.join(concerns)}\n" if concerns else ""
    return f"""# {number:04d}. {title}

- Date: {day.isoformat()}
- Status: {status}
{listed}
## Context

What is the case, and which forces pull in which direction. Facts with their source;
figures with the run they come from.

## Decision

What we do, in the present tense.

## Alternatives

What else was possible, and why it was not chosen: one line each.

## Consequences

What becomes easier, what becomes harder, and what would make us decide again.
"""


def file_name(number: int, title: str) -> str:
    """`0012-keep-sessions-in-the-database.md`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return f"{number:04d}-{'-'.join(words)[:60].rstrip('-') or 'decision'}.md"
