"""Faults to plant in the service `notes`, each with the probes of which one has to catch it."""

# The edits are quoted as they stand in the service.
# ruff: noqa: E501

from __future__ import annotations

from tests.verification.planting import Fault, fault

_OWNED = '    if note is None or note["owner_id"] != user["id"]:\n'
_READ = "        return owned(state, user, note_id)\n"
_ANY = "        return state.notes[str(note_id)]\n"
_REPLACE = "        note = owned(state, user, note_id)\n        note.update(body.model_dump())\n"
_CHANGE = "        note = owned(state, user, note_id)\n        note.update(body.model_dump(exclude_none=True))\n"
_DELETE = '        note = owned(state, user, note_id)\n        del state.notes[note["id"]]\n'
_MINE = '        mine = [it for it in state.notes.values() if it["owner_id"] == user["id"]]\n'
_MADE = '        note = {**body.model_dump(), "id": str(uuid.uuid4()), "owner_id": user["id"]}\n'
_NEW = 'class NewNote(BaseModel):\n    model_config = ConfigDict(extra="ignore")\n'
_OPEN_NEW = 'class NewNote(BaseModel):\n    model_config = ConfigDict(extra="allow")\n'
_CHANGES = 'class NoteChange(BaseModel):\n    model_config = ConfigDict(extra="ignore")\n'
_OPEN_CHANGES = 'class NoteChange(BaseModel):\n    model_config = ConfigDict(extra="allow")\n'
_ME = '    def me(user: User) -> Row:\n        return {"id": user["id"], "email": user["email"]}\n'
_NOTE = "state.notes[str(note_id)]"


def _main(name: str, caught_by: str, *edits: tuple[str, str]) -> Fault:
    return fault(name, caught_by, *(("main.py", before, after) for before, after in edits))


def _tokens(name: str, caught_by: str, *edits: tuple[str, str]) -> Fault:
    return fault(name, caught_by, *(("tokens.py", before, after) for before, after in edits))


