"""CORS as a browser enforces it: real Chromium, pages on several origins, one service."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import need
from tests.parts.people import Person
from tests.parts.service import Service

# Chromium is told that these are this machine: pages on them are of the origins that CORS is about.
FRONT_END = "http://tasks.test"
PREVIEW = "https://tasks-git-feature-acme.vercel.app"
READ = """async ([url, token]) => {
    try {
        const answer = await fetch(url, {headers: {Authorization: `Bearer ${token}`}});
        return [answer.status, answer.headers.get('x-request-id') !== null];
    } catch (error) { return String(error); }
}"""
WRITE = """async ([url, token]) => {
    try {
        const answer = await fetch(url, {method: 'PATCH', body: JSON.stringify({title: 'from a page'}),
            headers: {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json'}});
        return answer.status;
    } catch (error) { return String(error); }
}"""
BLOCKED = "TypeError: Failed to fetch"


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a front end</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def pages() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    need("chromium")
    options = ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def allowing(env: dict[str, str], pages: int) -> Iterator[Service]:
    """A service for a front end on a port of this machine, which is not https: in development alone."""
    development = {**env, "ENVIRONMENT": "development", "CORS_ORIGINS": f"{FRONT_END}:{pages}"}
    service = Service(development).wait()
    yield service
    service.close()


def run(browser: Browser, origin: str, script: str, *arguments: str) -> Any:
    page = browser.new_page()
    try:
        page.goto(origin)
        return page.evaluate(script, list(arguments))
    finally:
        page.close()


def test_the_front_end_reads_and_writes(browser: Browser, allowing: Service, pages: int) -> None:
    person = Person(allowing.url)
    task = person.add("x")
    where = f"{allowing.url}/tasks/{task['id']}"
    token = person.tokens["access_token"]
    assert run(browser, f"{FRONT_END}:{pages}", READ, where, token) == [200, True]
    assert run(browser, f"{FRONT_END}:{pages}", WRITE, where, token) == 200
    # A refusal can be read too, or the page could not tell what is wrong.
    assert run(browser, f"{FRONT_END}:{pages}", READ, where, "wrong") == [401, True]
    assert run(browser, f"{FRONT_END}:{pages}", READ, f"{allowing.url}/nothing", token) == [404, True]


@pytest.mark.parametrize("host", ["evil.test", "tasks.test.evil.test", "eviltasks.test", "www.tasks.test", "localhost"])
def test_no_other_page_does(browser: Browser, allowing: Service, pages: int, host: str) -> None:
    person = Person(allowing.url)
    task = person.add("x")
    where = f"{allowing.url}/tasks/{task['id']}"
    for script in (READ, WRITE):
        assert run(browser, f"http://{host}:{pages}", script, where, person.tokens["access_token"]) == BLOCKED
    assert person.must(person.client.get(f"/tasks/{task['id']}"))["title"] == "x"


ORIGINS = {
    "https://tasks.example.com": True,
    PREVIEW: True,
    "https://tasks-a1b2c3-acme.vercel.app": True,
    "https://tasks.example.com.evil.example": False,
    "https://eviltasks.example.com": False,
    "https://tasksxexample.com": False,
    "http://tasks.example.com": False,
    "https://tasks.example.com:8443": False,
    "https://tasks--acme.vercel.app": False,
    "https://tasks-x-evil.vercel.app": False,
    "https://tasks-x-acme.vercel.app.evil.example": False,
    "https://evil.example/tasks-x-acme.vercel.app": False,
    "https://tasks-x-acmexvercel.app": False,
    "https://attacker.vercel.app": False,
    "http://localhost:3000": False,
    "null": False,
}


def test_origins_one_by_one(env: dict[str, str], ada: Person) -> None:
    import httpx

    preview = {"VERCEL_PREVIEW_PROJECT": "tasks", "VERCEL_PREVIEW_TEAM": "acme"}
    service = Service({**env, **preview}).wait()
    try:
        for origin, expected in ORIGINS.items():
            simple = httpx.get(f"{service.url}/health", headers={"Origin": origin}).headers
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization",
            }
            preflight = httpx.options(f"{service.url}/tasks", headers=asked)
            for headers in (simple, preflight.headers):
                assert headers.get("access-control-allow-origin") == (origin if expected else None), origin
                assert "origin" in headers["vary"].lower()
            assert preflight.is_success == expected
        without = ada.client.get("/health", headers={"Origin": PREVIEW}).headers
        assert "access-control-allow-origin" not in without
    finally:
        service.close()
