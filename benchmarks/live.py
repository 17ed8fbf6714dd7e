"""`python -m benchmarks.live`: seatrial and schemathesis side by side, on the same services and planted faults.

Each is run against the correct service first. A fault counts as caught where a run tells something that the run
against the correct service did not. Requests are counted by the service. `--every 6` takes every sixth fault,
`--seconds` is what schemathesis may take for one run; seatrial has its own budget. schemathesis is given one user: its
check with two is not used here.

`--delay 100` measures something else: the whole suite, with and without the signing key, on loopback and over a round
trip of 100 ms after a cold start of `--cold` seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx

from benchmarks.delaying import far
from seatrial.options import VerifyOptions
from seatrial.verification.probe import Verdict
from seatrial.verification.run import verify
from tests.verification import faults_of_notes, faults_of_todos, planting, trials
from tests.verification.planting import Fault
from tests.verification.serving import served

PASSWORD = "a password of the benchmark"
NOTES = trials.TODOS.parent / "notes"
Headers = dict[str, str]


@dataclass
class Counted:
    """An application that counts its requests."""

    app: Any
    requests: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests += scope["type"] == "http"
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Service:
    """A service, how it is made with a fault, how somebody signs in, and its faults."""

    name: str
    make: Callable[[Path, tuple[planting.Plant, ...]], Any]
    sign_in: Callable[[str], Headers]
    frontend: str
    faults: Sequence[Fault]


@dataclass
class Score:
    """What one tool came to on one service."""

    caught: int = 0
    requests: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


Tool = Callable[[Service, str, Any, Path, float], frozenset[str]]


def ours(service: Service, url: str, app: Any, place: Path, _seconds: float) -> frozenset[str]:
    """What seatrial tells: the probes that fail."""
    schema = place / "openapi.json"
    schema.write_text(json.dumps(app.openapi()))
    run = verify(url, VerifyOptions(frontend=service.frontend, openapi=schema, journals=place, seconds=120.0))
    return frozenset(it.probe.id for it in run.results if it.verdict is Verdict.FAIL)


def theirs(service: Service, url: str, app: Any, place: Path, seconds: float) -> frozenset[str]:
    """What schemathesis tells: each operation with the first words of its failure. It must not delete its own user."""
    schema, report = place / "openapi.json", place / "junit.xml"
    schema.write_text(json.dumps(app.openapi()))
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(schema), "--url", url, "--no-color"]
    command += ["--max-time", str(round(seconds)), "--max-examples", "20", "--report-junit-path", str(report)]
    command += ["--generation-deterministic", "--exclude-path-regex", "auth|account|sign|log|me$"]
    for name, value in service.sign_in(url).items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=place, check=False, timeout=seconds * 6 + 120)
    if not report.exists():
        raise SystemExit(f"schemathesis did not run: {done.stdout[-500:]}{done.stderr[-500:]}")
    told = set()
    for case in ElementTree.parse(report).iter("testcase"):
        for failure in [*case.iter("failure"), *case.iter("error")]:
            text = f"{failure.get('message', '')}\n{failure.text or ''}"
            told |= {f"{case.get('name')}: {it.strip()}" for it in text.split("\n") if it.strip().startswith("- ")}
    return frozenset(told)


def todos_user(url: str) -> Headers:
    """Somebody new at `todos`, by cookie."""
    body = {"name": "b", "email": f"b{time.monotonic_ns()}@example.com", "password": PASSWORD}
    answer = httpx.post(f"{url}/api/auth/sign-up/email", json=body, timeout=60)
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in answer.cookies.items())}


def notes_user(url: str) -> Headers:
    """Somebody new at `notes`, by token."""
    name = f"b{time.monotonic_ns()}@example.com"
    with httpx.Client(base_url=url, timeout=60) as client:
        client.post("/auth/register", json={"email": name, "password": PASSWORD})
        answer = client.post("/auth/login", data={"username": name, "password": PASSWORD})
        answer = (
            answer if answer.is_success else client.post("/auth/token", data={"username": name, "password": PASSWORD})
        )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


SERVICES = (
    Service("todos", trials.todos, todos_user, trials.FRONTEND, faults_of_todos.ALL),
    Service(
        "notes",
        lambda place, plants: planting.load(planting.copy(NOTES, place, plants), "main").make_app(),
        notes_user,
        "https://notes.example.com",
        faults_of_notes.ISOLATION + faults_of_notes.TOKENS,
    ),
)
TOOLS: dict[str, Tool] = {"seatrial": ours, "schemathesis": theirs}


def run(tool: Tool, service: Service, fault: Fault | None, seconds: float, score: Score) -> frozenset[str]:
    """One run of one tool against one service."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        app = service.make(place, fault.plants if fault else ())
        counted = Counted(app)
        with served(counted) as url:
            began = time.monotonic()
            told = tool(service, url, app, place, seconds)
            score.seconds.append(time.monotonic() - began)
        score.requests.append(counted.requests)
    return told


KEY = "a key of the benchmark that nobody guesses, 0123456789"


def distances(delay_ms: float, cold_s: float) -> None:
    """The whole suite near and far, for each way to two users."""
    print(f"{'credentials':14} {'round trip':>10} {'cold':>6} {'requests':>9} {'seconds':>8} {'not judged':>11}")
    for way, near, key in itertools.product(("sign-up", "and the key"), (True, False), (KEY,)):
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            place = Path(folder)
            counted = Counted(planting.load(planting.copy(NOTES, place, ()), "main").make_app(secret=key))
            url = stack.enter_context(served(counted))
            url = url if near else stack.enter_context(far(url, delay_ms, cold_s))
            credentials = (("SEATRIAL_JWT_SECRET", key),) if "key" in way else ()
            wishes = VerifyOptions(frontend="https://notes.example.com", credentials=credentials, journals=place)
            began = time.monotonic()
            run = verify(url, wishes)
            took = time.monotonic() - began
            assert run.left == (), run.left
        where = "loopback" if near else f"{delay_ms:.0f} ms"
        cold = "" if near else f"{cold_s:.0f} s"
        unclear = sum(it.verdict is Verdict.INCONCLUSIVE for it in run.results)
        print(f"{way:14} {where:>10} {cold:>6} {counted.requests:>9} {took:>8.1f} {unclear:>11}", flush=True)


def main() -> None:
    """Run both on both, and print a table; or with --delay, seatrial alone, near and far."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.live")
    options.add_argument("--every", type=int, default=6)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--delay", type=float, metavar="MS", help="measure the whole suite over such a round trip")
    options.add_argument("--cold", type=float, default=5.0, metavar="SECONDS", help="what the first answer waits for")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    if given.delay is not None:
        distances(given.delay, given.cold)
        return
    print(f"{'service':8} {'tool':14} {'caught':>9} {'told of the correct one':>24} {'requests':>9} {'seconds':>8}")
    for service in SERVICES:
        faults = [it for it in service.faults if not it.frontend][:: given.every]
        for name, tool in TOOLS.items():
            score = Score()
            usual = run(tool, service, None, given.seconds, score)
            for fault in faults:
                score.caught += bool(run(tool, service, fault, given.seconds, score) - usual)
            requests, seconds = sorted(score.requests), sorted(score.seconds)
            middle = len(requests) // 2
            caught = f"{score.caught}/{len(faults)}"
            cost = f"{requests[middle]:>9} {seconds[middle]:>8.1f}"
            print(f"{service.name:8} {name:14} {caught:>9} {len(usual):>24} {cost}", flush=True)


if __name__ == "__main__":
    main()
