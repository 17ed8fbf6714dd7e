"""What a user did that cannot work, said in one sentence."""

from __future__ import annotations

from collections.abc import Sequence


class UsageError(Exception):
    """The input cannot be used. The message says what is wrong and what to do; the command exits with 2.

    What there is to choose from is `choices`, shown below the sentence, a line each.
    """

    def __init__(self, message: str, choices: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.choices = tuple(choices)
