"""What is wrong with a secret, without saying what it is."""

from __future__ import annotations

import re

SHORTEST = 32
FEWEST_CHARACTERS = 10
# Words of templates. Each is long enough, or has a character, that random secrets do not have it by chance.
PLACEHOLDER = re.compile(
    r"change[-_ ]?(me|this|it)|placeholder|replace|your[-_ ]|example|dummy|sample|<.*>|secret[-_ ]?key|"
    r"super[-_ ]?secret|password|1234567890|insecure|(test|auth|jwt)[-_ ]secret|\.\.\.",
    re.IGNORECASE,
)


def weakness(secret: str) -> str | None:
    """What is wrong with the secret, as the end of a sentence that does not repeat it; None when it is fit to use."""
    if not secret.strip():
        return "is empty"
    if PLACEHOLDER.search(secret):
        return "is a placeholder; make one with: openssl rand -base64 48"
    if len(secret.encode()) < SHORTEST:
        return f"is shorter than {SHORTEST} bytes; make one with: openssl rand -base64 48"
    if len(set(secret)) < FEWEST_CHARACTERS:
        return "repeats a few characters; make one with: openssl rand -base64 48"
    return None
