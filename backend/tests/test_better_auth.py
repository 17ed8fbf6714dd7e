"""Users of Better Auth: its tokens by a key server that rotates its keys, its cookies by its tables."""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from src.betterauth.cookies import sign
from tests.parts.people import Person
from tests.parts.postgresql import PostgreSQL
from tests.parts.service import FRONT_END, Service


class KeyServer:
    """Serves `/api/auth/jwks`, and signs."""

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.asked = 0
        self.rotate()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                body = json.dumps({"keys": outer.public()}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rotate(self) -> None:
        self.newest = uuid.uuid4().hex
        self.keys[self.newest] = Ed25519PrivateKey.generate()

    def public(self) -> list[dict[str, Any]]:
        return [
            {**json.loads(OKPAlgorithm.to_jwk(key.public_key())), "kid": number} for number, key in self.keys.items()
        ]

    def token(self, key: Ed25519PrivateKey | None = None, headers: dict[str, Any] | None = None, **more: Any) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": self.url,
            "aud": self.url,
            "sub": "user-1",
            "email": "grace@example.com",
            "name": "Grace",
            "iat": now,
            "exp": now + timedelta(minutes=15),
        } | more
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, key or self.keys[self.newest], "EdDSA", {"kid": self.newest} | (headers or {}))


@pytest.fixture(scope="module")
def keys() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.server.shutdown()


@pytest.fixture(scope="module")
def front(env: dict[str, str], keys: KeyServer) -> Iterator[Service]:
    service = Service({**env, "BETTER_AUTH_URL": keys.url}).wait()
    yield service
    service.close()


def ask(service: Service, token: str, method: str = "GET", path: str = "/tasks", **more: Any) -> httpx.Response:
    return httpx.request(method, service.url + path, headers={"Authorization": f"Bearer {token}"}, **more)


def test_a_user_of_better_auth_has_tasks_of_their_own(front: Service, keys: KeyServer, ada: Person) -> None:
    grace, alan = keys.token(sub="grace"), keys.token(sub="alan", email=None, name=None)
    task = ask(front, grace, "POST", json={"title": "of Grace"}).json()
    assert ask(front, grace, path=f"/tasks/{task['id']}").json() == task
    assert ask(front, grace).json()["items"] == [task]
    assert ask(front, alan, path=f"/tasks/{task['id']}").status_code == 404
    assert ada.client.get(f"/tasks/{task['id']}").status_code == 404
    me = ask(front, grace, path="/auth/me").json()
    assert (me["email"], me["name"]) == ("grace@example.com", "Grace")
    assert ask(front, keys.token(sub="grace"), path="/auth/me").json()["id"] == me["id"]
    assert ask(front, grace, "POST", "/auth/logout").status_code == 409
    assert ask(front, grace, "DELETE", "/auth/me").status_code == 204
    again = ask(front, grace, path="/auth/me").json()
    assert again["id"] != me["id"]
    assert ask(front, grace).json()["items"] == []


def test_tokens_that_are_not_in_order(front: Service, keys: KeyServer, env: dict[str, str]) -> None:
    now = datetime.now(UTC)
    wrong = {
        "another key": keys.token(key=Ed25519PrivateKey.generate()),
        "an unknown key": keys.token(headers={"kid": "unknown"}),
        "expired": keys.token(exp=now - timedelta(minutes=1)),
        "another issuer": keys.token(iss="https://evil.example"),
        "another audience": keys.token(aud="https://evil.example"),
        "nobody": keys.token(sub=None),
        "nobody at all": keys.token(sub=""),
        "endless": keys.token(exp=None),
    }
    claims = jwt.decode(keys.token(), options={"verify_signature": False})
    public = str(keys.public()[0]["x"])
    for name, secret in (("its secret", env["BETTER_AUTH_SECRET"]), ("its public key", public)):
        wrong[f"HS256 with {name}"] = jwt.encode(claims, secret, "HS256", {"kid": keys.newest})
    own: dict[str, Any] = {
        "iss": "tasks-backend",
        "aud": "tasks-api",
        "sid": str(uuid.uuid4()),
        "sub": str(uuid.uuid4()),
    }
    wrong["our claims, its key"] = keys.token(**own)
    answers = {name: ask(front, token).status_code for name, token in wrong.items()}
    assert set(answers.values()) == {401}, answers


def test_unknown_keys_are_not_asked_for_again_and_again(front: Service, keys: KeyServer) -> None:
    before = keys.asked
    for _ in range(20):
        ask(front, keys.token(headers={"kid": uuid.uuid4().hex}))
    assert keys.asked - before <= 2


def test_a_new_key_is_found(env: dict[str, str], keys: KeyServer) -> None:
    service = Service({**env, "BETTER_AUTH_URL": keys.url}).wait()
    keys.rotate()
    assert ask(service, keys.token(sub="rotating")).status_code == 200
    service.close()


def test_without_its_server_our_own_users_go_on(service: Service, ada: Person, keys: KeyServer) -> None:
    assert ask(service, keys.token()).status_code == 401
    assert ada.client.get("/tasks").status_code == 200


TABLES = """
CREATE TABLE "user" (id text PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE);
CREATE TABLE "session" (id text PRIMARY KEY, token text NOT NULL UNIQUE, "userId" text NOT NULL REFERENCES "user",
    "expiresAt" timestamp NOT NULL);
"""


def cookie(token: str, secret: str) -> dict[str, str]:
    value = quote(f"{token}.{sign(token, secret).decode()}", safe="")
    return {"Cookie": f"__Secure-better-auth.session_token={value}"}


def test_cookies_before_its_tables_are_there_are_nobodys(front: Service, env: dict[str, str]) -> None:
    headers = cookie("x" * 32, env["BETTER_AUTH_SECRET"])
    assert httpx.get(f"{front.url}/tasks", headers=headers).status_code == 401


def test_a_session_cookie_is_looked_up(front: Service, postgresql: PostgreSQL, env: dict[str, str]) -> None:
    postgresql.query(TABLES, "tasks")
    secret = env["BETTER_AUTH_SECRET"]
    token, expired = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    postgresql.query(
        f"""INSERT INTO "user" VALUES ('u1', 'Hedy', 'hedy@example.com');
        INSERT INTO "session" VALUES ('s1', '{token}', 'u1', (now() AT TIME ZONE 'UTC') + interval '1 hour'),
        ('s2', '{expired}', 'u1', (now() AT TIME ZONE 'UTC') - interval '1 second')""",
        "tasks",
    )
    good = cookie(token, secret)
    me = httpx.get(f"{front.url}/auth/me", headers=good)
    assert (me.status_code, me.json()["email"]) == (200, "hedy@example.com")
    for bad in (cookie(expired, secret), cookie(token, "another" * 8), cookie("unknown" * 4, secret)):
        assert httpx.get(f"{front.url}/auth/me", headers=bad).status_code == 401

    # A browser adds the cookie to anybody's request: what changes something has to come from our front end.
    body = {"title": "x"}
    assert httpx.post(f"{front.url}/tasks", headers=good, json=body).status_code == 403
    evil = {**good, "Origin": "https://evil.example"}
    assert httpx.post(f"{front.url}/tasks", headers=evil, json=body).status_code == 403
    ours = {**good, "Origin": FRONT_END}
    assert httpx.post(f"{front.url}/tasks", headers=ours, json=body).status_code == 201

    postgresql.query("""DELETE FROM "session" WHERE id = 's1'""", "tasks")
    assert httpx.get(f"{front.url}/auth/me", headers=good).status_code == 401
