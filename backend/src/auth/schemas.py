"""What the routes of accounts take and give."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr, StringConstraints

from src.text import printable

Password = Annotated[SecretStr, Field(min_length=12, max_length=128)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(printable)]
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower), AfterValidator(printable)]


class Input(BaseModel):
    """What is not documented is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignUp(Input):
    """A new account."""

    email: Email
    password: Password
    name: Name | None = None


class Login(Input):
    """An e-mail address and its password."""

    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=128)]


class Refresh(Input):
    """A refresh token, to be exchanged."""

    refresh_token: Annotated[str, StringConstraints(min_length=20, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class PasswordChange(Input):
    """The password as it is, and as it shall be."""

    current_password: Annotated[SecretStr, Field(min_length=1, max_length=128)]
    new_password: Password


class TokenPair(BaseModel):
    """What a client signs its requests with, and what it gets the next pair for."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind of token, not one
    expires_in: int = Field(description="Seconds until the access token expires.")


class Account(BaseModel):
    """An account, as its owner sees it."""

    id: uuid.UUID
    email: str | None
    name: str
    created_at: datetime
