"""What is wrong with a secret, without saying what it is."""

from __future__ import annotations

import re

SHORTEST = 32
# Of 32 random hexadecimal digits, fewer than 7 differ once in 5,000 million, fewer than 10 once in 10,000.
FEWEST_CHARACTERS = 7
# Words of templates. Those of a few letters count only as words of their own: among the 64 characters of
# `secrets.token_urlsafe`, `DUmMy` comes up once in 400,000 secrets of 64 bytes (seen), `-DUmMy_` once in 400 million.
PLACEHOLDER = re.compile(
    r"change[-_ ]?(me|this|it)|placeholder|(?<![A-Za-z0-9])(replace|example|dummy|sample)(?![A-Za-z0-9])|your[-_ ]|"
    r"<.*>|secret[-_ ]?key|super[-_ ]?secret|password|1234567890|insecure|(test|auth|jwt)[-_ ]secret|\.\.\.",
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
