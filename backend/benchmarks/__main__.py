"""`make bench-backend`: one PostgreSQL, one Redis, the subjects side by side, turn and turn about.

`one` and `list`: sixteen users who ask all the time. `strangers`: ten thousand by turns, so that the service, which
counts busy users several requests at a time, asks Redis for every request. `lean` is bare FastAPI that does not check
its answers either.

A rate says how much a machine that does nothing else can bear; on a busy one, processor time for each request is the
figure that holds.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psutil
import uvloop

from benchmarks.client import Outcome, ask, get
from benchmarks.people import TASKS, TEMPLATE, Somebody, fill, people
from tests.parts.pgbouncer import PgBouncer
from tests.parts.postgresql import PostgreSQL
from tests.parts.redis import Redis
from tests.parts.service import Service, migrate, production

BARS = {"one": 0.5, "list": 0.4}
BUSY = 16
# So many that none of them comes back while anything of their last request is remembered.
STRANGERS = 10_000


@dataclass(slots=True)
class Figures:
    """What was measured of a subject and a request, round by round."""

    rate: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, outcome: Outcome, seconds: float, cpu_s: float) -> None:
        """Add a round."""
        asked = len(outcome.seconds)
        parts = statistics.quantiles(outcome.seconds, n=100)
        self.rate.append(asked / seconds)
        self.cpu_us.append(cpu_s / asked * 1e6)
        self.p50_ms.append(parts[49] * 1000)
        self.p99_ms.append(parts[98] * 1000)
        self.failed += outcome.failed


@dataclass(frozen=True, slots=True)
class Setting:
    """The servers by their names, and the accounts that ask: some who ask all the time, many who ask seldom."""

    services: dict[str, Service]
    busy: list[Somebody]
    strangers: list[Somebody]


@contextmanager
def subjects(stack: ExitStack, *, pooled: bool = False) -> Iterator[Setting]:
    """All of it, on one PostgreSQL over TLS; `pooled`: all of them through one PgBouncer in transaction mode."""
    postgresql = PostgreSQL()
    stack.callback(postgresql.close)
    redis = Redis()
    stack.callback(redis.close)
    url = postgresql.url("tasks")
    postgresql.query("CREATE DATABASE tasks")
    migrate(url)
    postgresql.query(TEMPLATE, "tasks")
    fill(postgresql, 1, BUSY, TASKS)
    fill(postgresql, BUSY + 1, BUSY + STRANGERS, 1)
    if pooled:
        pooler = PgBouncer(postgresql)
        stack.callback(pooler.close)
        url = pooler.url("tasks") + "&pgbouncer=true"
    env = production(DATABASE_URL=url, REDIS_URL=redis.url, PORT="0", ACCESS_TOKEN_MINUTES="60")
    commands = {
        "backend": ("-m", "src"),
        "bare": server("benchmarks.bare:app"),
        "template": server("benchmarks.template:app"),
    }
    services = {}
    for name, command in commands.items():
        services[name] = Service(env, *command)
        stack.callback(services[name].close)
    services["backend"].wait()
    for name in ("bare", "template"):
        services[name].wait("/openapi.json")
    secret = env["JWT_SECRET"]
    yield Setting(services, people(secret, 1, BUSY, TASKS), people(secret, BUSY + 1, BUSY + STRANGERS, 1))


def server(target: str) -> tuple[str, ...]:
    """Uvicorn as the service runs it; the port comes from the environment."""
    code = (
        f"import os, uvicorn; uvicorn.run({target!r}, host='127.0.0.1', port=int(os.environ['PORT']), access_log=False)"
    )
    return ("-c", code)


def cpu_of(service: Service) -> float:
    """Seconds of processor time that the server and its children have used."""
    process = psutil.Process(service.process.pid)
    return sum(sum(one.cpu_times()[:2]) for one in [process, *process.children(recursive=True)])


def asked(setting: Setting) -> dict[tuple[str, str], tuple[Service, list[bytes]]]:
    """What is asked of each subject, by kind of request and name."""
    backend, bare, template = (setting.services[name] for name in ("backend", "bare", "template"))
    found: dict[tuple[str, str], tuple[Service, list[bytes]]] = {}
    for kind, who in (("one", setting.busy), ("strangers", setting.strangers)):
        found[kind, "backend"] = (backend, [get(f"/tasks/{it.task}", it.token) for it in who])
        found[kind, "bare"] = (bare, [get(f"/tasks/{it.task}", it.token) for it in who])
        found[kind, "lean"] = (bare, [get(f"/lean/tasks/{it.task}", it.token) for it in who])
        found[kind, "template"] = (template, [get(f"/api/v1/items/{it.task}", it.template_token) for it in who])
    found["list", "backend"] = (backend, [get("/tasks", it.token) for it in setting.busy])
    found["list", "bare"] = (bare, [get("/tasks", it.token) for it in setting.busy])
    found["list", "lean"] = (bare, [get("/lean/tasks", it.token) for it in setting.busy])
    template_list = [get("/api/v1/items/?limit=50", it.template_token) for it in setting.busy]
    found["list", "template"] = (template, template_list)
    return found


def measure(rounds: int, seconds: float, *, pooled: bool) -> dict[tuple[str, str], Figures]:
    """All figures."""
    figures: dict[tuple[str, str], Figures] = {}
    with ExitStack() as stack, subjects(stack, pooled=pooled) as setting:
        questions = asked(setting)
        for question, (service, requests) in questions.items():
            warm = uvloop.run(ask(service.port, requests, 1.0))
            assert warm.seconds, f"{question}: nothing was answered 200\n{service.log()[-2000:]}"
        gc.disable()
        for _ in range(rounds):
            for question, (service, requests) in questions.items():
                before = cpu_of(service)
                outcome = uvloop.run(ask(service.port, requests, seconds))
                figures.setdefault(question, Figures()).add(outcome, seconds, cpu_of(service) - before)
                gc.collect()
    return figures


def report(figures: dict[tuple[str, str], Figures]) -> bool:
    """Print the figures and the bars; whether all are held."""
    print(f"{'request':11}{'subject':10}{'requests/s':>12}{'cpu us':>9}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}")
    for (kind, name), found in figures.items():
        middle = [statistics.median(part) for part in (found.rate, found.cpu_us, found.p50_ms, found.p99_ms)]
        print(
            f"{kind:11}{name:10}{middle[0]:>12.0f}{middle[1]:>9.0f}{middle[2]:>9.2f}{middle[3]:>9.2f}{found.failed:>8}"
        )
    held = [judge(figures, kind) for kind in ("one", "list", "strangers")]
    return all(held)


def judge(figures: dict[tuple[str, str], Figures], kind: str) -> bool:
    """Print how one kind of request compares; whether its bars are held."""
    ours, bare, lean, template = (figures[kind, name] for name in ("backend", "bare", "lean", "template"))
    bar = BARS.get(kind)
    tail = tail_of(ours)
    print(f"{kind}: {ratio(ours, bare)} bare{f' (bar {bar})' if bar else ''}; {ratio(ours, lean)} lean; ", end="")
    print(f"{ratio(ours, template)} the template; p99 is {tail:.1f} x p50 (bar 4; bare {tail_of(bare):.1f})")
    failed = sum(found.failed for found in (ours, bare, lean, template))
    held = bar is None or by_rate(ours, bare) >= bar
    return held and tail <= 4 and by_rate(ours, template) > 1 and failed == 0


def tail_of(found: Figures) -> float:
    """How many times longer than the middle request the slowest in a hundred takes; on a busy machine it says how long
    the server waits for a processor.
    """
    return statistics.median(b / a for a, b in zip(found.p50_ms, found.p99_ms, strict=True))


def by_rate(ours: Figures, theirs: Figures) -> float:
    """Pairs of neighbours in time, so that what else the machine does weighs on both."""
    return statistics.median(a / b for a, b in zip(ours.rate, theirs.rate, strict=True))


def ratio(ours: Figures, theirs: Figures) -> str:
    """By requests in a second, and by processor time for each."""
    cpu = statistics.median(b / a for a, b in zip(ours.cpu_us, theirs.cpu_us, strict=True))
    return f"{by_rate(ours, theirs):.2f} x (by processor time {cpu:.2f} x)"


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--pooled", action="store_true", help="all of them through PgBouncer in transaction mode")
    options = parser.parse_args()
    return 0 if report(measure(options.rounds, options.seconds, pooled=options.pooled)) else 1


if __name__ == "__main__":
    sys.exit(main())
