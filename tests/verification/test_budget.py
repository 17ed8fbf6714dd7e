"""However users come about and however much there is to ask: no more requests than are told, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from seatrial.options import VerifyOptions
from seatrial.verification.credentials import given_by
from seatrial.verification.plan import plan
from seatrial.verification.run import verify
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import FRONTEND, KEY, notes
from tests.verification.test_ladder import PASSWORD, two_accounts

LATENCY = 120  # requests beyond the budget, where no database hook is given
STEPS = ("sign-up", "accounts", "tokens", "sign-up and key", "accounts and key", "tokens and key", "key")


def credentials(step: str, url: str) -> tuple[tuple[str, str], ...]:
    """What a person gives of this step of the ladder."""
    given: dict[str, str] = {"SEATRIAL_JWT_SECRET": KEY} if "key" in step else {}
    if "accounts" in step or "tokens" in step:
        for label, email in zip("AB", two_accounts(url), strict=True):
            form = {"username": email, "password": PASSWORD}
            token = httpx.post(f"{url}/auth/login", data=form).raise_for_status().json()["access_token"]
            given[f"SEATRIAL_USER_{label}"] = f"{email}:{PASSWORD}"
            given |= {f"SEATRIAL_TOKEN_{label}": token} if "tokens" in step else {}
    return tuple(given.items())


@pytest.mark.parametrize("budget", [40, 71, 120])
@pytest.mark.parametrize("step", STEPS)
def test_no_more_is_sent_than_the_budget(step: str, budget: int, tmp_path: Path) -> None:
    app = notes(tmp_path, secret=KEY)
    with served(app) as url:
        given = credentials(step, url)
        before = len(app.state.all.users)
        wishes = VerifyOptions(
            frontend=FRONTEND,
            credentials=given,
            budget=budget,
            journals=tmp_path,
            seconds=300.0,
            ignore=("health.latency",),  # which has requests of its own
        )
        run = verify(url, wishes)
    assert run.requests <= min(budget, plan(url, url, wishes, given_by(wishes, "plan")).most)
    assert run.left == () and app.state.all.notes == {} and len(app.state.all.users) == before


@pytest.mark.parametrize("step", STEPS)
def test_what_the_usual_budget_leaves_over_is_told_and_tells_least(step: str, tmp_path: Path) -> None:
    with served(notes(tmp_path, secret=KEY)) as url:
        given = credentials(step, url)
        run = verify(url, VerifyOptions(frontend=FRONTEND, credentials=given, journals=tmp_path, seconds=300.0))
    over = [it.probe for it in run.results if "budget" in it.reason]
    assert {it.group for it in over} <= {"limits"} and not any(it.core for it in over)
    assert run.requests <= 160 + LATENCY and run.unjudged == () and len(over) <= (3 if "key" in step else 0), [
        it.id for it in over
    ]