ISOLATION = (
    _main("anybody reads by id", "isolation.foreign-read", (_READ, _ANY)),
    _main("no owner is looked at", "isolation.foreign-read", (_OWNED, "    if note is None:\n")),
    _main(
        "403, with the note in it",
        "isolation.foreign-read",
        (
            _READ,
            (
                '        note = state.notes[str(note_id)]\n        if note["owner_id"] != user["id"]:\n'
                "            raise HTTPException(403, note)\n        return note\n"
            ),
        ),
    ),
    _main(
        "the note in a header of the refusal",
        "isolation.foreign-read",
        (
            _READ,
            (
                '        note = state.notes[str(note_id)]\n        if note["owner_id"] != user["id"]:\n'
                '            raise HTTPException(404, headers={"X-Title": note["title"]})\n        return note\n'
            ),
        ),
    ),
    _main(
        "anybody replaces",
        "isolation.foreign-replace",
        (_REPLACE, f"        note = {_NOTE}\n        note.update(body.model_dump())\n"),
    ),
    _main(
        "replaces, then answers 404",
        "isolation.foreign-replace",
        (_REPLACE, f"        {_NOTE}.update(body.model_dump())\n        note = owned(state, user, note_id)\n"),
    ),
    _main(
        "anybody changes",
        "isolation.foreign-update",
        (_CHANGE, f"        note = {_NOTE}\n        note.update(body.model_dump(exclude_none=True))\n"),
    ),
    _main(
        "changes, then answers 404",
        "isolation.foreign-update",
        (
            _CHANGE,
            f"        {_NOTE}.update(body.model_dump(exclude_none=True))\n        note = owned(state, user, note_id)\n",
        ),
    ),
    _main(
        "answers 200 and changes nothing",
        "isolation.foreign-update",
        (
            _CHANGE,
            f'        note = {_NOTE}\n        if note["owner_id"] != user["id"]:\n            return {{}}\n        note.update(body.model_dump(exclude_none=True))\n',
        ),
    ),
    _main("anybody deletes", "isolation.foreign-delete", (_DELETE, "        del state.notes[str(note_id)]\n")),
    _main(
        "deletes, then answers 404",
        "isolation.foreign-delete",
        (
            _DELETE,
            '        note = state.notes.pop(str(note_id))\n        if note["owner_id"] != user["id"]:\n            raise HTTPException(404)\n',
        ),
    ),
    _main("the list is everybody's", "isolation.list-leak", (_MINE, "        mine = list(state.notes.values())\n")),
    _main(
        "a longer list is everybody's",
        "isolation.list-leak",
        (_MINE, '        mine = [it for it in state.notes.values() if it["owner_id"] == user["id"] or limit > 50]\n'),
    ),
    _main(
        "a filter by owner replaces the user",
        "isolation.list-filter",
        ("        q: Annotated", '        owner_id: str = "",\n        q: Annotated'),
        (_MINE, '        mine = [it for it in state.notes.values() if it["owner_id"] == (owner_id or user["id"])]\n'),
    ),
    _main(
        "a search is everybody's",
        "isolation.list-search",
        (_MINE, '        mine = [it for it in state.notes.values() if it["owner_id"] == user["id"] or q]\n'),
    ),
    _main(
        "the total is everybody's",
        "isolation.list-count",
        (
            '        response.headers["X-Total-Count"] = str(len(found))\n',
            '        response.headers["X-Total-Count"] = str(len(state.notes))\n',
        ),
    ),
    _main(
        "the total in the body is everybody's",
        "isolation.list-count",
        ('        response.headers["X-Total-Count"] = str(len(found))\n', ""),
        ('"total": len(found)', '"total": len(state.notes)'),
    ),
    _main(
        "the owner is taken from the body",
        "isolation.mass-create",
        (_NEW, _OPEN_NEW),
        (_MADE, '        note = {"owner_id": user["id"], **body.model_dump(), "id": str(uuid.uuid4())}\n'),
    ),
    _main("the owner is changed by the body", "isolation.mass-update", (_CHANGES, _OPEN_CHANGES)),
    _main(
        "nobody lists",
        "isolation.anonymous-read",
        ("        user: User,\n        response: Response,\n", "        response: Response,\n"),
        (_MINE, "        mine = list(state.notes.values())\n"),
    ),
    _main(
        "nobody reads",
        "isolation.anonymous-read",
        (
            "    def read(note_id: uuid.UUID, user: User) -> Row:\n" + _READ,
            "    def read(note_id: uuid.UUID) -> Row:\n" + _ANY,
        ),
    ),
    _main(
        "nobody creates",
        "isolation.anonymous-create",
        (
            "    def create(body: NewNote, user: User) -> Row:\n",
            (
                "    def create(body: NewNote, request: Request) -> Row:\n"
                "        try:\n            user = user_of(request)\n        except HTTPException:\n            user = next(iter(state.users.values()))\n"
            ),
        ),
    ),
    _main(
        "nobody replaces",
        "isolation.anonymous-replace",
        (
            "    def replace(note_id: uuid.UUID, body: NewNote, user: User) -> Row:\n" + _REPLACE,
            f"    def replace(note_id: uuid.UUID, body: NewNote) -> Row:\n        note = {_NOTE}\n        note.update(body.model_dump())\n",
        ),
    ),
    _main(
        "nobody changes",
        "isolation.anonymous-update",
        (
            "    def change(note_id: uuid.UUID, body: NoteChange, user: User) -> Row:\n" + _CHANGE,
            f"    def change(note_id: uuid.UUID, body: NoteChange) -> Row:\n        note = {_NOTE}\n        note.update(body.model_dump(exclude_none=True))\n",
        ),
    ),
    _main(
        "nobody deletes",
        "isolation.anonymous-delete",
        (
            "    def delete(note_id: uuid.UUID, user: User) -> None:\n" + _DELETE,
            "    def delete(note_id: uuid.UUID) -> None:\n        del state.notes[str(note_id)]\n",
        ),
    ),
    _main(
        "a refusal without a challenge",
        "isolation.challenge",
        (
            'raise HTTPException(401, "Not signed in.", headers={"WWW-Authenticate": "Bearer"})',
            'raise HTTPException(401, "Not signed in.")',
        ),
    ),
    _main(
        "403 for what exists, 404 for what does not",
        "isolation.oracle",
        (
            _OWNED + '        raise HTTPException(404, "There is no such note.")\n',
            '    if note is None:\n        raise HTTPException(404, "There is no such note.")\n    if note["owner_id"] != user["id"]:\n        raise HTTPException(403, "Not yours.")\n',
        ),
    ),
    _main(
        "the account with its hash",
        "isolation.excess",
        (_ME, '    def me(user: User) -> Row:\n        return {**user, "hashed_password": user["hashed"]}\n'),
    ),
    _main(
        "deleted, and still there by id",
        "isolation.gone",
        (_DELETE, '        note = owned(state, user, note_id)\n        note["deleted"] = True\n'),
    ),
    _main(
        "anybody reads accounts",
        "isolation.foreign-account",
        (
            '    @app.delete("/auth/me"',
            '    @app.get("/users/{user_id}")\n    def account(user_id: str, _user: User) -> Row:\n        return {"email": state.users[user_id]["email"]}\n\n    @app.delete("/auth/me"',
        ),
    ),
    _main(
        "anybody lists accounts",
        "isolation.foreign-account",
        (
            '    @app.delete("/auth/me"',
            '    @app.get("/users")\n    def accounts(_user: User) -> Row:\n        return {"users": [it["email"] for it in state.users.values()]}\n\n    @app.delete("/auth/me"',
        ),
    ),
    _main(
        "anybody acts",
        "isolation.foreign-action",
        (
            '    @app.delete("/notes/{note_id}"',
            f'    @app.post("/notes/{{note_id}}/pin")\n    def pin(note_id: uuid.UUID, _user: User) -> Row:\n        note = {_NOTE}\n        note["pinned"] = True\n        return note\n\n    @app.delete("/notes/{{note_id}}"',
        ),
    ),
)

