from __future__ import annotations

import base64
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from tests.parts.people import PASSWORD, Person
from tests.parts.postgresql import PostgreSQL
from tests.parts.service import Service


def test_sign_up_login_and_me(ada: Person) -> None:
    assert set(ada.account) == {"id", "email", "name", "created_at"}
    assert ada.must(ada.client.get("/auth/me")) == ada.account
    assert (ada.tokens["token_type"], ada.tokens["expires_in"]) == ("bearer", 900)


def test_an_address_has_one_account_however_it_is_written(ada: Person) -> None:
    again = ada.client.post("/auth/signup", json={"email": ada.email.upper(), "password": PASSWORD})
    assert again.status_code == 409
    answer = ada.client.post("/auth/login", json={"email": ada.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(ada: Person) -> None:
    wrong = ada.client.post("/auth/login", json={"email": ada.email, "password": "wrong"})
    unknown = ada.client.post("/auth/login", json={"email": f"x{ada.email}", "password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody", "password": PASSWORD},
        {"email": "a@example.com", "password": "short"},
        {"email": "a@example.com", "password": "x" * 129},
        {"email": "a@example.com", "password": PASSWORD, "is_admin": True},
        {"email": "a@example.com"},
    ],
)
def test_an_account_that_cannot_be_is_refused_without_repeating_what_was_sent(
    service: Service, body: dict[str, Any]
) -> None:
    answer = httpx.post(f"{service.url}/auth/signup", json=body)
    assert answer.status_code == 422
    assert body.get("password", "-") not in answer.text or len(body["password"]) < 10


def test_a_refresh_token_serves_once_and_its_reuse_ends_the_session(ada: Person, replicas: list[Service]) -> None:
    first = ada.tokens["refresh_token"]
    elsewhere = replicas[1].url
    second = ada.must(httpx.post(f"{elsewhere}/auth/refresh", json={"refresh_token": first}))
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert httpx.get(f"{elsewhere}/auth/me", headers=headers).status_code == 200

    assert ada.client.post("/auth/refresh", json={"refresh_token": first}).status_code == 401
    # The thief's tokens, and the owner's, are worth nothing now, on every replica.
    assert httpx.get(f"{elsewhere}/auth/me", headers=headers).status_code == 401
    assert ada.client.get("/tasks").status_code == 401
    assert ada.client.post("/auth/refresh", json={"refresh_token": second["refresh_token"]}).status_code == 401


def test_of_two_exchanges_at_once_one_succeeds(ada: Person, replicas: list[Service]) -> None:
    import concurrent.futures

    def exchange(url: str) -> int:
        body = {"refresh_token": ada.tokens["refresh_token"]}
        return httpx.post(f"{url}/auth/refresh", json=body, timeout=30).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(exchange, [replica.url for replica in replicas] * 4))
    assert answers.count(200) == 1
    assert set(answers) == {200, 401}


def test_logout_is_felt_at_once_everywhere(ada: Person, replicas: list[Service]) -> None:
    task = ada.add("x")
    assert ada.client.post("/auth/logout").status_code == 204
    headers = ada.client.headers
    for replica in replicas:
        for path in ("/auth/me", "/tasks", f"/tasks/{task['id']}"):
            answer = httpx.get(replica.url + path, headers={"Authorization": headers["authorization"]})
            assert answer.status_code == 401
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert ada.client.post("/tasks", json={"title": "y"}).status_code == 401
    assert ada.client.patch(f"/tasks/{task['id']}", json={"title": "y"}).status_code == 401
    assert ada.client.delete(f"/tasks/{task['id']}").status_code == 401


