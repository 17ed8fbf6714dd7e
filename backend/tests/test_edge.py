from __future__ import annotations

import concurrent.futures
import itertools
import socket
import uuid
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from src.edge.address import client_address
from tests.parts.people import PASSWORD, Person
from tests.parts.programs import wait_for
from tests.parts.redis import Redis
from tests.parts.service import FRONT_END, OPERATOR, Service

KEY = {"Authorization": f"Bearer {OPERATOR}"}


def test_every_answer_has_the_headers(service: Service, ada: Person) -> None:
    answers = [
        httpx.get(f"{service.url}/health"),
        httpx.get(f"{service.url}/nothing"),
        httpx.get(f"{service.url}/tasks"),
        ada.client.get("/tasks"),
        httpx.post(f"{service.url}/auth/login", content=b"{"),
        httpx.request("TRACE", f"{service.url}/tasks"),
        httpx.options(f"{service.url}/tasks", headers={"Origin": FRONT_END, "Access-Control-Request-Method": "GET"}),
    ]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=63072000")
        assert "origin" in headers["vary"].lower()
        assert len(headers["x-request-id"]) == 32
        assert "server" not in headers


def test_errors_are_problem_documents_that_tell_nothing_of_the_inside(service: Service, ada: Person) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("PUT", "/tasks", 405),
        ("GET", "/tasks/1", 422),
        ("GET", f"/tasks/{uuid.uuid4()}", 404),
        ("GET", "/tasks?limit=0", 422),
        ("GET", "/tasks?q=%00", 422),
        ("POST", "/tasks", 422),
    ):
        answer = ada.client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= set(answer.json())
        for inside in ("Traceback", "sqlalchemy", "asyncpg", "site-packages", "pydantic.dev"):
            assert inside not in answer.text


def test_a_method_that_does_not_fit_is_told_what_does(service: Service) -> None:
    assert "GET" in httpx.put(f"{service.url}/health").headers["allow"]


def test_a_request_number_is_kept_if_it_is_one(service: Service) -> None:
    def number(given: str) -> str:
        return str(httpx.get(f"{service.url}/health/live", headers={"X-Request-Id": given}).headers["x-request-id"])

    assert number("deploy-check:42") == "deploy-check:42"
    for given in ("short", "x" * 200, 'a"b' * 5, "a b c d e f"):
        assert number(given) != given


def test_each_request_is_one_line_of_json_with_its_number_and_without_secrets(service: Service, ada: Person) -> None:
    number = uuid.uuid4().hex
    ada.client.get("/tasks", params={"q": "private"}, headers={"X-Request-Id": number})

    def lines() -> list[dict[str, object]]:
        return [line for line in service.lines() if line["request_id"] == number]

    [line] = wait_for(lines, "the request is logged")
    assert (line["method"], line["path"], line["status"], line["client"]) == ("GET", "/tasks", 200, "127.0.0.1")
    log = service.log()
    for secret in ("private", PASSWORD, ada.tokens["access_token"], ada.tokens["refresh_token"], OPERATOR):
        assert secret not in log


