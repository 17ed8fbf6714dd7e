"""Chooses, among the operations of a service, those that the probes play with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from seatrial.verification.api import ID, NAME, USER, Accounts, Operation, Resource
from seatrial.verification.samples import sample_object

_OWNERS = re.compile(r"^(user|owner|account|member|u)(_?id|_?uuid|name)?$|^(uid|owner)$", re.I)
_NO_RESOURCE = re.compile(r"auth|login|logout|sign|register|token|user|account|session|password|payment|billing|admin")
_LIKELY = ("task", "todo", "item", "note", "post", "article", "entr", "record", "project", "list")
_TEXTS = ("title", "name", "text", "content", "body", "description", "summary", "label", "subject", "note", "message")
_SIGN_UP = re.compile(r"/(sign-?_?up(/email)?|register|registration)/?$", re.I)
_LOG_IN = re.compile(r"/(log-?_?in|sign-?_?in(/email)?|token|access-token|login/access-token|jwt/login)/?$", re.I)
_ME = re.compile(r"/(me|profile|whoami|current_?-?user|get-session)/?$", re.I)
_DELETE = re.compile(r"/(me|account|profile|delete-?_?(user|account|me))/?$", re.I)
_TOKEN = re.compile(r"/api/auth/token/?$", re.I)
_HEALTH = re.compile(
    r"/(health|healthz|health[-_]?check|readyz?|readiness|status|live|livez|ping)(/[a-z_-]+)?/?$", re.I
)
_PUBLIC = ("post", "article", "comment", "blog", "product", "recipe", "book", "event", "page", "review", "news")
_OWN = re.compile(r"/users?/{[^}]*(user|name|id)[^}]*}/?$", re.I)
_MARKED = 24  # characters that the marked text has to hold


def choose_resources(operations: Iterable[Operation]) -> tuple[Resource, ...]:
    """What users create, see and delete, in the order in which probing it tells most."""
    known = tuple(operations)
    found = [it for operation in known if (it := _resource(operation, known))]
    return tuple(sorted(found, key=_telling, reverse=True))


def _resource(create: Operation, operations: tuple[Operation, ...]) -> Resource | None:
    marked = _marked(create.schema)
    if create.method != "POST" or create.form or (create.described and not marked):
        return None
    base = create.path.rstrip("/")
    parameters = re.findall(r"{([^}]+)}", base)
    strangers = [it for it in parameters if not _OWNERS.match(it)]
    if strangers or len(parameters) > 1 or _NO_RESOURCE.search(_last(base)):
        return None
    items = [it for it in operations if re.fullmatch(re.escape(base) + r"/{[^}]+}/?", it.path)]
    methods = frozenset(it.method for it in items)
    listing = _listing(base, operations)
    if "DELETE" not in methods or not ("GET" in methods or listing):
        return None
    collection, listed = _general(create.path), _general(listing.path) if listing else ""
    reads = [it for it in (*items, *((listing,) if listing else ())) if it.method == "GET"]
    return Resource(
        _last(base).removesuffix("s"),
        collection,
        _general(items[0].path, item=True),
        methods,
        sample_object(create.schema),
        marked,
        _key(create.answer, items),
        listing.query if listing else (),
        listing is not None,
        tuple(
            (it.method, _general(it.path[: -len(end)], item=True) + end) for it, end in _actions(items[0], operations)
        ),
        listed if listed != collection else "",
        any("name" in it.lower() for it in parameters),
        create.secured and not any(it.secured for it in reads) and any(it in _last(base) for it in _PUBLIC),
    )


def _listing(base: str, operations: Iterable[Operation]) -> Operation | None:
    """The list of what is made at `base`: there, or at the same path in the plural."""
    lists = {it.path.rstrip("/"): it for it in operations if it.method == "GET"}
    return lists.get(base) or lists.get(base + "s")


def _actions(item: Operation, operations: Iterable[Operation]) -> list[tuple[Operation, str]]:
    """Operations of one thing that take nothing but its id, with the end of their path (`/complete`)."""
    found = []
    for it in operations:
        match = re.fullmatch(re.escape(item.path.rstrip("/")) + r"(/[a-z_-]+)", it.path)
        if match and it.method in ("POST", "PUT", "PATCH") and not it.schema.get("required"):
            found.append((it, match.group(1)))
    return found


def _telling(resource: Resource) -> tuple[bool, bool, bool, int, int]:
    likely = next((len(_LIKELY) - place for place, it in enumerate(_LIKELY) if it in resource.name), 0)
    return not resource.public, resource.readable, resource.listed, likely, len(resource.methods)


def _general(path: str, item: bool = False) -> str:
    """A path with `{user}` and `{id}` in the place of the names that the schema has for them."""
    if item:
        head, _, tail = path.rpartition("{")
        path = head + ID + tail.partition("}")[2]
    return re.sub(r"{(?!id})[^}]+}", USER, path)


def _last(path: str) -> str:
    return next((it for it in reversed(path.split("/")) if it and "{" not in it), "")


def _marked(schema: Mapping[str, object]) -> str:
    """The text field that can carry a marker; empty where there is none."""
    properties = schema.get("properties")
    texts = [name for name, it in properties.items() if _is_text(it)] if isinstance(properties, dict) else []
    return next((name for likely in _TEXTS for name in texts if likely == name.lower()), texts[0] if texts else "")


def _is_text(schema: object) -> bool:
    if not isinstance(schema, dict):
        return False
    options = schema.get("anyOf")
    if isinstance(options, list):
        return any(_is_text(it) for it in options)
    longest = schema.get("maxLength")
    long_enough = not isinstance(longest, int) or longest >= _MARKED
    return schema.get("type") == "string" and long_enough and not {"enum", "format", "pattern", "const"} & set(schema)


def _key(answer: Mapping[str, object], items: Iterable[Operation]) -> str:
    """The field that holds the id: `id`, or what the path calls it."""
    properties = answer.get("properties")
    known = properties if isinstance(properties, dict) else {}
    named = [name for it in items for name in re.findall(r"{([^}]+)}", it.path)[-1:]]
    return next((it for it in ("id", "_id", "uuid", *named) if it in known), "id")


def choose_accounts(operations: Iterable[Operation]) -> Accounts:
    """How users come and go, as far as the operations show."""
    known = tuple(operations)
    return Accounts(
        _first(known, "POST", _SIGN_UP, password=True)
        or _first(known, "POST", re.compile(r"/users?/?$"), password=True),
        _first(known, "POST", _LOG_IN, password=True),
        _first(known, "GET", _ME),
        _first(known, "DELETE", _DELETE)
        or _first(known, "POST", re.compile(r"/delete-?_?(user|account)/?$"))
        or _own_account(known),
        next((it.path for it in known if it.method == "GET" and _TOKEN.search(it.path)), None),
    )


def _own_account(operations: Iterable[Operation]) -> Operation | None:
    """What deletes the account of a user whom the path names: one's own, as long as it is no administrator's."""
    found = (it for it in operations if it.method == "DELETE" and it.path.count("{") == 1 and _OWN.search(it.path))
    return next((replace(it, path=re.sub(r"{[^}]+}", _called, it.path)) for it in found), None)


def _called(parameter: re.Match[str]) -> str:
    return NAME if "name" in parameter.group(0).lower() else USER


def _first(
    operations: Iterable[Operation], method: str, pattern: re.Pattern[str], password: bool = False
) -> Operation | None:
    """The first such operation; one that takes a password where that is what it is for."""
    found = [it for it in operations if it.method == method and pattern.search(it.path) and "{" not in it.path]
    with_password = [it for it in found if "password" in _names(it)]
    return next(iter(with_password if password and with_password else found), None)


def _names(operation: Operation) -> set[str]:
    properties = operation.schema.get("properties")
    return set(properties) if isinstance(properties, dict) else set()


def choose_health(operations: Iterable[Operation]) -> tuple[str, ...]:
    """The paths that tell the service's health, the deep ones first."""
    found = [it.path for it in operations if it.method == "GET" and _HEALTH.search(it.path) and "{" not in it.path]
    return tuple(sorted(dict.fromkeys(found), key=lambda it: bool(re.search(r"live|ping|status", it))))