def test_another_password_ends_other_sessions(ada: Person) -> None:
    before = ada.client.headers["authorization"]
    ada.login()
    new = {"current_password": PASSWORD, "new_password": "another horse battery"}
    assert ada.client.post("/auth/password", json={**new, "current_password": "wrong"}).status_code == 403
    assert ada.client.post("/auth/password", json=new).status_code == 204
    assert ada.client.get("/auth/me").status_code == 200
    assert ada.client.get("/auth/me", headers={"Authorization": before}).status_code == 401
    assert ada.client.post("/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code == 401


def test_a_deleted_account_is_gone_with_all_it_had(ada: Person, postgresql: PostgreSQL) -> None:
    ada.add("x")
    assert ada.client.delete("/auth/me").status_code == 204
    assert ada.client.get("/auth/me").status_code == 401
    assert ada.client.post("/auth/login", json={"email": ada.email, "password": PASSWORD}).status_code == 401
    for table in ("tasks WHERE owner_id", "sessions WHERE user_id"):
        assert postgresql.query(f"SELECT count(*) FROM {table} = '{ada.account['id']}'", "tasks") == "0"


def test_passwords_and_refresh_tokens_are_not_kept(ada: Person, postgresql: PostgreSQL) -> None:
    kept = postgresql.query(f"SELECT password_hash FROM users WHERE id = '{ada.account['id']}'", "tasks")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    everything = postgresql.query("SELECT refresh_tokens FROM refresh_tokens", "tasks")
    assert ada.tokens["refresh_token"] not in everything


def b64(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def with_empty_key(head: Any, claims: Any) -> str:
    signed = f"{b64(head)}.{b64(claims)}"
    signature = hmac.new(b"", signed.encode(), "sha256").digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def forged(token: str, secret: str) -> dict[str, str]:
    """Tokens that prove nothing, most of them signed with the right secret."""
    head, body, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    now = datetime.now(UTC)

    def signed(more: dict[str, Any], without: str = "", algorithm: str = "HS256") -> str:
        return jwt.encode({k: v for k, v in (claims | more).items() if k != without}, secret, algorithm)

    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return {
        "flipped": f"{head}.{body}.{signature[:middle]}{other}{signature[middle + 1 :]}",
        "unsigned": f"{head}.{body}.",
        "none": f"{b64({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "none, signed": f"{b64({'alg': 'None', 'typ': 'JWT'})}.{body}.{signature}",
        "another key": jwt.encode(claims, "k" * 48, "HS256"),
        "another algorithm": signed({}, algorithm="HS512"),
        "somebody else": f"{head}.{b64(claims | {'sub': str(uuid.uuid4())})}.{signature}",
        "expired": signed({"exp": now - timedelta(minutes=1)}),
        "not yet": signed({"nbf": now + timedelta(minutes=5)}),
        "from the future": signed({"iat": now + timedelta(minutes=5)}),
        "for another audience": signed({"aud": "others"}),
        "for many": signed({"aud": ["tasks-api", "others"]}),
        "by another issuer": signed({"iss": "others"}),
        "of nobody": signed({"sub": str(uuid.uuid4())}),
        "of no user": signed({"sub": "ada"}),
        "a number": signed({"sid": 7}),
        "endless": signed({"exp": 10**30}),
        **{f"without {name}": signed({}, name) for name in ("exp", "iat", "nbf", "aud", "iss", "sub", "sid")},
        "jwk": jwt.encode(claims, "k" * 48, "HS256", {"jwk": {"kty": "oct", "k": b64("k" * 48)}}),
        "kid": with_empty_key({"alg": "HS256", "kid": "../../dev/null", "typ": "JWT"}, claims),
        "EdDSA": f"{b64({'alg': 'EdDSA', 'kid': 'x', 'typ': 'JWT'})}.{body}.{signature}",
        "garbage": "a.b.c",
        "long": "a" * 7000,
        "empty parts": "..",
    }


def test_tokens_that_prove_nothing_open_nothing(ada: Person, env: dict[str, str]) -> None:
    accepted = {}
    for name, token in forged(ada.tokens["access_token"], env["JWT_SECRET"]).items():
        answer = ada.client.get("/tasks", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 401 or "rror" in answer.json()["detail"]:
            accepted[name] = (answer.status_code, answer.text)
    assert accepted == {}
    assert ada.client.get("/tasks").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Token x", "Bearer x y", "bearer é"])
def test_who_says_nothing_is_nobody(service: Service, header: str) -> None:
    answer = httpx.get(f"{service.url}/tasks", headers=[(b"Authorization", header.encode("utf-8"))])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_in_the_query_is_none(ada: Person) -> None:
    query = {"access_token": ada.tokens["access_token"]}
    assert httpx.get(f"{ada.client.base_url}/tasks", params=query).status_code == 401


def test_expired_sessions_end_and_are_deleted_by_one_replica_at_a_time(
    ada: Person, postgresql: PostgreSQL, env: dict[str, str]
) -> None:
    import asyncio

    from src.auth.cleaning import clean
    from src.database.database import Database
    from src.lifespan import open_database
    from src.observability.metrics import Metrics
    from src.settings import read_settings

    postgresql.query(f"UPDATE sessions SET expires_at = now() WHERE user_id = '{ada.account['id']}'", "tasks")
    assert ada.client.get("/tasks").status_code == 401
    assert ada.client.post("/auth/refresh", json={"refresh_token": ada.tokens["refresh_token"]}).status_code == 401

    async def both() -> list[int]:
        settings = read_settings(env)
        async with open_database(settings, Metrics()) as one, open_database(settings, Metrics()) as other:
            databases: list[Database] = [one, other]
            return await asyncio.gather(*map(clean, databases))

    assert sum(asyncio.run(both())) >= 1
    assert postgresql.query(f"SELECT count(*) FROM sessions WHERE user_id = '{ada.account['id']}'", "tasks") == "0"