def test_large_bodies_are_refused(service: Service, ada: Person) -> None:
    large = b'{"title": "' + b"x" * 2_000_000 + b'"}'
    declared = ada.client.post("/tasks", content=large, headers={"Content-Type": "application/json"})
    assert declared.status_code == 413

    def pieces() -> Iterator[bytes]:
        yield from (large[start : start + 65536] for start in range(0, len(large), 65536))

    chunked = ada.client.post("/tasks", content=pieces(), headers={"Content-Type": "application/json"})
    assert chunked.status_code == 413
    assert chunked.headers["content-type"] == "application/problem+json"
    assert ada.client.get("/tasks").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 20_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"title": NaN}',
        b'{"title": "\\ud800"}',
        b'{"title": 1e400}',
        b"",
    ],
)
def test_bodies_that_are_none_are_the_clients_fault(ada: Person, body: bytes) -> None:
    answer = ada.client.post("/tasks", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_documentation_and_numbers_are_for_operators(service: Service) -> None:
    for path in ("/docs", "/openapi.json", "/metrics"):
        anonymous = httpx.get(service.url + path)
        assert anonymous.status_code == 401
        assert anonymous.headers["www-authenticate"].startswith("Basic")
        assert httpx.get(service.url + path, headers={"Authorization": "Bearer no"}).status_code == 401
        assert httpx.get(service.url + path, auth=("anybody", OPERATOR)).status_code == 200
        assert httpx.get(service.url + path, headers=KEY).status_code == 200
    assert httpx.get(f"{service.url}/redoc", headers=KEY).status_code == 404


def test_numbers_count_by_route(service: Service, ada: Person) -> None:
    task = ada.add("x")
    ada.client.get(f"/tasks/{task['id']}")
    page = httpx.get(f"{service.url}/metrics", headers=KEY).text
    assert 'http_requests_total{method="GET",route="/tasks/{task_id}",status="200"}' in page
    assert task["id"] not in page
    assert "http_request_seconds_bucket" in page


@pytest.fixture(scope="module")
def strict(env: dict[str, str], redis: Redis) -> Iterator[list[Service]]:
    """Two replicas that let little through, and count in Redis. No operator, no Better Auth."""
    limits = {
        "RATE_LIMIT_USER": "40/minute",
        "RATE_LIMIT_SIGN_IN": "5/minute",
        "REDIS_URL": redis.url.replace("/0", "/1"),
        "OPERATOR_TOKEN": "",
        "BETTER_AUTH_ENABLED": "false",
    }
    services = [Service({**env, **limits}), Service({**env, **limits})]
    for one in services:
        one.wait()
    yield services
    for one in services:
        one.close()


def test_without_an_operator_there_is_nothing_to_operate(strict: list[Service]) -> None:
    for path in ("/docs", "/openapi.json", "/metrics"):
        assert httpx.get(strict[0].url + path).status_code == 404
        assert httpx.get(strict[0].url + path, headers={"Authorization": "Bearer"}).status_code == 404


def test_a_user_is_counted_over_both_replicas(strict: list[Service]) -> None:
    person = Person(strict[0].url)
    headers = {"Authorization": person.client.headers["authorization"]}
    other = Person(strict[1].url)
    urls = itertools.cycle(one.url for one in strict)
    answers = [httpx.get(f"{next(urls)}/auth/me", headers=headers) for _ in range(60)]
    counted = Counter(answer.status_code for answer in answers)
    # A busy client is counted some requests at a time (2 of 40 here): never more than the limit, at most that less.
    assert 36 <= counted[200] <= 40
    assert set(counted) == {200, 429}
    refused = answers[-1]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert other.client.get("/auth/me").status_code == 200


def test_guessing_passwords_ends_in_429_on_both_replicas(strict: list[Service]) -> None:
    person = Person(strict[0].url)
    body = {"email": person.email, "password": "wrong"}
    urls = itertools.cycle(one.url for one in strict)
    answers = [httpx.post(f"{next(urls)}/auth/login", json=body).status_code for _ in range(8)]
    # Signing up and in have been counted too.
    assert answers == [401] * 3 + [429] * 5


def test_a_forwarded_address_does_not_reset_the_count(strict: list[Service]) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    answers = []
    for turn in range(8):
        headers = {
            "X-Forwarded-For": f"10.0.0.{turn}",
            "X-Real-IP": f"10.0.1.{turn}",
            "Forwarded": f"for=10.0.2.{turn}",
        }
        body = {"email": email, "password": "wrong"}
        answers.append(httpx.post(f"{strict[0].url}/auth/login", json=body, headers=headers).status_code)
    assert answers[-1] == 429


@pytest.mark.parametrize(
    ("client", "headers", "header", "expected"),
    [
        (("9.9.9.9", 1234), [], None, "9.9.9.9"),
        (("9.9.9.9", 1234), [(b"x-forwarded-for", b"1.1.1.1"), (b"x-real-ip", b"2.2.2.2")], None, "9.9.9.9"),
        (("10.0.0.1", 1), [(b"x-real-ip", b"2.2.2.2"), (b"x-forwarded-for", b"1.1.1.1")], b"x-real-ip", "2.2.2.2"),
        (("10.0.0.1", 1), [], b"x-real-ip", "unknown"),
        (("10.0.0.1", 1), [(b"x-real-ip", b"nonsense")], b"x-real-ip", "unknown"),
        (("1.1.1.1", 0), [], None, "127.0.0.1"),
        (("2001:db8:1:2:3:4:5:6", 1), [], None, "2001:db8:1:2::/64"),
        (("::ffff:9.9.9.9", 1), [], None, "9.9.9.9"),
        (None, [], None, "unknown"),
    ],
)
def test_whose_request_it_is(
    client: tuple[str, int] | None, headers: list[tuple[bytes, bytes]], header: bytes | None, expected: str
) -> None:
    assert client_address({"type": "http", "client": client, "headers": headers}, header) == expected


def test_on_railway_the_proxys_header_counts(env: dict[str, str]) -> None:
    railway = {**env, "RAILWAY_ENVIRONMENT": "production", "RATE_LIMIT_ADDRESS": "5/minute", "REDIS_URL": "memory://"}
    del railway["ENVIRONMENT"]
    one = Service(railway).wait()
    try:
        same = [httpx.get(f"{one.url}/tasks", headers={"X-Real-IP": "9.9.9.9"}).status_code for _ in range(7)]
        assert same == [401] * 5 + [429] * 2
        assert httpx.get(f"{one.url}/tasks", headers={"X-Real-IP": "9.9.9.8"}).status_code == 401
        assert httpx.get(f"{one.url}/health").status_code == 200
    finally:
        one.close()


def test_more_at_once_than_can_be_borne_is_turned_away(env: dict[str, str]) -> None:
    one = Service({**env, "MAX_IN_FLIGHT": "2", "DATABASE_POOL_SIZE": "1"}).wait()
    try:
        body = {"email": "nobody@example.com", "password": "wrong"}

        def ask(_: int) -> int:
            answer = httpx.post(f"{one.url}/auth/login", json=body, timeout=60)
            assert answer.status_code == 401 or answer.headers["retry-after"] == "1"
            return answer.status_code

        with concurrent.futures.ThreadPoolExecutor(24) as threads:
            counted = Counter(threads.map(ask, range(96)))
        # All come from one address, which may have two on their way: some are told that (429).
        assert set(counted) - {429} == {401, 503}
        assert httpx.get(f"{one.url}/health").status_code == 200
        assert ask(0) == 401
    finally:
        one.close()


def test_what_is_not_http_does_no_harm(service: Service) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
            connection.sendall(garbage)
            connection.recv(1000)
    assert httpx.get(f"{service.url}/health").status_code == 200


def test_development_starts_without_anything_and_shows_its_documentation(tmp_path: object) -> None:
    import os

    env = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "DEVELOPMENT_FOLDER": f"{tmp_path}/development"}
    if os.getuid() == 0:
        # The embedded server runs as a user of its own, who has to get there.
        env["DEVELOPMENT_FOLDER"] = f"/tmp/tasks-development-{uuid.uuid4().hex}"
    one = Service(env).wait("/health")
    try:
        assert httpx.get(f"{one.url}/docs").status_code == 200
        assert "/tasks/{task_id}" in httpx.get(f"{one.url}/openapi.json").json()["paths"]
        Person(one.url).add("x")
        assert "strict-transport-security" not in httpx.get(f"{one.url}/health").headers
    finally:
        one.close()
