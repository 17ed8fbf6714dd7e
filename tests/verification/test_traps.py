"""The traps that tools of this kind fall into: false alarms on correct services, and green runs that saw nothing.

First those that were met while this tool was made, in their order; then the defects that its peers showed when they
were run against one correct service and its faulty variants.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import RedirectResponse

from seatrial.issue import Severity
from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from seatrial.verification.run import verify
from seatrial.verification.tokens import decode
from tests.verification.planting import Plant
from tests.verification.recording import Heard, Recorder
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import FRONTEND, failures, notes
from tests.verification.test_strange_services import service
from tests.verification.trials import found

READ = "        return owned(state, user, note_id)\n"
STORES = '        state.notes[note["id"]] = note\n'
FINDS = (
    '    if note is None or note["owner_id"] != user["id"]:\n'
    '        raise HTTPException(404, "There is no such note.")\n'
)


def heard(app: FastAPI, place: Path, *select: str, **more: Any) -> tuple[Verification, list[Heard]]:
    """A run, and what the service was asked for in it."""
    recorder = Recorder(app)
    with served(recorder) as url:
        wishes = VerifyOptions(frontend=FRONTEND, select=select, journals=place, seconds=300.0, **more)
        run = verify(url, wishes)
    return run, recorder.heard


def tokens(all_: list[Heard]) -> list[str]:
    return [it.header("authorization").removeprefix("Bearer ") for it in all_ if it.header("authorization")]


def test_trap_1_forwarded_for_is_believed_on_loopback(tmp_path: Path) -> None:
    """uvicorn believes X-Forwarded-For of 127.0.0.1, so that a correct service would fail there: it is not sent."""
    run, asked = heard(notes(tmp_path), tmp_path, "limits")
    assert found(run, "limits.other-client").verdict is Verdict.SKIPPED
    assert not any(it.header("x-forwarded-for") for it in asked)


def test_trap_2_header_that_clients_refuse_to_send(tmp_path: Path) -> None:
    """`Bearer ` with its space is no legal header, and clients refuse it: `Bearer` alone goes out, and is judged."""
    run, asked = heard(notes(tmp_path), tmp_path, "jwt.garbage")
    assert found(run, "jwt.garbage").verdict is Verdict.PASS
    assert "Bearer" in [it.header("authorization") for it in asked]


def test_trap_3_spare_bits_at_the_end_of_a_signature(tmp_path: Path) -> None:
    """The last character of base64 has bits that nobody reads: a signature changed there alone is a good one."""
    run, asked = heard(notes(tmp_path), tmp_path, "jwt.flipped-signature")
    assert found(run, "jwt.flipped-signature").verdict is Verdict.PASS
    forged = {it for it in tokens(asked) if it.count(".") == 2}
    signatures = [decode(it.rpartition(".")[2]) for it in forged]
    assert len(forged) == 3 and len(set(signatures)) == 3  # of A, of B, and A's with one bit changed
    assert all(len(it) == 32 for it in signatures)


def test_trap_4_tokens_are_tried_where_nobody_else_is_let_in(tmp_path: Path) -> None:
    """A public endpoint takes any token, and none: there it shows nothing."""
    run, _ = heard(service("blogs", tmp_path), tmp_path, "jwt", "isolation.foreign-account", allow_leftover=True)
    assert failures(run) == []
    private, _ = heard(notes(tmp_path), tmp_path, "jwt")
    places = {it.url.rpartition("/")[2] for result in private.results for it in result.evidence if it.note != ""}
    assert failures(private) == [] and "health" not in places and "notes" in places


@pytest.mark.parametrize("docs", [True, False], ids=["shown", "hidden"])
def test_trap_5_schema_that_is_hidden(docs: bool, tmp_path: Path) -> None:
    """To find the schema and to find fault with its being there do not contradict each other: a file will do."""
    schema = tmp_path / "openapi.json"
    schema.write_text(json.dumps(notes(tmp_path).openapi()))
    run, _ = heard(notes(tmp_path, docs=docs), tmp_path, "exposure", "isolation.foreign-read", openapi=schema)
    assert found(run, "exposure.documentation").verdict is (Verdict.FAIL if docs else Verdict.PASS)
    assert run.source == str(schema) and found(run, "isolation.foreign-read").verdict is Verdict.PASS


def test_trap_6_statuses_of_writes_do_not_tell(tmp_path: Path) -> None:
    """200 that changes nothing is no hole, only a lie; what the owner then finds decides."""
    answers = "        note = owned(state, user, note_id)\n        note.update(body.model_dump(exclude_none=True))\n"
    liar = (
        "        note = dict(state.notes[str(note_id)])\n"
        '        if note["owner_id"] == user["id"]:\n'
        "            note = owned(state, user, note_id)\n"
        "        note.update(body.model_dump(exclude_none=True))\n"
    )
    run, _ = heard(notes(tmp_path, (Plant("main.py", answers, liar),)), tmp_path, "isolation.foreign-update")
    result = found(run, "isolation.foreign-update")
    assert result.verdict is Verdict.FAIL and result.severity is Severity.WARNING and not run.failed


def test_trap_6_what_a_probe_breaks_it_puts_right(tmp_path: Path) -> None:
    """Where B overwrites or deletes, the probes after it still find an object of A's, and none is left."""
    open_ = Plant("main.py", ' or note["owner_id"] != user["id"]', "")
    app = notes(tmp_path, (open_,))
    run, _ = heard(app, tmp_path, "isolation")
    broken = {it.probe.id for it in run.results if it.verdict is Verdict.FAIL}
    assert {"isolation.foreign-read", "isolation.foreign-replace", "isolation.foreign-delete"} <= broken
    assert not any("cannot read its own" in it.reason for it in run.results)
    assert app.state.all.notes == {} and run.left == ()