_CLAIMS = "        claims = jwt.decode(\n            token,\n            self.checking,\n            algorithms=[self.algorithm],\n"
_OPTIONS = '            options={"require": ["exp", "sub", "aud", "iss"]},\n'
_SUBJECT = '        return str(claims["sub"])\n'
_CHECKED = "        if len(token) > LONGEST:\n"
_BASE = "import jwt\n"
_AUDIENCE = "            audience=AUDIENCE,\n"
_ISSUER = "            issuer=ISSUER,\n"


def _unless(
    condition: str, result: str = 'str(jwt.decode(token, options={"verify_signature": False})["sub"])'
) -> tuple[str, str]:
    """One more way in, before the token is checked."""
    return (_CHECKED, f"        if {condition}:\n            return {result}\n{_CHECKED}")


_PARTS = 'token.split(".")'
_HEADER = "jwt.get_unverified_header(token)"
_NONE = f"{_HEADER}['alg'].lower() == 'none'"
_SHARED = "__import__('hmac').new(KEY, token.rpartition('.')[0].encode(), 'sha256').digest()"
_GIVEN = f"__import__('jwt').utils.base64url_decode({_PARTS}[2])"
TOKENS = (
    _tokens(
        "no signature is checked",
        "jwt.tampered jwt.wrong-key",
        (_OPTIONS, '            options={"verify_signature": False, "verify_aud": False},\n'),
    ),
    _tokens(
        "any signature of the right length",
        "jwt.tampered",
        _unless(f"{_HEADER}['alg'] == 'HS256' and len({_PARTS}[2]) == 43"),
    ),
    _tokens("no signature at all", "jwt.no-signature", _unless(f"{_PARTS}[2] == ''")),
    _tokens("a part of the signature will do", "jwt.cut-signature", _unless("0 < len(token.split('.')[2]) < 40")),
    _tokens(
        "only the beginning of the signature is compared",
        "jwt.flipped-signature",
        _unless(f"self.algorithm == 'HS256' and {_SHARED.replace('KEY', 'self.signing.encode()')}[:8] == {_GIVEN}[:8]"),
    ),
    _tokens("the algorithm none", "jwt.none", _unless(f"{_HEADER}['alg'] == 'none'")),
    _tokens("the algorithm none, in any letters", "jwt.none", _unless(f"{_HEADER}['alg'] != 'none' and {_NONE}")),
    _tokens(
        "two parts",
        "jwt.none",
        _unless(
            "token.count('.') == 1",
            "str(__import__('json').loads(jwt.utils.base64url_decode(token.split('.')[1]))['sub'])",
        ),
    ),
    _tokens(
        "a key that the token brings",
        "jwt.embedded-key",
        _unless(
            f"'jwk' in {_HEADER}",
            f"str(jwt.decode(token, jwt.PyJWK({_HEADER}['jwk']).key, ['RS256'], options={{'verify_aud': False}})['sub'])",
        ),
    ),
    _tokens("a key that the token points at", "jwt.linked-key", _unless(f"'jku' in {_HEADER}")),
    _tokens(
        "a pointer that is followed and not caught",
        "jwt.linked-key",
        _unless(f"'x5u' in {_HEADER}", "__import__('urllib.request').request.urlopen('http://127.0.0.1:1/')"),
    ),
    _tokens(
        "a key in a file that the token names",
        "jwt.key-id",
        _unless(
            f"'/' in {_HEADER}.get('kid', '')",
            f"str(jwt.decode(token, open('/' + {_HEADER}['kid'].strip('./')).read(), ['HS256'], options={{'verify_aud': False}})['sub'])",
        ),
    ),
    _tokens(
        "a key from a query that the token writes",
        "jwt.key-id",
        _unless(
            f"'UNION' in {_HEADER}.get('kid', '')",
            f"str(jwt.decode(token, {_HEADER}['kid'].split(chr(39))[2], ['HS256'], options={{'verify_aud': False}})['sub'])",
        ),
    ),
    _tokens("a garbled token is not caught", "jwt.garbage", _unless("token.count('.') != 2", "token.split('.')[2]")),
    _tokens("a long token is not caught", "jwt.garbage", _unless("len(token) > 60000", "[][0]")),
    _main(
        "Basic will do",
        "jwt.garbage",
        (
            '    try:\n        if scheme.lower() != "bearer":',
            '    try:\n        if scheme == "Basic":\n            return next(iter(state.users.values()))\n        if scheme.lower() != "bearer":',
        ),
    ),
    _main(
        "a token in the address",
        "jwt.in-address",
        (
            'request.headers.get("authorization", "").partition(" ")',
            '(request.headers.get("authorization") or "Bearer " + request.query_params.get("access_token", "")).partition(" ")',
        ),
    ),
    _main(
        "the words of the exception",
        "jwt.error-detail",
        (
            "    except jwt.InvalidTokenError:\n        user = None\n",
            "    except jwt.InvalidTokenError as error:\n        raise HTTPException(401, repr(error)) from None\n",
        ),
    ),
    _tokens("tokens for a month", "jwt.lifetime", ('"notes", 900, 4096', '"notes", 30 * 86400, 4096')),
    _main(
        "a refresh token opens doors",
        "jwt.refresh",
        (
            '{"access_token": state.tokens.issue(user["id"]), "token_type": "bearer"}',
            '{"access_token": state.tokens.issue(user["id"]), "refresh_token": state.tokens.issue(user["id"])}',
        ),
    ),
)

