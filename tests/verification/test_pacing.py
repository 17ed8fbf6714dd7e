"""Limits of every kind that services have, told in every spelling: kept, under a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from seatrial.options import VerifyOptions
from seatrial.verification.client import Client, Spent
from seatrial.verification.clock import Clock
from seatrial.verification.exchange import Answer
from seatrial.verification.pacing import exhausted, retry_after
from seatrial.verification.probe import Verdict
from seatrial.verification.run import verify
from tests.verification.serving import served
from tests.verification.test_faults_of_notes import FRONTEND, notes
from tests.verification.trials import found

DATE = 1_790_000_000.0  # some day, in seconds since 1970


class Patience(Clock):
    """Time passes by waiting alone: whatever is waited for is written down and takes no time."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.passed

    def date(self) -> float:
        return DATE + self.passed

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds
        await asyncio.sleep(0)


Scope = Callable[[dict[str, Any]], object]
Told = Callable[[float, int], dict[str, str]]  # the headers, by the seconds and the requests that are left


@dataclass
class Limited:
    """A service that takes `most` requests in `window` seconds of the clock, counted as `scope` says."""

    app: Any
    clock: Patience
    most: int
    window: float
    scope: Scope
    told: Told = lambda _seconds, _left: {}
    again: Callable[[float, float], str] = lambda seconds, _date: f"{seconds:.0f}"
    counts: dict[object, tuple[float, int]] = field(default_factory=dict)
    refused: int = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        key, now = self.scope(scope), self.clock.now()
        since, seen = self.counts.get(key, (now, 0))
        since, seen = (now, 0) if now - since >= self.window else (since, seen)
        rest = self.window - (now - since)
        self.counts[key] = (since, seen + 1)
        if seen >= self.most:
            self.refused += 1
            headers = {"Retry-After": self.again(rest, self.clock.date()), **self.told(rest, 0)}
            await JSONResponse({"detail": "too many"}, 429, headers=headers)(scope, receive, send)
            return

        async def telling(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                more = self.told(rest, self.most - seen - 1)
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in more.items())]
            await send(message)

        await self.app(scope, receive, telling)


