"""Whom the benchmark asks for: accounts with tasks, put into the database, for each subject in its own tables."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import jwt
from pydantic import SecretStr

from src.auth.tokens import make_access_token, now
from src.settings.model import Tokens
from tests.parts.postgresql import PostgreSQL

TASKS = 60
# The tables of the full-stack template as its migrations leave them.
TEMPLATE = """
CREATE TABLE "user" (
    id uuid PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, is_active boolean NOT NULL, is_superuser boolean NOT NULL,
    full_name varchar(255), hashed_password varchar NOT NULL, created_at timestamptz);
CREATE TABLE item (
    id uuid PRIMARY KEY, title varchar(255) NOT NULL, description varchar(255), created_at timestamptz,
    owner_id uuid NOT NULL REFERENCES "user"(id) ON DELETE CASCADE);
"""
# Numbers follow from the account's place and the task's, so that they need not be read back.
FILL = """
INSERT INTO users SELECT {user}, 'local', n || '@example.com', n || '@example.com', 'Somebody', 'none', now()
    FROM generate_series({first}, {last}) n;
INSERT INTO sessions SELECT {session}, {user}, now(), now() + interval '1 day' FROM generate_series({first}, {last}) n;
INSERT INTO tasks SELECT {task}, {user}, 'Task ' || t, repeat('What is to be done. ', 5), 2, NULL, NULL,
    now() - t * interval '1 minute', now() FROM generate_series({first}, {last}) n, generate_series(1, {tasks}) t;
INSERT INTO "user" SELECT id, email, true, false, name, 'none', created_at FROM users ON CONFLICT DO NOTHING;
INSERT INTO item SELECT id, title, description, created_at, owner_id FROM tasks ON CONFLICT DO NOTHING;
ANALYZE;
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """An account's token, as the service makes it and as the template does; and the number of a task of theirs."""

    token: str
    template_token: str
    task: str


def number(kind: int, account: int, task: int = 0) -> str:
    """The number of a user (1), a session (2) or a task (3)."""
    return str(uuid.UUID(f"{kind:08x}-0000-4000-8000-{account:06x}{task:06x}"))


def sql_number(kind: int, task: str = "0") -> str:
    """The same of the account `n`, as SQL."""
    return f"('{kind:08x}-0000-4000-8000-' || lpad(to_hex(n), 6, '0') || lpad(to_hex({task}), 6, '0'))::uuid"


def fill(postgresql: PostgreSQL, first: int, last: int, tasks: int) -> None:
    """Put accounts with tasks into all tables."""
    names = {"user": sql_number(1), "session": sql_number(2), "task": sql_number(3, "t")}
    postgresql.query(FILL.format(first=first, last=last, tasks=tasks, **names), "tasks")


def people(secret: str, first: int, last: int, tasks: int) -> list[Somebody]:
    """Those accounts, signed in for as long as a benchmark takes."""
    hour = timedelta(hours=1)
    settings = Tokens(SecretStr(secret), "tasks-backend", "tasks-api", hour, hour, hour)
    found = []
    for account in range(first, last + 1):
        user = number(1, account)
        token = make_access_token(settings, uuid.UUID(user), uuid.UUID(number(2, account)), now())
        template = jwt.encode({"exp": now() + hour, "sub": user}, secret, "HS256")
        found.append(Somebody(token, template, number(3, account, (tasks + 1) // 2)))
    return found
