"""Secrets by their names and by their look, and the edits that take one out of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.issue import Edit
from seatrial.project.settings_values import own_part
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.edits import imported, replace
from seatrial.rules.templates import added, line_for

SIGNING = re.compile(
    r"SECRET|(?:JWT|SIGN|SIGNING|ENCRYPTION|FERNET|HMAC|SESSION|COOKIE|AUTH|TOKEN)_?(?:KEY|SALT)|^(?:JWT|SALT|PEPPER)$",
    re.I,
)
"""Names of what tokens, sessions and cookies are signed or encrypted with."""

SECRET = re.compile(
    r"(?:^|_)(?:SECRET|SECRET_?KEY|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|PASSWORD|PASSWD|AUTH_?TOKEN|ACCESS_?TOKEN"
    r"|JWT_SECRET|ENCRYPTION_?KEY)$",
    re.I,
)
"""Names of whatever nobody else may know."""

_BOUGHT = re.compile(r"CLIENT_?SECRET|WEBHOOK|API_?(?:KEY|SECRET)|STRIPE|GOOGLE|GITHUB|AWS|S3|CLOUDINARY|OPENAI", re.I)
_NOT_ONE = re.compile(
    r"URL$|URI$|NAME$|HEADER|ALGORITHM|EXPIRE|TTL|MINUTES|DAYS|LENGTH|PATTERN|REGEX|PREFIX|ISSUER|AUDIENCE|FILE|PATH"
    r"|PUBLIC|HASH|FIELD|TYPE|SCHEME|ENDPOINT|HINT|ERROR|MESSAGE",
    re.I,
)
_PLACEHOLDER = re.compile(
    r"<.*>|\{.*\}|\$.*|x{3,}.*|.*\.\.\.|\*+|(?:none|null|test|string|example|placeholder|todo|password|secret)", re.I
)


def is_signing(name: str) -> bool:
    """Whether a variable of this name keys tokens, sessions or cookies."""
    others = _NOT_ONE.search(name) or _BOUGHT.search(name) or name.upper().endswith("PASSWORD")
    return SIGNING.search(own_part(name)) is not None and not others


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds what nobody else may know."""
    return SECRET.search(name) is not None and _NOT_ONE.search(name) is None


def stands_for_one(value: str) -> bool:
    """Whether a text stands for a secret that is filled in elsewhere: `<your key>`, `${KEY}`, `xxx`."""
    return not value.strip() or _PLACEHOLDER.fullmatch(value.strip()) is not None


_CREDENTIALS = re.compile(
    r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?)(?:\+\w+)?://[^\s:/@\"'{}$<>]+:(?P<password>[^\s@/\"'{}$<>]+)"
    r"@(?P<host>[\w-]+(?:\.[\w-]+)+)"
)
_NO_PASSWORD = re.compile(
    r"pass(?:word|wd)?\d*|postgres|root|admin|user|secret|change.?me|your.*|x+|\*+|example|1234\d*|pwd", re.I
)
_NO_HOST = re.compile(
    r"127\.|0\.0\.0\.0|10\.|192\.168\.|.*\.(?:example|local|internal|test)(?:\.\w+)?$|example\.|host\.|.*xxx|your", re.I
)


def credentials_in(text: str) -> Iterator[re.Match[str]]:
    """The URLs of servers elsewhere that have a real password in them; groups `password` and `host`."""
    for match in _CREDENTIALS.finditer(text):
        if not _NO_PASSWORD.fullmatch(match["password"]) and not _NO_HOST.match(match["host"]):
            yield match


def looks_random(value: str) -> bool:
    """Whether a text was made by a machine: long, without blanks, of letters and digits."""
    kinds = sum(bool(re.search(pattern, value)) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))
    return len(value) >= 16 and re.fullmatch(r"[\w+/=.-]+", value) is not None and kinds >= 2 and len(set(value)) > 8


def variable_for(name: str) -> str:
    """The environment variable for a name of the code: `jwt_secret` -> `JWT_SECRET`."""
    made = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).strip("_").upper()
    return made if re.fullmatch(r"[A-Z][A-Z0-9_]*", made) else "SECRET_KEY"


def from_environment(case: Case, file: CodeFile, node: ast.expr, name: str) -> tuple[Edit, ...]:
    """The edits that let an expression be `os.environ["NAME"]`, and give the example a line for it."""
    edits = [replace(file, node, f'os.environ["{name}"]'), imported(file, "import os")]
    documented = any(item.name == name and item.value for item in case.papers.documented)
    lines = () if documented else added(case, [line_for(case, name)], "Required: nobody else may know these.")
    return (*(edit for edit in edits if edit is not None), *lines)


def masked(value: str) -> str:
    """A secret as a report may show it: `ab…` and how long it is."""
    return f"{value[:2]}… ({len(value)} characters)"