KEYED = (
    _tokens("tokens that have ended", "jwt.expired", (_OPTIONS, '            options={"verify_exp": False},\n')),
    _tokens("tokens without an end", "jwt.endless", (_OPTIONS, "")),
    _tokens(
        "ends of any type",
        "jwt.odd-end",
        (_OPTIONS, '            options={"verify_exp": False},\n'),
        (
            _SUBJECT,
            '        if claims.get("exp") in (None, "never") or claims["exp"] > time.time():\n            return str(claims["sub"])\n        raise jwt.InvalidTokenError\n',
        ),
    ),
    _tokens(
        "odd ends are not caught",
        "jwt.odd-end",
        _unless("isinstance(jwt.decode(token, options={'verify_signature': False}).get('exp'), str)", "[][0]"),
    ),
    _tokens("tokens for later", "jwt.not-yet", (_OPTIONS, '            options={"verify_nbf": False},\n')),
    _tokens(
        "tokens for others", "jwt.audience", (_AUDIENCE, ""), (_OPTIONS, '            options={"verify_aud": False},\n')
    ),
    _tokens(
        "tokens for nobody in particular",
        "jwt.audience",
        (
            _OPTIONS,
            '            options={"require": ["exp", "sub", "iss"], "verify_aud": "aud" in jwt.decode(token, options={"verify_signature": False})},\n',
        ),
    ),
    _tokens("tokens of others", "jwt.issuer", (_ISSUER, "")),
    _main(
        "a user who does not exist",
        "jwt.subject",
        (
            "user = state.users.get(state.tokens.subject(token))",
            'subject = state.tokens.subject(token)\n        user = state.users.get(subject) or {"id": subject, "email": ""}',
        ),
    ),
    _tokens(
        "odd subjects are not caught",
        "jwt.subject",
        (_OPTIONS, '            options={"verify_sub": False},\n'),
        (_SUBJECT, '        return str(claims["sub"].strip())\n'),
    ),
)

WEAK = tuple(
    fault(f"the key {key!r}", "jwt.weak-key", ("main.py", "secret or secrets.token_hex(32)", repr(key)))
    for key in (
        "secret",
        "your-secret-key",
        "changeme",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    )
)

ASYMMETRIC = (
    _tokens(
        "the public key as a shared one",
        "jwt.key-confusion",
        _unless(f"{_HEADER}['alg'] == 'HS256' and {_SHARED.replace('KEY', 'self.public')} == {_GIVEN}"),
    ),
    _tokens(
        "the public key as a shared one, without its last newline",
        "jwt.key-confusion",
        _unless(f"{_HEADER}['alg'] == 'HS256' and {_SHARED.replace('KEY', 'self.public.strip()')} == {_GIVEN}"),
    ),
    _tokens(
        "no signature is checked, asymmetric",
        "jwt.wrong-key",
        (_OPTIONS, '            options={"verify_signature": False, "verify_aud": False},\n'),
    ),
)
