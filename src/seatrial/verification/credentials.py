"""What a person gives of credentials: environment variables, `verify.toml`, or a file of Web Fuzzing Commons."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from seatrial.verification.authfile import with_file
from seatrial.verification.given import Given
from seatrial.verification.user import User

NAMES = (
    "SEATRIAL_USER_A",
    "SEATRIAL_USER_B",
    "SEATRIAL_TOKEN_A",
    "SEATRIAL_TOKEN_B",
    "SEATRIAL_JWT_SECRET",
)


def given_by(options: VerifyOptions, run: str) -> Given:
    """What a person gives, by a file or by the environment; the environment wins. Raises UsageError."""
    found = from_environment(run, dict(options.credentials))
    return with_file(found, options.auth) if options.auth else found


def from_environment(run: str, variables: Mapping[str, str]) -> Given:
    """What the environment gives. Raises UsageError for half a pair, or an account without a password."""
    return Given(
        run,
        tuple(User(label, token=value) for label, value in _pair(variables, "SEATRIAL_TOKEN")),
        tuple(_account(label, value) for label, value in _pair(variables, "SEATRIAL_USER")),
        variables.get("SEATRIAL_JWT_SECRET", ""),
    )


def _pair(variables: Mapping[str, str], name: str) -> tuple[tuple[str, str], ...]:
    given = tuple((label, variables.get(f"{name}_{label}", "").strip()) for label in "AB")
    missing = [label for label, value in given if not value]
    if len(missing) == 1:
        raise UsageError(f"{name}_{missing[0]} is missing: isolation takes two users")
    if given[0][1] and given[0][1] == given[1][1]:
        raise UsageError(f"{name}_A and {name}_B are the same: isolation takes two users")
    return () if missing else given


def _account(label: str, value: str) -> User:
    email, colon, password = value.partition(":")
    if not (email and colon and password):
        raise UsageError(f"SEATRIAL_USER_{label} is not email:password")
    return User(label, email=email, password=password)
