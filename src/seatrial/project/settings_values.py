"""Forms of values: what a variable's name says of it, what a value in a paper is worth, and what to put in its place.

Everything generated is deterministic: the same name and form give the same value, on every machine and in every run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Sequence

from seatrial.project.settings_facts import EnvRead, Kind, StandIn

_SECRET = re.compile(
    r"(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|PASS|PWD|PASSPHRASE|SALT|PEPPER|CREDENTIALS?|APIKEY|SIGNATURE)S?(?:_|$)"
    r"|(?:^|_)(?:KEY|KEYS)$"
    r"|(?:API|SECRET|ACCESS|PRIVATE|ENCRYPTION|SIGNING|JWT|AUTH|FERNET|MASTER|SERVICE_ROLE|ANON)_KEY(?:_|$)",
    re.I,
)
_NO_SECRET = re.compile(
    r"EXPIR|MINUTES|SECONDS|HOURS|DAYS|LENGTH|TTL|ALGORITHM|_URL$|_URI$|_TYPE$|_NAME$|_HEADER$|LIMIT|MAX_|_TOKENS$"
    r"|ROUNDS|PREFIX|_FILE$|_PATH$|SUBJECT",
    re.I,
)
_DATABASE_URL = re.compile(
    r"(?:DATABASE|(?:^|_)DB|POSTGRES(?:QL)?|(?:^|_)PG|NEON|SQLALCHEMY|ALEMBIC|SQL)\w*"
    r"(?:URL|URI|DSN|CONNECTION(?:_STRING)?|CONN_STR)$",
    re.I,
)
_OTHER_ENGINE = re.compile(
    r"MYSQL|MARIA|MONGO|REDIS|RABBIT|CELERY|COSMOS|NEO4J|CHROMA|QDRANT|VECTOR|ELASTIC|CLICKHOUSE|DYNAMO|SQLITE|ORACLE"
    r"|MSSQL|INFLUX|MILVUS|KAFKA|CACHE|BROKER|FIREBASE|CASSANDRA",
    re.I,
)
_PART = re.compile(
    r"(?:^|_)(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|PSQL|SQL)(?:_(?:TEST|MAIN|PRIMARY|APP|PROD|DEV|LOCAL))?_?(?P<part>"
    r"HOST|HOSTNAME|SERVER|ADDRESS|ADDR|PORT|USER|USERNAME|USR|PASSWORD|PASS|PASSWD|PWD|NAME|DB|DATABASE|DBNAME"
    r"|CREDENTIALS)$",
    re.I,
)
_POSTGRES_URL = re.compile(r"(?P<scheme>postgres(?:ql)?(?:\+\w+)?|postgis)://(?P<rest>[^\s'\"`]*)", re.I)
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:(?P<user>[^/@\s]*)@)?(?P<host>[^/?#\s]*)(?P<tail>[^\s]*)", re.I)

_PLACEHOLDER = re.compile(
    r"^<|<[a-z][\w -]*>|\byour?[-_ ]|\byour$|change[-_ ]?(?:me|this|it|in)|replace[-_ ]?(?:with|me|this)"
    r"|^x{3,}|[-_]x{3,}|x{4,}$|\.\.\.|^todo$|placeholder|^insert|[-_]here$|^(?:put|set|enter|generate|tu|seu)[-_ ]"
    r"|fill[-_ ]?(?:me|in)|^\*{3,}$|\[.*(?:your|password|user).*\]|^example$",
    re.I,
)

_SAMPLES: tuple[tuple[str, str], ...] = (
    (r"ALGORITHM$", "HS256"),
    (r"(?:^|_)(?:ENVIRONMENT|ENV|STAGE|APP_ENV|MODE)$", "development"),
    (r"LOG_?LEVEL|LOGLEVEL", "INFO"),
    (r"TIME_?ZONE|(?:^|_)TZ$", "UTC"),
    (r"REGION", "us-east-1"),
    (r"(?:^|_)(?:ALLOWED_HOSTS|TRUSTED_HOSTS)$", "*"),
    (r"(?:SMTP|MAIL|EMAIL)\w*(?:HOST|SERVER)", "localhost"),
    (r"(?:^|_)HOST(?:NAME)?$|_SERVER$|_ADDRESS$", "127.0.0.1"),
    (r"(?:EMAIL|MAIL_FROM|MAIL_SENDER|FROM_ADDR)", "someone@example.com"),
    (r"PHONE", "+15555550100"),
)
_PORTS = (
    ("REDIS", "6379"),
    ("SMTP|MAIL", "587"),
    ("POSTGRES|DB|PG|DATABASE", "5432"),
    ("MONGO", "27017"),
    ("", "8000"),
)
_KEYS = (
    ("OPENAI", "sk-"), ("ANTHROPIC", "sk-ant-"), ("STRIPE.*WEBHOOK", "whsec_"), ("STRIPE", "sk_test_"),
    ("GROQ", "gsk_"),
    ("GITHUB.*TOKEN", "ghp_"), ("HF_|HUGGING", "hf_"), ("SENDGRID", "SG."), ("RESEND", "re_"),
)  # fmt: skip
_URLS = (
    ("REDIS", "redis://127.0.0.1:6379/0"),
    ("MONGO", "mongodb://127.0.0.1:27017/app"),
    ("RABBIT|AMQP|BROKER", "amqp://guest:guest@127.0.0.1:5672/"),
    ("MYSQL", "mysql://seatrial:seatrial@127.0.0.1:3306/seatrial"),
    ("SENTRY", "https://0123456789abcdef0123456789abcdef@sentry.example.com/1"),
    ("QDRANT", "http://127.0.0.1:6333"),
    ("NEO4J", "bolt://127.0.0.1:7687"),
    ("FRONT|CLIENT|ORIGIN|BETTER_AUTH|NEXT", "http://localhost:3000"),
)


def kind_by_name(name: str) -> Kind:
    """What a variable's name alone says of its form."""
    if _DATABASE_URL.search(name) and not _OTHER_ENGINE.search(name):
        return Kind.DATABASE_URL
    if re.search(r"(?:^|_)(?:URL|URI|DSN|ENDPOINT)$", name, re.I):
        return Kind.URL
    if _SECRET.search(own_part(name)) and not _NO_SECRET.search(name):
        return Kind.SECRET
    if re.search(r"(?:^|_)PORT$|_(?:MINUTES|SECONDS|HOURS|DAYS|TTL|TIMEOUT|LIMIT|ROUNDS|SIZE)$|^MAX_", name, re.I):
        return Kind.INTEGER
    if re.search(r"(?:^|_)(?:DEBUG|ENABLED?|TLS|SSL|STARTTLS|RELOAD|ECHO)$|^(?:IS|USE|ENABLE)_", name, re.I):
        return Kind.BOOLEAN
    return Kind.EMAIL if re.search(r"(?:^|_)EMAIL$", name, re.I) else Kind.TEXT


