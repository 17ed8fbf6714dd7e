"""What two requests do to each other when they come at the same moment. PostgreSQL holds one of them where it hurts."""

from __future__ import annotations

import concurrent.futures
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.parts.people import PASSWORD, Person
from tests.parts.postgresql import PASSWORD as OWNERS
from tests.parts.postgresql import USER, PostgreSQL, binary
from tests.parts.programs import wait_for
from tests.parts.service import Service

NEW = "another horse battery"


@contextmanager
def held(postgresql: PostgreSQL, sql: str) -> Iterator[Callable[[], None]]:
    """A transaction that has done this and waits; what is yielded commits it."""
    where = ["-h", "127.0.0.1", "-p", str(postgresql.port), "-U", USER, "-d", "tasks"]
    env = {"PGPASSWORD": OWNERS, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(postgresql.ca_file)}
    command = [binary("psql"), *where, "-v", "ON_ERROR_STOP=1", "-qtA"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"BEGIN;\n{sql};\nSELECT 'done';\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        try:
            yield lambda: print("COMMIT;", file=process.stdin, flush=True)
        finally:
            process.stdin.close()
            process.wait(60)


def waiting(postgresql: PostgreSQL) -> bool:
    """Whether a statement waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'tasks' AND wait_event_type = 'Lock'"
    return postgresql.query(query) != "0"


def meanwhile(postgresql: PostgreSQL, sql: str, request: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer to a request that meets a transaction which has done `sql`, and commits once it waits for it."""
    with held(postgresql, sql) as commit, concurrent.futures.ThreadPoolExecutor(1) as threads:
        answer = threads.submit(request)
        wait_for(lambda: waiting(postgresql), "the request waits for the transaction")
        commit()
        return answer.result(60)


def test_a_task_is_not_added_to_an_account_that_is_being_deleted(ada: Person, postgresql: PostgreSQL) -> None:
    gone = f"DELETE FROM users WHERE id = '{ada.account['id']}'"
    answer = meanwhile(postgresql, gone, lambda: ada.client.post("/tasks", json={"title": "x"}))
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_nobody_signs_in_to_an_account_that_is_being_deleted(ada: Person, postgresql: PostgreSQL) -> None:
    body = {"email": ada.email, "password": PASSWORD}
    gone = f"DELETE FROM users WHERE id = '{ada.account['id']}'"
    assert meanwhile(postgresql, gone, lambda: ada.client.post("/auth/login", json=body)).status_code == 401


def test_nobody_signs_in_by_a_password_that_is_being_changed(ada: Person, postgresql: PostgreSQL) -> None:
    """Otherwise whoever knows the old one would keep a session that the change was to end."""
    body = {"email": ada.email, "password": PASSWORD}
    change = f"UPDATE users SET password_hash = 'another' WHERE id = '{ada.account['id']}'"
    assert meanwhile(postgresql, change, lambda: ada.client.post("/auth/login", json=body)).status_code == 401
    count = f"SELECT count(*) FROM sessions WHERE user_id = '{ada.account['id']}'"
    assert postgresql.query(count, "tasks") == "1"


def test_a_password_is_not_changed_by_one_that_is_being_changed(ada: Person, postgresql: PostgreSQL) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    change = f"UPDATE users SET password_hash = 'another' WHERE id = '{ada.account['id']}'"
    assert meanwhile(postgresql, change, lambda: ada.client.post("/auth/password", json=body)).status_code == 403


@pytest.mark.parametrize("turn", range(3))
def test_of_two_changes_of_a_password_at_once_one_holds(ada: Person, replicas: list[Service], turn: int) -> None:
    """From two sessions, on two replicas: the one that comes first ends the other's session."""
    both = [dict(ada.client.headers), {"authorization": f"Bearer {ada.login()['access_token']}"}]

    def change(number: int) -> int:
        headers = {"authorization": both[number]["authorization"]}
        body = {"current_password": PASSWORD, "new_password": f"{NEW} {number}"}
        return httpx.post(f"{replicas[number].url}/auth/password", json=body, headers=headers, timeout=60).status_code

    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(change, range(2)))
    assert answers.count(204) == 1
    assert set(answers) <= {204, 401, 403}
    for number, answer in enumerate(answers):
        body = {"email": ada.email, "password": f"{NEW} {number}"}
        assert ada.client.post("/auth/login", json=body).status_code == (200 if answer == 204 else 401)
