"""What a person gives, so that a run has two users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seatrial.verification.api import Operation, Resource
from seatrial.verification.user import BEARER, User


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: users with tokens, users with passwords, the key that signs tokens.

    `run` is the name of the run, from which users are named that only a signed token makes. `login`, `token_at` (a JSON
    pointer) and `carrier` say how a token is got and sent, `resource` what users make, where that is not to be found.
    """

    run: str
    tokens: tuple[User, ...] = ()
    accounts: tuple[User, ...] = ()
    secret: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)
    carrier: str = BEARER
    login: Operation | None = None
    token_at: str = ""
    resource: Resource | None = None