def own_part(name: str) -> str:
    """The part of a nested name that says what the value is: `JWT_SECRET` of `AUTH_TOKEN__JWT_SECRET`.

    `KEY` and `SALT` say too little, and keep the part before them: `JWT_KEY` of `APP__JWT__KEY`.
    """
    parts = [part for part in name.split("__") if part]
    short = bool(parts) and parts[-1].upper() in ("KEY", "SALT")
    return "_".join(parts[-2:] if short else parts[-1:]) or name


def is_placeholder(value: str) -> bool:
    """Whether a documented value only stands for one that a person has to fill in."""
    return _PLACEHOLDER.search(value.strip()) is not None


def stands_for(value: str, kind: Kind) -> bool:
    """Whether a documented value cannot be used as it is for this form. A complete web address is kept, whatever it
    says.
    """
    if not value.strip():
        return True
    if kind is Kind.URL and _URL.fullmatch(value.strip()) and "<" not in value:
        return False
    if kind is Kind.EMAIL and re.fullmatch(r"[^@<>\s]+@[^@<>\s]+\.\w+", value.strip()):
        return False
    if kind in (Kind.JSON_LIST, Kind.COMMA_LIST, Kind.JSON_MAPPING) and "<" not in value:
        return False
    if kind is Kind.TEXT and "://" in value and "<" not in value:
        return False
    return is_placeholder(value) and not (" " in value and kind is Kind.TEXT and "<" not in value)


# --- databases


def is_postgres_url(value: str) -> bool:
    """Whether a value is a PostgreSQL URL of any driver."""
    return _POSTGRES_URL.match(value.strip()) is not None


def on_stand_in(url: str, database: StandIn) -> str:
    """The URL with its scheme, driver and query as documented, on the stand-in's host, user and database."""
    match = _POSTGRES_URL.match(url.strip())
    scheme = match["scheme"] if match else "postgresql"
    rest = match["rest"] if match else ""
    query = rest[rest.index("?") :] if "?" in rest else ""
    query = re.sub(r"&?(?:host|port|user|password|dbname|options)=[^&]*", "", query).replace("?&", "?")
    query = "" if query == "?" or "<" in query else query
    return f"{scheme}://{database.user}:{database.password}@{database.host}:{database.port}/{database.database}{query}"


def database_part(name: str) -> str:
    """Which part of a database's address a variable holds: "host", "port", "user", "password", "database",
    "credentials" or "".
    """
    match = _PART.search(name)
    if match is None or _OTHER_ENGINE.search(name):
        return ""
    part = match["part"].lower()
    for meaning, words in _PARTS.items():
        if part in words:
            return meaning
    return ""


