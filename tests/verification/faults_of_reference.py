"""Faults to plant in the reference backend, each with the probe that has to catch it."""

# The edits are quoted as they stand in the backend.
# ruff: noqa: E501

from __future__ import annotations

from tests.verification.planting import Fault, fault

_STORE = "tasks/repository.py"
_FIND = 'mine = (table.c.id == bindparam("task")) & (table.c.owner_id == bindparam("user"))'
_CHANGE = "    query = update(table).where(table.c.id == task_id, table.c.owner_id == owner_id).values(values)\n"
_REMOVE = "    await connection.execute(delete(table).where(table.c.id == task_id, table.c.owner_id == owner_id))\n"
_EXISTS = "    query = select(table.c.id).where(table.c.id == task_id, table.c.owner_id == owner_id)\n"
_PAGE = '    query = select(*COLUMNS, place.label("place")).where(table.c.owner_id == bindparam("user"))\n'
_MADE = '        await repository.add(connection, task | {"owner_id": principal.user_id})\n'
_OPTIONS = '            options={"require": REQUIRED, "strict_aud": True},\n'
_LIFETIME = '        if claims["exp"] - claims["iat"] > settings.access_lifetime.total_seconds():\n            raise InvalidToken\n'
_TRY = "    try:\n        claims = jwt.decode(\n"
_UNCHECKED = 'jwt.decode(token, options={"verify_signature": False})'


def _store(name: str, caught_by: str, *edits: tuple[str, str]) -> Fault:
    return fault(name, caught_by, *((_STORE, before, after) for before, after in edits))


def _token(name: str, caught_by: str, *edits: tuple[str, str]) -> Fault:
    return fault(name, caught_by, *(("auth/tokens.py", before, after) for before, after in edits))


def _without(name: str, caught_by: str, *claims: str, also: tuple[tuple[str, str], ...] = ()) -> Fault:
    kept = [it for it in ("exp", "iat", "nbf", "aud", "iss", "sub", "sid") if it not in claims]
    options = "".join(f', "verify_{it}": False' for it in claims)
    edit = (_OPTIONS, f'            options={{"require": {kept!r}{options}}},\n')
    return _token(name, caught_by, edit, (_LIFETIME, ""), *also)


def _let_in(name: str, caught_by: str, condition: str) -> Fault:
    """One more way in, before the token is checked."""
    claims = "Claims(uuid.UUID(known['sub']), uuid.UUID(known['sid'])), float(known.get('exp', 2**32))"
    way = f"    if {condition}:\n        known = {_UNCHECKED}\n        return {claims}\n"
    return _token(name, caught_by, (_TRY, way + _TRY))


