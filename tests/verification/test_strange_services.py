"""What backends of others are like that were met in the wild: shapes, users and refusals that ours do not have."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI

from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from tests.verification import planting
from tests.verification.planting import Plant
from tests.verification.test_faults_of_notes import failures, notes, tried
from tests.verification.trials import found

SERVICES = Path(__file__).parent / "services"
KEY = "a key that the front end shares with the service, 0123456789"
SECRET = (("SEATRIAL_JWT_SECRET", KEY),)
ISOLATED = ("anonymous-read", "foreign-read", "foreign-delete", "foreign-replace", "list-leak")


def service(name: str, place: Path, *plants: Plant) -> FastAPI:
    app: FastAPI = planting.load(planting.copy(SERVICES / name, place, plants), "main").make_app()
    return app


def verdicts(run: Verification, *names: str) -> dict[str, Verdict]:
    return {it: found(run, f"isolation.{it}").verdict for it in names}


NUMBERED = Plant("main.py", 'str(uuid.UUID(claims["sub"]))', 'str(int(claims["sub"]))')
OPEN = Plant("main.py", "user_id: str, asking: Annotated[str, Depends(user_of)]", 'user_id: str, asking: str = ""')
UNASKED = Plant("main.py", "    if user_id != asking:\n", "    if not user_id:\n")
NO_SIGN_UP = Plant("main.py", '    @app.post("/auth/register", status_code=201)\n', "")
NO_LETTERS = Plant(
    "main.py",
    "    email: str = Field(max_length=200)\n",
    '    email: str = Field(max_length=200)\n    username: str = Field(pattern="^[a-z0-9]+$")\n',
)
NOBODY_WANTED = Plant(
    "main.py",
    "        if any(it",
    '        raise HTTPException(400, f"We take nobody who has the password {body.password}.")\n        if any(it',
)
ANY_TITLE = Plant(
    "main.py",
    "        own(user, username)\n        one(username, post_id).update",
    "        one(username, post_id).update",
)


OPEN_TAGS = Plant("main.py", ", dependencies=[Depends(theirs)])", ")")
SLASHED = Plant("main.py", '@app.get("/notes")', '@app.get("/notes/")')
SLASHED_TOO = Plant("main.py", '@app.post("/notes", ', '@app.post("/notes/", ')


@pytest.mark.parametrize("plants", [(), (NUMBERED,)], ids=["UUID", "number"])
def test_key_alone_makes_users_in_the_form_that_the_service_has(plants: tuple[Plant, ...], tmp_path: Path) -> None:
    """And things whose making takes an enumeration by reference, and that come back two envelopes deep."""
    app = service("paths", tmp_path, *plants)
    run = tried(app, tmp_path, "isolation", "jwt", credentials=SECRET)
    assert failures(run) == [] and run.identities == "tokens signed with the key that was given"
    assert verdicts(run, *ISOLATED) == dict.fromkeys(ISOLATED, Verdict.PASS)
    assert found(run, "jwt.tampered").verdict is Verdict.PASS
    assert run.left == () and app.state.tasks == {} and len(run.deleted) == len(run.created) > 3


def test_key_of_another_service_makes_no_users_and_the_reason_is_told(tmp_path: Path) -> None:
    another = (("SEATRIAL_JWT_SECRET", "the key of another service, 0123456789"),)
    run = tried(service("paths", tmp_path), tmp_path, "isolation", "jwt", credentials=another)
    assert failures(run) == [] and run.left == () and run.identities == ""
    assert "is not taken: GET /api/" in run.limits[0] and "answered 401, saying: Invalid token" in run.limits[0]


def test_service_that_asks_nobody_who_is_there_fails(tmp_path: Path) -> None:
    """No sign-up, no token, any id in the path: two users are made up, and what is theirs is everybody's."""
    app = service("paths", tmp_path, OPEN, UNASKED)
    run = tried(app, tmp_path, "isolation", "cors", "methods")
    assert run.identities == "two made-up ids, without credentials" and "asks nobody" in run.limits[0]
    broken = ("anonymous-read", "anonymous-create", "foreign-delete", "list-leak")
    assert verdicts(run, *broken) == dict.fromkeys(broken, Verdict.FAIL)
    assert not any("mistake" in it.reason or "no path is known" in it.reason for it in run.results if it.probe.core)
    assert "PUT without credentials is answered well" in found(run, "isolation.anonymous-delete").reason
    assert run.left == () and app.state.tasks == {}


