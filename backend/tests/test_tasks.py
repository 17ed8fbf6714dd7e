from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.parts.people import Person


def listed(person: Person, **query: Any) -> list[str]:
    """All titles of a list, page after page."""
    titles: list[str] = []
    while True:
        page = person.must(person.client.get("/tasks", params=query))
        titles += [task["title"] for task in page["items"]]
        if page["next_cursor"] is None:
            return titles
        assert len(page["items"]) == query["limit"]
        query = {**query, "cursor": page["next_cursor"]}


def test_a_task_lives_from_creation_to_deletion(ada: Person) -> None:
    made = ada.client.post(
        "/tasks", json={"title": " Buy milk ", "priority": "high", "due_at": "2030-01-01T10:00:00+02:00"}
    )
    assert made.status_code == 201
    task = made.json()
    assert made.headers["location"] == f"/tasks/{task['id']}"
    assert (task["title"], task["priority"], task["due_at"]) == ("Buy milk", "high", "2030-01-01T08:00:00Z")
    assert ada.must(ada.client.get(f"/tasks/{task['id']}")) == task

    changed = ada.must(ada.client.patch(f"/tasks/{task['id']}", json={"title": "Buy oat milk", "due_at": None}))
    assert (changed["title"], changed["due_at"], changed["priority"]) == ("Buy oat milk", None, "high")
    assert changed["updated_at"] > task["updated_at"]

    done = ada.must(ada.client.post(f"/tasks/{task['id']}/complete"))
    assert done["completed_at"] is not None
    assert ada.must(ada.client.post(f"/tasks/{task['id']}/reopen"))["completed_at"] is None

    assert ada.client.delete(f"/tasks/{task['id']}").status_code == 204
    assert ada.client.get(f"/tasks/{task['id']}").status_code == 404
    assert ada.client.delete(f"/tasks/{task['id']}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "  "},
        {"title": "x" * 201},
        {"title": "nul \x00"},
        {"title": "x", "owner_id": str(uuid.uuid4())},
        {"title": "x", "id": str(uuid.uuid4())},
        {"title": "x", "priority": "urgent"},
        {"title": "x", "due_at": "2030-01-01T10:00:00"},
        {"title": "x", "due_at": "tomorrow"},
        {"title": "x", "due_at": 0},
        {"title": "x", "due_at": "1900000000"},
        {"title": "x", "due_at": "0001-01-01T00:00:00+10:00"},
        {"title": "x", "description": "y" * 5001},
    ],
)
def test_what_is_no_task_is_refused(ada: Person, body: dict[str, Any]) -> None:
    answer = ada.client.post("/tasks", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert listed(ada, limit=10) == []


def test_what_must_be_there_cannot_be_taken_away(ada: Person) -> None:
    task = ada.add("x")
    for name in ("title", "description", "priority"):
        assert ada.client.patch(f"/tasks/{task['id']}", json={name: None}).status_code == 422
    assert ada.must(ada.client.get(f"/tasks/{task['id']}")) == task


def test_another_users_task_is_as_if_it_were_not_there(ada: Person, bob: Person) -> None:
    task = ada.add("a secret of Ada's")
    where, nowhere = f"/tasks/{task['id']}", f"/tasks/{uuid.uuid4()}"
    attempts = [
        ("GET", "", None),
        ("PATCH", "", {"title": "mine"}),
        ("POST", "/complete", None),
        ("POST", "/reopen", None),
    ]
    attempts += [("POST", "/reminder", None), ("DELETE", "", None)]
    for method, end, body in attempts:
        foreign = bob.client.request(method, where + end, json=body)
        missing = bob.client.request(method, nowhere + end, json=body)
        assert (foreign.status_code, foreign.json()) == (missing.status_code, missing.json())
        assert foreign.status_code == 404
    assert ada.must(ada.client.get(where)) == task
    assert "a secret of Ada's" not in bob.client.get("/tasks").text


def test_lists_filter_and_search(ada: Person) -> None:
    first, second = ada.add("Write the report", priority="high"), ada.add("Read a REPORT", priority="low")
    ada.add("100% done_")
    ada.must(ada.client.post(f"/tasks/{second['id']}/complete"))
    assert listed(ada, limit=10, status="open") == ["100% done_", first["title"]]
    assert listed(ada, limit=10, status="completed") == [second["title"]]
    assert listed(ada, limit=10, priority="high") == [first["title"]]
    assert listed(ada, limit=10, q="report") == [second["title"], first["title"]]
    assert listed(ada, limit=10, q="%") == ["100% done_"]
    assert listed(ada, limit=10, q="_") == ["100% done_"]
    assert listed(ada, limit=10, q="report", status="open", priority="high") == [first["title"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_every_task_once_in_order(ada: Person, limit: int) -> None:
    soon = datetime.now(UTC).replace(microsecond=0)
    dates = [None, soon + timedelta(days=2), soon, soon, None]
    priorities = ["low", "normal", "high", "normal", "low"]
    for number, (due, priority) in enumerate(zip(dates, priorities, strict=True)):
        ada.add(str(number), due_at=due.isoformat() if due else None, priority=priority)
    assert listed(ada, limit=limit, sort="-created_at") == ["4", "3", "2", "1", "0"]
    assert listed(ada, limit=limit, sort="created_at") == ["0", "1", "2", "3", "4"]
    by_date = listed(ada, limit=limit, sort="due_at")
    assert [set(by_date[:2]), {by_date[2]}, set(by_date[3:])] == [{"2", "3"}, {"1"}, {"0", "4"}]
    ranked = listed(ada, limit=limit, sort="priority")
    assert [{ranked[0]}, set(ranked[1:3]), set(ranked[3:])] == [{"2"}, {"1", "3"}, {"0", "4"}]


@pytest.mark.parametrize("cursor", ["x", "W10", "eyJ", "bnVsbA", "WyJkdWVfYXQiLDEsIjEiXQ", "é", "A" * 200])
def test_a_cursor_that_was_made_up_is_refused(ada: Person, cursor: str) -> None:
    answer = ada.client.get("/tasks", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["title"]) == (422, "Unprocessable Content")


def test_a_cursor_belongs_to_one_order(ada: Person) -> None:
    ada.add("1")
    ada.add("2")
    cursor = ada.client.get("/tasks", params={"limit": 1}).json()["next_cursor"]
    assert ada.client.get("/tasks", params={"cursor": cursor, "sort": "due_at"}).status_code == 422


def test_unknown_parameters_are_refused(ada: Person, bob: Person) -> None:
    for name in ("owner_id", "user_id", "offset"):
        assert ada.client.get("/tasks", params={name: bob.account["id"]}).status_code == 422
