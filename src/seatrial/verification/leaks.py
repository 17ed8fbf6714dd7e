"""What an answer must not tell: how the server is built, where its files lie, what its database is called."""

from __future__ import annotations

import re

from seatrial.verification.exchange import Exchange

_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("a traceback", r"Traceback \(most recent call last\)"),
        ("a line of source", r'File \\?"[^"]+\.py\\?", line \d+'),
        ("a path of the server", r"(?:/usr/(?:local/)?lib/python3|site-packages/|/home/\w+/|/app/\w+[\w/]*\.py)"),
        (
            "a credential in a URL",
            r"\b(?:postgres(?:ql)?|mysql|redis|rediss|mongodb|amqp)(?:\+\w+)?://[^\s\"'@/]*:[^\s\"'@/]+@",
        ),
        ("the URL of a database", r"\b(?:postgres(?:ql)?|mysql|sqlite|mongodb)(?:\+\w+)?:///?[^\s\"']+"),
        (
            "an exception of the database",
            r"\b(?:sqlalchemy\.exc|asyncpg\.exceptions|psycopg2?\.|sqlite3\.|pymysql\.)\w*",
        ),
        ("an error of the database", r"\b(?:IntegrityError|OperationalError|ProgrammingError|DataError|DBAPIError)\b"),
        ("the text of a statement", r"\[SQL: |\bSELECT .{1,200} FROM \w+ |\bINSERT INTO \w+ \("),
        (
            "an error of the connection",
            r"could not connect to server|Connect call failed|Connection refused|password authentication failed",
        ),
        (
            "an exception",
            r"\b(?:AttributeError|KeyError|TypeError|ZeroDivisionError|RuntimeError|UnicodeDecodeError|RecursionError|OverflowError)\b",
        ),
        ("a debugging page", r"Werkzeug Debugger|django\.core|<title>Starlette|class=\"traceback-container\""),
    )
)


def leaks(exchange: Exchange) -> tuple[str, ...]:
    """What this answer tells that it should not, each in a few words; what the request itself said does not count."""
    said = exchange.request.body.decode("utf-8", "replace") + exchange.request.url
    found = []
    for name, sign in _SIGNS:
        match = sign.search(exchange.answer.text)
        if match and match.group(0) not in said:
            found.append(f"{name} ({match.group(0)[:60]})")
    return tuple(found)