_PARTS = {
    "host": ("host", "hostname", "server", "address", "addr"),
    "port": ("port",),
    "user": ("user", "username", "usr"),
    "password": ("password", "pass", "passwd", "pwd"),
    "database": ("name", "db", "database", "dbname"),
    "credentials": ("credentials",),
}


def part_of_stand_in(part: str, database: StandIn) -> str:
    """The stand-in's value for a part."""
    return {
        "host": database.host, "port": str(database.port), "user": database.user, "password": database.password,
        "database": database.database, "credentials": f"{database.user}:{database.password}",
    }[part]  # fmt: skip


def engine_named(values: Iterable[tuple[str, str]]) -> str:
    """The database engine that a variable such as DB_ENGINE names: "sqlite", "mysql", "postgresql" or ""."""
    for name, value in values:
        if re.search(
            r"(?:DB|DATABASE|SQL)\w*(?:ENGINE|DRIVER|MOTOR|DIALECT|TYPE|BACKEND|KIND|CONNECTION)$", name, re.I
        ):
            for engine in ("sqlite", "mysql", "mariadb", "postgres"):
                if engine in value.lower():
                    return engine
    return ""


def without_credentials(value: str) -> str:
    """A committed URL without its secrets: loopback instead of its host, no user and password of anyone's."""
    match = _URL.fullmatch(value.strip())
    if match is None or (match["user"] is None and match["scheme"].lower() in ("http", "https", "ws", "wss")):
        return value
    port = re.search(r":(\d+)$", match["host"])
    user = "seatrial:seatrial@" if match["user"] else ""
    return f"{match['scheme']}://{user}127.0.0.1{port[0] if port else ''}{match['tail']}"


# --- placeholders


def placeholder(name: str, kind: Kind, reads: Sequence[EnvRead] = (), comment: str = "", hint: str = "") -> str:
    """A value of the right form. `comment` is what the paper says beside it, `hint` the scheme of a database URL."""
    choices = next((read.choices for read in reads if read.choices), ())
    if choices:
        return choices[0]
    minimum = max((read.minimum_length for read in reads), default=0)
    if kind is Kind.DURATION and not any(read.how == "environs" for read in reads):
        return "PT1H"
    made = _by_kind(name, kind, comment, hint)
    return made if len(made) >= minimum else made + _hexadecimal(name + "+", minimum - len(made))


def _by_kind(name: str, kind: Kind, comment: str, hint: str) -> str:
    simple = {
        Kind.NUMBER: "0.5", Kind.BOOLEAN: "false", Kind.JSON_MAPPING: "{}", Kind.EMAIL: "someone@example.com",
        Kind.PATH: "./data", Kind.DURATION: "3600",
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if kind is Kind.INTEGER:
        return next(port for word, port in _PORTS if re.search(word, name, re.I)) if "PORT" in name.upper() else "60"
    if kind is Kind.UUID:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"seatrial:{name}"))
    if kind in (Kind.JSON_LIST, Kind.COMMA_LIST):
        item = "http://localhost:3000" if re.search(r"ORIGIN|CORS|URL|HOST", name, re.I) else "example"
        return json.dumps([item]) if kind is Kind.JSON_LIST else item
    if kind is Kind.DATABASE_URL:
        return on_stand_in(f"{hint or 'postgresql'}://", StandIn())
    if kind is Kind.URL:
        return next((url for word, url in _URLS if re.search(word, name, re.I)), "http://localhost:8000")
    return _secret(name, comment) if kind is Kind.SECRET else _sample(name)


def _sample(name: str) -> str:
    for pattern, value in _SAMPLES:
        if re.search(pattern, name, re.I):
            return value
    return _secret(name, "") if kind_by_name(name) is Kind.SECRET else f"seatrial-{name.lower().replace('_', '-')}"


def _secret(name: str, comment: str) -> str:
    """64 hexadecimal digits; a Fernet key or base64 where name or comment ask for it; with the usual prefix of a
    service.
    """
    if re.search(r"fernet", name + comment, re.I):
        return base64.urlsafe_b64encode(_digest(name)).decode()
    if re.search(r"rand -base64|b64encode|base64", comment, re.I):
        return base64.b64encode(_digest(name)).decode()
    prefix = next((prefix for word, prefix in _KEYS if re.search(word, name, re.I)), "")
    return prefix + _hexadecimal(name, 64)


def _digest(name: str) -> bytes:
    return hashlib.sha256(f"seatrial:{name}".encode()).digest()


def _hexadecimal(name: str, length: int) -> str:
    text = _digest(name).hex()
    while len(text) < length:
        text += hashlib.sha256(text.encode()).hexdigest()
    return text[:length]
