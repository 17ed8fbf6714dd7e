"""`make bench-backend`: one PostgreSQL, one Redis, the subjects side by side, turn and turn about.

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

from benchmarks.client import Outcome, ask
from tests.parts.people import Person
from tests.parts.postgresql import PostgreSQL
from tests.parts.redis import Redis
from tests.parts.service import Service, migrate, production

BARS = {"one": 0.5, "list": 0.4}


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


@contextmanager
def subjects(stack: ExitStack) -> Iterator[tuple[dict[str, Service], str, str]]:
    """The servers, a token, and the number of a task."""
    postgresql = PostgreSQL()
    stack.callback(postgresql.close)
    redis = Redis()
    stack.callback(redis.close)
    postgresql.query("CREATE DATABASE tasks")
    migrate(postgresql.url("tasks"))
    env = production(DATABASE_URL=postgresql.url("tasks"), REDIS_URL=redis.url, PORT="0")
    commands = {
        "backend": ("-m", "src"),
        "bare": server("benchmarks.bare:app"),
        "template": server("benchmarks.template:app"),
    }
    services = {}
    for name, command in commands.items():
        service = Service(env, *command)
        stack.callback(service.close)
        services[name] = service
    services["backend"].wait()
    for name in ("bare", "template"):
        services[name].wait("/openapi.json")
    person = Person(services["backend"].url)
    tasks = [person.add(f"Task {number}", description="What is to be done. " * 5) for number in range(60)]
    yield services, person.tokens["access_token"], tasks[30]["id"]


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


def measure(rounds: int, seconds: float) -> dict[tuple[str, str], Figures]:
    """All figures."""
    figures: dict[tuple[str, str], Figures] = {}
    with ExitStack() as stack, subjects(stack) as (services, token, task):
        paths = {"one": f"/tasks/{task}", "list": "/tasks"}
        for service in services.values():
            for path in paths.values():
                uvloop.run(ask(service.port, path, token, 1.0))
        gc.disable()
        for _ in range(rounds):
            for kind, path in paths.items():
                for name, service in services.items():
                    before = cpu_of(service)
                    outcome = uvloop.run(ask(service.port, path, token, seconds))
                    kept = figures.setdefault((kind, name), Figures())
                    kept.add(outcome, seconds, cpu_of(service) - before)
                    gc.collect()
    return figures


def report(figures: dict[tuple[str, str], Figures]) -> bool:
    """Print the figures and the bars; whether all are held."""
    print(f"{'request':8}{'subject':10}{'requests/s':>12}{'cpu us':>9}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}")
    for (kind, name), found in figures.items():
        middle = [statistics.median(part) for part in (found.rate, found.cpu_us, found.p50_ms, found.p99_ms)]
        print(
            f"{kind:8}{name:10}{middle[0]:>12.0f}{middle[1]:>9.0f}{middle[2]:>9.2f}{middle[3]:>9.2f}{found.failed:>8}"
        )
    held = []
    for kind, bar in BARS.items():
        ours, bare, template = (figures[kind, name] for name in ("backend", "bare", "template"))
        # Pairs of neighbours in time, so that what else the machine does weighs on both.
        rate = statistics.median(a / b for a, b in zip(ours.rate, bare.rate, strict=True))
        cpu = statistics.median(b / a for a, b in zip(ours.cpu_us, bare.cpu_us, strict=True))
        beaten = statistics.median(a / b for a, b in zip(ours.rate, template.rate, strict=True))
        tail = statistics.median(b / a for a, b in zip(ours.p50_ms, ours.p99_ms, strict=True))
        held += [rate >= bar, tail <= 4, beaten > 1]
        print(f"{kind}: {rate:.2f} x bare by rate, {cpu:.2f} x by processor time (bar {bar}); ", end="")
        print(f"{beaten:.2f} x the template; p99 is {tail:.1f} x p50 (bar 4)")
    return all(held)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    return 0 if report(measure(options.rounds, options.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