def test_service_without_a_sign_up_has_nothing_left_in_it(tmp_path: Path) -> None:
    """It was never asked for an account, so that none can be left; two users cannot be made up either."""
    run = tried(notes(tmp_path, (NO_SIGN_UP,)), tmp_path, "isolation")
    assert run.left == () and run.journal == "" and list(tmp_path.glob("*.jsonl")) == []
    assert "no operation that signs a user up" in run.limits[0]


def test_sign_up_gives_what_the_service_complains_to_miss(tmp_path: Path) -> None:
    run = tried(notes(tmp_path, (NO_LETTERS,), docs=False), tmp_path, "isolation")
    assert run.identities == "two accounts of its own" and failures(run) == [] and run.left == ()


def test_refused_sign_up_is_told_in_the_words_of_the_service_without_the_password(tmp_path: Path) -> None:
    run = tried(notes(tmp_path, (NOBODY_WANTED,)), tmp_path, "isolation")
    assert "answered 400, saying: We take nobody who has the password <hidden>." in run.limits[0]
    assert "Aa1!" not in str(run) and run.left == ()


def test_paths_that_name_users_by_their_names(tmp_path: Path) -> None:
    """What an administrator makes is passed over; what is public is not called a leak; the account ends by its name."""
    app = service("blogs", tmp_path)
    run = tried(app, tmp_path, "isolation", "jwt", allow_leftover=True)
    assert failures(run) == [] and run.left == () and app.state.all["users"] == {} and app.state.all["posts"] == {}
    held = ("foreign-update", "foreign-delete", "foreign-create", "anonymous-create")
    assert verdicts(run, *held) == dict.fromkeys(held, Verdict.PASS)
    assert verdicts(run, "foreign-read", "list-leak") == dict.fromkeys(("foreign-read", "list-leak"), Verdict.SKIPPED)
    assert run.unjudged and any("post" in it for it in run.created)


def test_fault_below_the_name_of_a_user_is_caught(tmp_path: Path) -> None:
    run = tried(service("blogs", tmp_path, ANY_TITLE), tmp_path, "isolation.foreign-update", allow_leftover=True)
    assert found(run, "isolation.foreign-update").verdict is Verdict.FAIL and run.left == ()


def test_account_that_may_be_an_administrators_to_delete_is_not_made_unasked(tmp_path: Path) -> None:
    app = service("blogs", tmp_path)
    run = tried(app, tmp_path, "isolation")
    assert run.created == () and "no operation is known by which users delete their account" in run.limits[0]


@pytest.mark.parametrize(
    ("plants", "verdict"), [((), Verdict.PASS), ((OPEN_TAGS,), Verdict.FAIL)], ids=["closed", "open"]
)
def test_router_that_came_later_is_looked_at_too(plants: tuple[Plant, ...], verdict: Verdict, tmp_path: Path) -> None:
    run = tried(service("paths", tmp_path, *plants), tmp_path, "isolation.elsewhere", credentials=SECRET)
    assert found(run, "isolation.elsewhere").verdict is verdict, found(run, "isolation.elsewhere").reason


def test_collection_with_a_slash_at_its_end_is_found_without_a_schema(tmp_path: Path) -> None:
    run = tried(notes(tmp_path, (SLASHED, SLASHED_TOO), docs=False), tmp_path, "isolation")
    assert failures(run) == [] and run.left == ()
    assert found(run, "isolation.foreign-read").verdict is Verdict.PASS