def test_trap_7_a_limit_of_logins_locks_nobody_out(tmp_path: Path) -> None:
    """Wrong passwords come last, and all but a few at an address that nobody has."""
    run, asked = heard(notes(tmp_path), tmp_path)
    wrong = [place for place, it in enumerate(asked) if b"wrong-password" in it.body]
    others = [place for place, it in enumerate(asked) if it.path.startswith(("/notes", "/auth/register"))]
    controls = [place for place in others if place > wrong[0]]
    assert wrong and all(asked[it].method in ("GET", "DELETE") for it in controls)
    names = [asked[it].body.split(b"username=")[1].split(b"&")[0] for it in wrong]
    accounts = [it for it in names if it.endswith((b"-a%40example.com", b"-b%40example.com"))]
    assert len(accounts) < len(names) / 2 and run.left == ()


def test_trap_8_both_refusals_of_what_is_anothers_are_right(tmp_path: Path) -> None:
    """403 is as good as 404; that it tells of the object's being there is a note, and no more."""
    forbids = FINDS.replace(' or note["owner_id"] != user["id"]', "") + (
        '    if note["owner_id"] != user["id"]:\n        raise HTTPException(403, "That is not yours.")\n'
    )
    run, _ = heard(notes(tmp_path, (Plant("main.py", FINDS, forbids),)), tmp_path, "isolation")
    assert [it.split(":")[0] for it in failures(run)] == ["isolation.oracle"]
    assert found(run, "isolation.oracle").severity is Severity.NOTE and not run.failed


def test_trap_9_one_flaw_trips_many_probes_and_is_told_once(tmp_path: Path) -> None:
    reflects = Plant("main.py", "        allow_origins=[FRONTEND],\n", '        allow_origin_regex=".*",\n')
    run, _ = heard(notes(tmp_path, (reflects,)), tmp_path, "cors")
    tripped = [it for it in run.results if it.verdict is Verdict.FAIL and it.severity is not Severity.NOTE]
    assert len(tripped) >= 6
    assert [it.probe.id for it in run.flaws if it.severity is Severity.ERROR] == ["cors.foreign-origin"]


def test_peers_complain_of_the_methods_that_starlette_lists(tmp_path: Path) -> None:
    """Allow names those of the first route of a path only: schemathesis fails every FastAPI service for it."""
    run, _ = heard(notes(tmp_path), tmp_path, "methods")
    assert failures(run) == [] and found(run, "methods.not-allowed").verdict is Verdict.PASS


