"""What differs between deployments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the rows lie, which front end may call, and whether the service is behind TLS."""

    database: Path
    frontend: str = "https://todos.example.com"
    secure: bool = False
    body_bytes: int = 65_536
    wrong_logins: int = 5
    window_s: float = 60.0
    session_s: float = 3600.0

    @property
    def cookie(self) -> str:
        """The session's cookie, named as Better Auth names it."""
        return "__Secure-better-auth.session_token" if self.secure else "better-auth.session_token"