ALL = (
    _store("anybody reads by id", "isolation.foreign-read", (_FIND, 'mine = table.c.id == bindparam("task")')),
    _store(
        "anybody changes by id",
        "isolation.foreign-update",
        (_CHANGE, "    query = update(table).where(table.c.id == task_id).values(values)\n"),
    ),
    _store(
        "anybody acts by id",
        "isolation.foreign-action",
        (_CHANGE, "    query = update(table).where(table.c.id == task_id).values(values)\n"),
    ),
    _store(
        "changes first, then looks whose it is",
        "isolation.foreign-update",
        (
            _CHANGE,
            "    await connection.execute(update(table).where(table.c.id == task_id).values(values))\n" + _CHANGE,
        ),
    ),
    _store(
        "anybody deletes by id",
        "isolation.foreign-delete",
        (_EXISTS, "    query = select(table.c.id).where(table.c.id == task_id)\n"),
        (_REMOVE, "    await connection.execute(delete(table).where(table.c.id == task_id))\n"),
    ),
    fault(
        "deletes, then answers 404",
        "isolation.foreign-delete",
        (_STORE, _REMOVE, "    await connection.execute(delete(table).where(table.c.id == task_id))\n"),
        (
            "tasks/service.py",
            "    if not await services.database.read(there):\n        raise missing()\n    await services.database.write(lambda connection: repository.remove(connection, principal.user_id, task_id))\n",
            "    mine = await services.database.read(there)\n    await services.database.write(lambda connection: repository.remove(connection, principal.user_id, task_id))\n    if not mine:\n        raise missing()\n",
        ),
    ),
    _store(
        "the list is everybody's",
        "isolation.list-leak",
        (_PAGE, '    query = select(*COLUMNS, place.label("place"))\n'),
    ),
    fault(
        "a search is everybody's",
        "isolation.list-search",
        (
            _STORE,
            _PAGE,
            '    query = select(*COLUMNS, place.label("place"))\n    if not text:\n        query = query.where(table.c.owner_id == bindparam("user"))\n',
        ),
        ("tasks/schemas.py", "class ListQuery(Input):\n", "class ListQuery(BaseModel):\n"),
    ),
    fault(
        "the owner is taken from the body",
        "isolation.mass-create",
        (
            "tasks/schemas.py",
            'class TaskCreate(Input):\n    """A new task."""\n',
            'class TaskCreate(BaseModel):\n    """A new task."""\n    owner_id: uuid.UUID | None = None\n',
        ),
        (
            "tasks/service.py",
            _MADE,
            '        await repository.add(connection, task | {"owner_id": request.owner_id or principal.user_id})\n',
        ),
    ),
    fault(
        "the owner is changed by the body",
        "isolation.mass-update",
        (
            "tasks/schemas.py",
            "    title: Title | None = None\n",
            "    owner_id: uuid.UUID | None = None\n    title: Title | None = None\n",
        ),
        ("tasks/schemas.py", "class TaskUpdate(Input):\n", "class TaskUpdate(BaseModel):\n"),
    ),
    fault(
        "the account with its hash",
        "isolation.excess",
        (
            "tasks/presentation.py",
            "def as_task(",
            "def as_task(row):\n    return _as_task(row) | {'password_hash': 'argon2'}\n\n\ndef _as_task(",
        ),
    ),
    _let_in("no signature is checked", "jwt.tampered", "token.count('.') == 2"),
    _let_in(
        "no signature at all",
        "jwt.no-signature",
        "token.endswith('.') and jwt.get_unverified_header(token)['alg'] == 'HS256'",
    ),
    _let_in(
        "the algorithm none", "jwt.none", "token.endswith('.') and jwt.get_unverified_header(token)['alg'] == 'none'"
    ),
    _let_in(
        "the key in the header",
        "jwt.embedded-key",
        "token.count('.') == 2 and 'eyJ' in token and 'jwk' in jwt.get_unverified_header(token)",
    ),
    fault(
        "what is no token is not caught",
        "jwt.garbage",
        (
            "auth/tokens.py",
            "    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):\n",
            "    except jwt.InvalidSignatureError:\n",
        ),
    ),
    fault(
        "a token in the address",
        "jwt.in-address",
        (
            "auth/principal.py",
            'request.headers.get("authorization", "").partition(" ")',
            '(request.headers.get("authorization") or "bearer " + request.query_params.get("access_token", "")).partition(" ")',
        ),
    ),
    fault(
        "a refusal without a challenge",
        "isolation.challenge",
        (
            "auth/principal.py",
            "        principal = await recognise(request, services)\n",
            "        try:\n            principal = await recognise(request, services)\n        except Problem as problem:\n            raise Problem(problem.status, 'Not signed in.') from None\n",
        ),
    ),
)

KEYED = (
    _without("tokens that have ended", "jwt.expired", "exp"),
    _without("tokens for later", "jwt.not-yet", "nbf"),
    _without("tokens for others", "jwt.audience", "aud"),
    _without("tokens of others", "jwt.issuer", "iss"),
    _token(
        "tokens without an end",
        "jwt.endless",
        (_OPTIONS, '            options={"require": ["sub", "sid"], "strict_aud": True},\n'),
        (_LIFETIME, ""),
    ),
)