def test_peers_delete_their_own_account_and_go_on(tmp_path: Path) -> None:
    """With a dead token all is refused, and all passes. An account ends once, by its user, after everything else."""
    run, asked = heard(notes(tmp_path), tmp_path, "isolation", "jwt", "cors")
    ends = [place for place, it in enumerate(asked) if it.method == "DELETE" and it.path == "/auth/me"]
    assert len(ends) == 2 and failures(run) == []
    assert all(it.path in ("/auth/me", "/auth/login") for it in asked[ends[0] :])


def test_peers_pass_where_what_they_ask_for_is_gone(tmp_path: Path) -> None:
    """Where nothing is ever there, nothing is shown to strangers either; that is no isolation."""
    run, _ = heard(notes(tmp_path, (Plant("main.py", STORES, ""),)), tmp_path, "isolation")
    green = {it.probe.id for it in run.results if it.verdict is Verdict.PASS}
    objects = {f"isolation.{it}" for it in ("foreign-read", "foreign-update", "foreign-replace", "foreign-delete")}
    assert not green & {*objects, "isolation.anonymous-read", "isolation.list-leak"} and run.unjudged


def test_peers_take_a_redirect_for_a_refusal(tmp_path: Path) -> None:
    """302 to the login, with the object in its body: Autorize calls that enforced. The content decides."""
    leaks = (
        '        note = state.notes[str(note_id)]\n        if note["owner_id"] != user["id"]:\n'
        '            return Response(note["title"], 302, {"Location": "/login"})\n        return note\n'
    )
    plants = (
        Plant("main.py", READ, leaks),
        Plant(
            "main.py",
            "def read(note_id: uuid.UUID, user: User) -> Row:",
            "def read(note_id: uuid.UUID, user: User) -> Any:",
        ),
    )
    run, _ = heard(notes(tmp_path, plants), tmp_path, "isolation.foreign-read")
    assert found(run, "isolation.foreign-read").verdict is Verdict.FAIL


def test_peers_build_evil_origins_from_the_host_of_the_api(tmp_path: Path) -> None:
    """What a sloppy comparison lets in resembles the front end, and not the service."""
    _, asked = heard(notes(tmp_path), tmp_path, "cors")
    origins = {it.header("origin") for it in asked} - {"", FRONTEND, "null", "https://evil.example"}
    alike = {it for it in origins if "notes" in it or "example" in it}
    assert len(alike) >= 6 and not any("127.0.0.1" in it and "notes" in it for it in origins)


def test_peers_complain_of_no_store_alone(tmp_path: Path) -> None:
    """`Cache-Control: no-store` is enough by itself (RFC 9111 section 5.2.2.5)."""
    app = notes(tmp_path)

    @app.middleware("http")
    async def keep_nothing(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    run, _ = heard(app, tmp_path, "headers.caching")
    assert found(run, "headers.caching").verdict is Verdict.PASS


def test_peers_complain_of_missing_tls_on_this_machine(tmp_path: Path) -> None:
    run, _ = heard(notes(tmp_path), tmp_path, "tls", "headers.strict-transport")
    assert {it.verdict for it in run.results} == {Verdict.SKIPPED}


def test_peers_follow_the_health_check_to_the_login(tmp_path: Path) -> None:
    """A redirect of the health endpoint is its answer, and is not followed to a page that answers 200."""
    app = notes(
        tmp_path,
        (Plant("main.py", '    @app.get("/health")\n    def health', '    @app.get("/login")\n    def health'),),
    )
    app.get("/health")(lambda: RedirectResponse("/login", 307))
    run, asked = heard(app, tmp_path, "health.answers")
    assert found(run, "health.answers").verdict is Verdict.FAIL
    assert not any(it.path == "/login" for it in asked)


def test_peers_verdicts_depend_on_the_order(tmp_path: Path) -> None:
    """Each probe of isolation says by itself what it says among the others."""
    together, _ = heard(notes(tmp_path), tmp_path, "isolation")
    for result in together.results:
        alone, _ = heard(notes(tmp_path), tmp_path, result.probe.id)
        assert found(alone, result.probe.id).verdict is result.verdict, result.probe.id
