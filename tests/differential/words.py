"""Names and literals that look like a small web backend's."""

from __future__ import annotations

from random import Random

PACKAGES = ("app", "backend", "api", "shop", "blog", "server", "service", "notes", "tracker", "core")
FOLDERS = (
    "api",
    "core",
    "models",
    "services",
    "db",
    "routers",
    "utils",
    "domain",
    "auth",
    "schemas",
    "v1",
    "endpoints",
)
MODULES = (
    "config settings database models schemas users items orders billing events tasks mailer storage metrics security "
    "deps crud helpers registry plugins permissions sessions tokens audit search cache_store notifications payments "
    "invoices reports catalog inventory pricing webhooks middleware filters validators constants errors handlers base "
    "engine client adapters exports_csv jobs factory states policies"
).split()
NOUNS = (
    "user item order invoice event task token session report price product customer payment message job record policy "
    "account ticket course lesson student teacher grade room booking"
).split()
VERBS = "get load build make fetch create parse format render send check find resolve open collect register".split()
PARAMETERS = "name value limit size key owner amount label index count prefix flag".split()
MISSING = (
    "orjson uvloop redis celery sentry_sdk yaml dotenv sqlmodel passlib jose stripe boto3 httpx loguru structlog "
    "numpy_financial prometheus_client slowapi aiosmtplib motor beanie"
).split()
SHADOWS = ("colorsys", "wave", "statistics", "sched", "fileinput", "mailbox", "graphlib", "cmd", "chunk", "symtable")
LOADED_SHADOWS = ("queue", "calendar", "types", "logging", "platform", "random", "email", "json", "tokenize")
WORDS = ("alpha", "beta", "gamma", "delta", "primary", "draft", "open", "paid", "north", "blue", "small", "public")


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def literal(rng: Random) -> str:
    """A plain value, as source text."""
    return rng.choice(
        [str(rng.randint(0, 99)), repr(rng.choice(WORDS)), "True", "None", "[1, 2, 3]", "{'a': 1}", "(1, 'x')"]
    )


def misspell(name: str, rng: Random) -> str:
    """A plausible slip of the same name; never the name itself."""
    slips = [name + "s", name[:-1] or name + "_", name.replace("_", ""), name.lower(), name.capitalize(), name + "_v2"]
    if len(name) > 3:
        place = rng.randrange(1, len(name) - 1)
        slips += [name[:place] + name[place + 1 :], name[:place] + name[place + 1] + name[place] + name[place + 2 :]]
    fitting = [slip for slip in slips if slip != name and slip.isidentifier()]
    return rng.choice(fitting) if fitting else name + "_old"