async def fine(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await JSONResponse({"status": "ok"})(scope, receive, send)


def route(scope: dict[str, Any]) -> object:
    """As slowapi counts: by the route and the address."""
    return scope["method"], scope["path"].split("/")[1]


def user(scope: dict[str, Any]) -> object:
    return route(scope), dict(scope["headers"]).get(b"authorization")


def address(_scope: dict[str, Any]) -> object:
    """As a proxy or an edge counts: everything."""
    return "all"


@contextmanager
def client(app: Limited) -> Iterator[Client]:
    with served(app) as url:
        made = Client(url, clock=app.clock, deadline=10_000.0)
        try:
            yield made
        finally:
            made.close()


def in_a_moment(seconds: float, date: float) -> str:
    return formatdate(date + seconds, usegmt=True)


@pytest.mark.parametrize("again", [Limited.again, in_a_moment], ids=["seconds", "date"])
def test_refusal_is_asked_again_when_it_may(again: Any, tmp_path: Path) -> None:
    app = Limited(fine, Patience(), 2, 30.0, route, again=again)
    with client(app) as it:
        assert [it.send("GET", "/a").status for _ in range(5)] == [200] * 5
    assert app.refused == 2 and app.clock.waits == [pytest.approx(30.0, abs=1.0)] * 2


SPELLINGS: dict[str, Told] = {
    "RateLimit, structured": lambda s, n: {"RateLimit": f'"a";r=90;t=1, "b";r={n};t={s:.0f}'},
    "RateLimit, a list": lambda s, n: {"RateLimit": f"limit=2, remaining={n}, reset={s:.0f}"},
    "RateLimit-Remaining": lambda s, n: {"RateLimit-Remaining": str(n), "RateLimit-Reset": f"{s:.0f}"},
    "X-RateLimit, seconds": lambda s, n: {"X-RateLimit-Remaining": str(n), "X-RateLimit-Reset": f"{s:.0f}"},
}


@pytest.mark.parametrize("told", SPELLINGS.values(), ids=SPELLINGS)
def test_exhausted_limit_is_waited_out_before_it_refuses(told: Told) -> None:
    app = Limited(fine, Patience(), 2, 30.0, route, told=told)
    with client(app) as it:
        assert [it.send("GET", "/a").status for _ in range(5)] == [200] * 5
    assert app.refused == 0 and app.clock.waits == [30.0, 30.0]


def test_moments_are_read_in_seconds_and_milliseconds() -> None:
    for reset in (DATE + 12, (DATE + 12) * 1000):
        answer = Answer(200, (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", f"{reset:.3f}")))
        assert exhausted(answer, DATE) == pytest.approx(12, abs=0.01)
    assert retry_after(Answer(429, (("Retry-After", formatdate(DATE - 60)),)), DATE) == 0.0
    assert retry_after(Answer(429, (("Retry-After", "soon"),)), DATE) is None
    assert exhausted(Answer(200, (("RateLimit", '"a";r=3;t=9'),)), DATE) == 0.0


def pattern(app: Limited, wide: bool) -> None:
    """Two users at two routes, in turn."""
    with client(app) as it:
        for turn in range(6):
            for by in "AB" if wide else "A":
                for path in ("/a/1", "/b/1"):
                    headers = (("Authorization", by),)
                    assert it.send("GET", path, headers=headers, by=by).status == 200, turn


LIMITS: dict[str, tuple[Scope, int]] = {
    "of a user at a route": (user, 0),
    "of a route": (route, 1),
    "of all": (address, 1),
}


@pytest.mark.parametrize(("scope", "refusals"), LIMITS.values(), ids=LIMITS)
def test_width_of_a_limit_is_learnt_by_one_refusal(scope: Scope, refusals: int) -> None:
    """A limit that is wider than told is met once; from then on it is kept."""
    app = Limited(fine, Patience(), 3, 30.0, scope, told=SPELLINGS["RateLimit-Remaining"])
    pattern(app, wide=True)
    assert app.refused <= refusals


def test_narrow_limit_holds_nothing_else_up() -> None:
    app = Limited(fine, Patience(), 3, 30.0, route, told=SPELLINGS["RateLimit-Remaining"])
    with client(app) as it:
        for path in ("/a", "/a", "/a", "/b", "/c"):
            it.send("GET", path)
        assert app.clock.waits == []
        it.send("GET", "/a")
        assert app.clock.waits == [30.0]


def test_wait_beyond_the_time_of_the_run_is_not_begun() -> None:
    """And it stays so: the next request of that kind does not slip through."""
    app = Limited(fine, Patience(), 1, 500.0, route, told=SPELLINGS["RateLimit-Remaining"])
    with client(app) as it:
        it.deadline = 60.0
        it.send("GET", "/a")
        for _ in range(2):
            with pytest.raises(Spent, match="500 s more to keep the pace"):
                it.send("GET", "/a")
        assert it.send("GET", "/b").status == 200
    assert app.refused == 0 and app.clock.waits == []


@pytest.mark.parametrize("scope", [route, address], ids=["each route", "one address"])
def test_whole_run_under_a_limit(scope: Scope, tmp_path: Path) -> None:
    """All of isolation is judged, by waiting; nothing is left behind, and no refusal is taken for one of isolation."""
    clock = Patience()
    app = Limited(notes(tmp_path), clock, 12, 10.0, scope)
    with served(app) as url:
        told = VerifyOptions(frontend=FRONTEND, select=("isolation",), journals=tmp_path, seconds=3600.0)
        run = verify(url, told, clock=clock)
    assert run.left == () and [it.probe.id for it in run.results if it.verdict is Verdict.FAIL] == []
    assert found(run, "isolation.foreign-read").verdict is Verdict.PASS
    assert app.refused > 0 and clock.waits
    assert not any(it.status == 429 for result in run.results for it in (*result.evidence, *result.controls))
