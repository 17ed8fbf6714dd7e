"""Every step of the ladder of credentials, and probes that are broken on purpose: none of them may be green."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from seatrial.errors import UsageError
from seatrial.verification import forging
from seatrial.verification.client import Client
from seatrial.verification.exchange import Answer, Exchange, Request
from seatrial.verification.probe import Verdict
from seatrial.verification.probes.jwt import tampered
from seatrial.verification.session import Session
from seatrial.verification.user import User
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import KEY, failures, notes, tried
from tests.verification.trials import found

PASSWORD = "a password of the test"
CORE = ("isolation.foreign-read", "isolation.foreign-update", "isolation.list-leak", "jwt.tampered", "jwt.wrong-key")


def two_accounts(url: str) -> list[str]:
    emails = ["one@example.com", "two@example.com"]
    for email in emails:
        httpx.post(f"{url}/auth/register", json={"email": email, "password": PASSWORD}).raise_for_status()
    return emails


def commons(emails: list[str]) -> dict[str, object]:
    def entry(email: str) -> dict[str, object]:
        login = {
            "endpoint": "/auth/login",
            "verb": "POST",
            "contentType": "application/x-www-form-urlencoded",
            "payloadUserPwd": {
                "username": email,
                "usernameField": "username",
                "password": PASSWORD,
                "passwordField": "password",
            },
            "token": {
                "extractFrom": "body",
                "extractSelector": "/access_token",
                "sendIn": "header",
                "sendName": "Authorization",
                "sendTemplate": "Bearer {token}",
            },
        }
        return {"name": email, "loginEndpointAuth": login}

    return {"auth": [entry(it) for it in emails]}


def own(emails: list[str]) -> str:
    one, two = (f'email = "{it}"\npassword = "{PASSWORD}"\n' for it in emails)
    login = '[login]\npath = "/auth/login"\nname_field = "username"\nform = true\ntoken = "/access_token"\n'
    resource = '[resource]\ncollection = "/notes"\nitem = "/notes/{id}"\ntext = "title"\n'
    return f"[a]\n{one}[b]\n{two}{login}{resource}"


@pytest.mark.parametrize("kind", ["auth.yaml", "verify.toml"])
def test_credentials_from_a_file(kind: str, tmp_path: Path) -> None:
    app = notes(tmp_path, docs=kind == "auth.yaml")
    with served(app) as url:
        emails = two_accounts(url)
    (tmp_path / kind).write_text(json.dumps(commons(emails)) if kind == "auth.yaml" else own(emails))
    run = tried(app, tmp_path, "isolation", "jwt", auth=tmp_path / kind)
    assert failures(run) == [] and run.left == ()
    assert run.identities == "the accounts that were given"
    assert {it: found(run, it).verdict for it in CORE} == dict.fromkeys(CORE, Verdict.PASS)
    assert not any("account" in it for it in run.created)
    assert len(app.state.all.users) == 2 and not app.state.all.notes


def test_no_secret_is_shown(tmp_path: Path) -> None:
    from seatrial.report.formats.verifications.json import verification

    app = notes(tmp_path, secret=KEY)
    with served(app) as url:
        emails = two_accounts(url)
    given = tuple((f"SEATRIAL_USER_{label}", f"{it}:{PASSWORD}") for label, it in zip("AB", emails, strict=True))
    run = tried(app, tmp_path, "isolation", "jwt", credentials=(*given, ("SEATRIAL_JWT_SECRET", KEY)))
    told = verification(run)
    assert PASSWORD not in told and KEY not in told and "eyJ" not in told
    assert "$TOKEN_B" in told


@pytest.mark.parametrize(
    "given",
    [
        (("SEATRIAL_TOKEN_A", "one"),),
        (("SEATRIAL_USER_A", "a@example.com:x"), ("SEATRIAL_USER_B", "b@example.com")),
        (("SEATRIAL_TOKEN_A", "same"), ("SEATRIAL_TOKEN_B", "same")),
    ],
)
def test_half_a_pair_is_refused(given: tuple[tuple[str, str], ...], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        tried(notes(tmp_path), tmp_path, "isolation", credentials=given)


def nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials are lost on the way once the users are there."""
    kept = Session.send

    def send(self: Session, method: str, path: str, *, by: User | None = None, **more: object) -> Exchange:
        return kept(self, method, path, by=None, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "send", send)


def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals are made up, and no request goes over the wire once the users are there."""

    def send(self: Session, method: str, path: str, **more: object) -> Exchange:
        return Exchange(1, Request(method, path), Answer(401, (), b"{}"))

    monkeypatch.setattr(Session, "send", send)


def wrong_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes ask for a path that does not exist."""
    monkeypatch.setattr(Session, "path_of", lambda *_: "/nowhere/at/all")
    monkeypatch.setattr(forging, "tried", _astray)
    monkeypatch.setattr(tampered, "tried", _astray)


def _astray(session: Session, note: str, _token: str, of: User | None = None) -> Exchange:
    return session.send("GET", "/nowhere/at/all", by=session.a, note=note)


def let_in_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The users' tokens are worth nothing after the twentieth request: whatever is refused then proves nothing."""
    kept = Client.send

    def send(self: Client, method: str, path: str, *, headers: object = (), **more: object) -> Exchange:
        worthless = self.sent > 20 and method == "GET"
        return kept(self, method, path, headers=() if worthless else headers, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "send", send)


@pytest.mark.parametrize(
    "broken", [nobody_asks, nothing_is_sent, wrong_path, let_in_no_more], ids=lambda it: it.__name__
)
def test_broken_probe_is_not_green(broken: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(broken)
    broken(monkeypatch)
    run = tried(notes(tmp_path), tmp_path, *CORE, require=("isolation", "jwt"))
    green = {it.probe.id for it in run.results if it.verdict is Verdict.PASS}
    # The list is asked for by another way than the path of a thing.
    assert green <= ({"isolation.list-leak"} if broken is wrong_path else set())
    assert run.unjudged
