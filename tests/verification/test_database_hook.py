"""A run that ends while the database is away: it is brought back by the run, or by `--cleanup` from the journal."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from seatrial import pipeline
from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from tests.verification.runs import PATIENCE_S, cleaned, ended, started, until
from tests.verification.serving import served
from tests.verification.trials import at, options, todos


@dataclass(frozen=True)
class Outage:
    """A run of the command whose `--db-down` has taken the database away, and ends once `go` is called."""

    child: subprocess.Popen[str]
    place: Path
    database: Path
    back: str

    @property
    def away(self) -> bool:
        return not self.database.exists()

    @property
    def journal(self) -> Path:
        return next(self.place.glob("verify-*.jsonl"))

    def go(self) -> None:
        (self.place / "hold").unlink(missing_ok=True)

    def killed(self) -> Path:
        """The journal of the run, which had no time to tidy up."""
        self.child.kill()
        self.child.communicate(timeout=PATIENCE_S)
        self.go()
        assert self.away
        return self.journal


@contextmanager
def outage(place: Path, back: str = "") -> Iterator[Outage]:
    """Begins where the database is away."""
    app = todos(place)
    database: Path = app.state.settings.database
    path = shlex.quote(str(database))
    back = back or f"mv {path}.away {path}"
    hold = place / "hold"
    hold.touch()
    down = f"mv {path} {path}.away; while [ -e {hold} ]; do sleep 0.02; done"
    hooks = ["--db-down", down, "--db-up", back]
    schema = options(app, place).openapi
    with at(app) as url:
        command = [url, "--openapi", str(schema), "--journal", str(place), "--select", "health.outage", *hooks]
        held = Outage(started(*command), place, database, back)
        try:
            until(lambda: held.away)
            yield held
        finally:
            held.go()
            held.child.kill()
            held.child.communicate(timeout=PATIENCE_S)


def events(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text().splitlines()]


def test_terminated_run_brings_it_back(tmp_path: Path) -> None:
    with outage(tmp_path) as held:
        held.child.send_signal(signal.SIGTERM)
        held.go()
        code, said = ended(held.child)
        assert not held.away and code == 130, said
    assert list(tmp_path.glob("verify-*.jsonl")) == []


def test_end_of_the_terminal_brings_it_back(tmp_path: Path) -> None:
    with outage(tmp_path) as held:
        held.child.send_signal(signal.SIGHUP)
        held.go()
        code, said = ended(held.child)
        assert not held.away and code == 130, said


def test_second_interruption_does_not_end_the_command(tmp_path: Path) -> None:
    """A terminal sends Ctrl-C to all of a process group, again and again, while `--db-up` is at work."""
    at_work, go_on = tmp_path / "at-work", tmp_path / "go-on"
    wait = f"touch {at_work}; while [ ! -e {go_on} ]; do sleep 0.02; done"
    with outage(tmp_path, f"{wait}; for it in {tmp_path}/*.away; do mv $it ${{it%.away}}; done") as held:
        os.killpg(held.child.pid, signal.SIGINT)
        held.go()
        until(at_work.exists)
        os.killpg(held.child.pid, signal.SIGINT)
        go_on.touch()
        code, said = ended(held.child)
        assert not held.away and code == 130, said


def test_killed_run_leaves_the_command_in_its_journal(tmp_path: Path) -> None:
    """The journal knew before the database went; `--cleanup` runs the command, says so, and removes the rest."""
    with outage(tmp_path) as held:
        journal = held.killed()
        told = events(journal)
        assert [it["back"] for it in told if it["event"] == "database-away"] == [held.back]
        assert "database-back" not in {it["event"] for it in told}
        assert journal.stat().st_mode & 0o077 == 0
        code, said = cleaned(journal)
        assert code == 0 and f"brought the database back: {held.back}" in said, said
        assert said.count("deleted account") == 2, said
        assert not held.away and not journal.exists()


def test_database_that_does_not_come_back_is_named(tmp_path: Path) -> None:
    with outage(tmp_path, back="echo no such host >&2; exit 7") as held:
        held.go()
        code, said = ended(held.child)
        assert code == 4 and "the database, which --db-up has not brought back" in said, said
        assert f"--cleanup {held.journal}" in said and "ended with 7: no such host" in said
        code, said = cleaned(held.journal)
        assert code == 4 and "left the database: --db-up ended with 7: no such host" in said, said


def test_command_of_somebody_elses_journal_is_not_run(tmp_path: Path) -> None:
    """The file is this user's own and nobody else may write to it, as whatever `git` and `tar` write: no proof."""
    with outage(tmp_path) as held:
        journal = held.killed()
        ours = events(journal)
        change = tmp_path / "changed"
        forged = [{**it, "back": f"touch {change}"} if it["event"] == "database-away" else it for it in ours]
        journal.write_text("".join(json.dumps(it) + "\n" for it in forged))
        code, said = cleaned(journal)
        assert code == 4 and "its command is not run" in said and held.away and not change.exists(), said


def test_journal_of_another_machine_takes_the_command_from_a_person(tmp_path: Path) -> None:
    with outage(tmp_path) as held:
        journal = held.killed()
        elsewhere = {"XDG_STATE_HOME": str(tmp_path / "another")}
        code, said = cleaned(journal, **elsewhere)
        assert code == 4 and held.away, said
        code, said = cleaned(journal, "--db-up", held.back, **elsewhere)
        assert not held.away and "brought the database back" in said, said


def test_credentials_are_not_sent_where_a_strange_journal_says(tmp_path: Path) -> None:
    heard: list[str] = []

    async def listener(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            heard.append(f"{scope['path']} {await receive()} {scope['headers']}")
            await JSONResponse({"access_token": "t"})(scope, receive, send)

    login = {"method": "POST", "path": "/login", "schema": {}, "answer": {}, "query": []}
    with served(listener) as url:
        journal = tmp_path / "verify-forged.jsonl"
        lines: list[dict[str, Any]] = [
            {"event": "begin", "schema": "seatrial/journal/1", "run": "r", "origin": url, "seal": "0" * 64},
            {"event": "service", "resource": None, "accounts": {"login": login}},
        ]
        journal.write_text("".join(json.dumps(it) + "\n" for it in lines))
        given = {"SEATRIAL_USER_A": "a@example.com:a secret", "SEATRIAL_USER_B": "b@example.com:b secret"}
        code, said = cleaned(journal, **given)
        assert code == 2 and f"seatrial verify {url} --cleanup" in said, said
        assert heard == []
        code, said = cleaned(journal, url, **given)
        assert code == 0 and any("a secret" in it for it in heard), said


@pytest.mark.parametrize(
    "line", [{"event": "made"}, {"event": "database-away"}, {"event": "service", "resource": 1, "accounts": 2}]
)
def test_damaged_journal_gets_a_sentence(line: dict[str, Any], tmp_path: Path) -> None:
    journal = tmp_path / "verify-damaged.jsonl"
    first = {"event": "begin", "schema": "seatrial/journal/1", "run": "r", "origin": "http://127.0.0.1:9"}
    journal.write_text(json.dumps(first) + "\n" + json.dumps(line) + "\n")
    with pytest.raises(UsageError, match="is damaged"):
        pipeline.clean_up(journal, VerifyOptions())
