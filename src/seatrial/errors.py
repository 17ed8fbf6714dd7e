"""What a user did that cannot work, said in one sentence."""

from __future__ import annotations


class UsageError(Exception):
    """The input cannot be used. The message says what is wrong and what to do; the command exits with 2."""
