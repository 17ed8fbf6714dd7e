"""Users of the service."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

PASSWORD = "correct horse battery staple"


class Person:
    """Somebody with an account, signed in."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30)
        self.email = f"{uuid.uuid4().hex}@example.com"
        self.account = self.must(self.client.post("/auth/signup", json={"email": self.email, "password": PASSWORD}))
        self.tokens: dict[str, Any] = {}
        self.login()

    def login(self) -> dict[str, Any]:
        answer = self.client.post("/auth/login", json={"email": self.email, "password": PASSWORD})
        self.tokens = self.must(answer)
        self.client.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        return self.tokens

    def must(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        content: dict[str, Any] = answer.json()
        return content

    def add(self, title: str, **more: Any) -> dict[str, Any]:
        return self.must(self.client.post("/tasks", json={"title": title, **more}))
