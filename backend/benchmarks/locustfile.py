"""People at work, for locust: `python -m benchmarks.memory` runs it here; README.md, on several machines."""

from __future__ import annotations

import uuid

from locust import HttpUser, between, task


class Worker(HttpUser):
    """Signs up, works on tasks, and leaves nothing behind."""

    wait_time = between(0.01, 0.1)

    def on_start(self) -> None:
        """Sign up and in."""
        body = {"email": f"{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex}
        self.client.post("/auth/signup", json=body)
        tokens = self.client.post("/auth/login", json=body).json()
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        self.task_id = self.client.post("/tasks", json={"title": "the first"}).json()["id"]

    def on_stop(self) -> None:
        """Delete the account."""
        self.client.delete("/auth/me")

    @task(10)
    def read(self) -> None:
        """One task."""
        self.client.get(f"/tasks/{self.task_id}", name="/tasks/{task_id}")

    @task(4)
    def read_page(self) -> None:
        """A page."""
        self.client.get("/tasks")

    @task(2)
    def change(self) -> None:
        """Another title."""
        self.client.patch(f"/tasks/{self.task_id}", json={"title": uuid.uuid4().hex}, name="/tasks/{task_id}")

    @task(1)
    def add_and_delete(self) -> None:
        """A task that comes and goes."""
        made = self.client.post("/tasks", json={"title": "x"}).json()
        self.client.delete(f"/tasks/{made['id']}", name="/tasks/{task_id}")
