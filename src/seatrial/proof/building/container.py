"""One container of an image: in a network without a way out, with throwaway databases, asked, and told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.issue import Issue, Location, Severity
from seatrial.options import BuildOptions
from seatrial.proof import databases, prober
from seatrial.proof.building import starting
from seatrial.proof.building.engine import Engine, labelled
from seatrial.proof.building.quay import HOST, PORTS, databases_at
from seatrial.proof.building.starting import last_words, production_variables, refuses_values
from seatrial.proof.building.values import (
    NO_CONTAINER,
    NOT_STOPPED,
    OVER_LIMIT,
    UNHEALTHY,
    WRONG_PORT,
    Mark,
    Step,
    limits_in_words,
)
from seatrial.proof.databases import Services
from seatrial.proof.wanted import services_of
from seatrial.provision import cache
from seatrial.simulation.gather import Facts

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
USUAL = (8000, 8080, 80, 5000, 3000, 10000)
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A container that runs: its name, its address in its network, the port that it was given."""

    engine: Engine
    name: str
    address: str
    port: int

    def state(self) -> dict[str, Any]:
        """What the engine says of it."""
        said: list[dict[str, Any]] = json.loads(self.engine.run("inspect", self.name).output or "[]")
        return dict(said[0]["State"]) if said else {}

    def log(self) -> str:
        """The end of what it printed."""
        return self.engine.run("logs", "--tail", "200", self.name).output


def run_container(engine: Engine, image: str, facts: Facts, where: Location, options: BuildOptions) -> Step:
    """Run the image as a platform does, and say what came of it."""
    services = services_of(facts)
    with _network(engine) as (network, gateway), databases_at(gateway, services, options.offline) as (tls, notes):
        variables = variables_of(facts, services)
        with _container(engine, image, network, gateway, variables, tls, options) as begun:
            if isinstance(begun, str):
                problem = NO_CONTAINER.issue(where, "The container cannot be started.", begun)
                return Step("container", Mark.FAIL, (begun,), (problem,))
            return _watched(begun, where, options, notes, variables)


def variables_of(facts: Facts, services: Services) -> dict[str, str]:
    """The documented environment, its databases led to ours, in production settings."""
    ports = {
        kind: PORTS[kind] for kind, wanted in (("postgres", services.postgres), ("redis", services.redis)) if wanted
    }
    every = starting.variables_of(facts)
    production = production_variables(facts.settings.reads, every)
    return {**databases.rewritten(every, ports, HOST), **production}


@contextlib.contextmanager
def _network(engine: Engine) -> Iterator[tuple[str, str]]:
    """A network from which nothing leads out, and the address of this machine in it."""
    name = f"seatrial-{uuid.uuid4().hex[:12]}"
    try:
        made = engine.run("network", "create", "--internal", *labelled(), name)
        if not made.succeeded:
            raise OSError(made.last(1))
        said = json.loads(engine.run("network", "inspect", name).output)[0]
        yield name, str(said["IPAM"]["Config"][0]["Gateway"])
    finally:
        engine.remove(("network", "rm", name))


@contextlib.contextmanager
def _container(
    engine: Engine,
    image: str,
    network: str,
    gateway: str,
    variables: Mapping[str, str],
    tls: str,
    options: BuildOptions,
) -> Iterator[Running | str]:
    name, port = f"seatrial-{uuid.uuid4().hex[:12]}", random.randint(20000, 60000)
    words = ["create", "--name", name, "--network", network, "--add-host", f"{HOST}:{gateway}", *labelled()]
    words += ["--security-opt", "no-new-privileges", "--pids-limit", "512", "--health-interval", "2s"]
    words += ["--memory", str(options.memory), "--memory-swap", str(options.memory)] if options.memory else []
    words += ["--cpus", f"{options.cpus:g}"] if options.cpus else []
    with cache.scratch() as work:
        file = work / "variables"
        file.write_text("".join(f"{it}={value}\n" for it, value in variables.items() if "\n" not in value), "utf-8")
        try:
            made = engine.run(*words, "--env-file", str(file), "--env", f"PORT={port}", image)
            if made.succeeded and tls:
                _trust(engine, name, tls, work)
            started = engine.run("start", name) if made.succeeded else made
            if not started.succeeded:
                yield started.last(2)
                return
            said = json.loads(engine.run("inspect", name).output)[0]
            address = str(said["NetworkSettings"]["Networks"][network]["IPAddress"])
            yield Running(engine, name, address, port)
        finally:
            engine.remove(("rm", "--force", "--volumes", name))


def _trust(engine: Engine, name: str, tls: str, work: Path) -> None:
    """Let the container trust the throwaway database as it trusts a real one: its authority among the others."""
    bundle = work / "bundle.crt"
    if engine.run("cp", "--follow-link", f"{name}:{BUNDLE}", str(bundle)).succeeded and bundle.is_file():
        bundle.write_text(f"{bundle.read_text('utf-8', 'replace')}\n{tls}", encoding="utf-8")
        bundle.chmod(0o644)
        engine.run("cp", str(bundle), f"{name}:{BUNDLE}")


def _watched(
    running: Running, where: Location, options: BuildOptions, notes: list[str], variables: Mapping[str, str]
) -> Step:
    began = time.monotonic()
    answer, port = _first_answer(running, options.timeout_s)
    state = running.state()
    if answer is None:
        return _silent(running, where, state, options, variables)
    evidence = [f"in a network without a way out, PORT={running.port}", *notes]
    evidence.append(f"GET {answer['path']} answered {answer['status']} after {time.monotonic() - began:.1f} s")
    issues: list[Issue] = []
    if port != running.port:
        problem = f"The container listens on {port} and not on the platform's port."
        cause = "Platforms send requests to `$PORT`; the image's command names another one."
        issues.append(WRONG_PORT.issue(where, problem, cause, (f"PORT={running.port}",)))
    evidence += _user(state)
    evidence += _health(running, where, issues, options)
    evidence += _stopped(running, where, issues)
    if limits := limits_in_words(options):
        evidence.append(f"within {limits}")
    wrong = any(issue.severity in (Severity.BLOCKER, Severity.ERROR) for issue in issues)
    evidence += [issue.problem for issue in issues]
    return Step("container", Mark.FAIL if wrong else Mark.PASS, tuple(evidence), tuple(issues))


def _first_answer(running: Running, seconds: float) -> tuple[dict[str, Any] | None, int]:
    """The first page that is answered without an error of the server's, on `$PORT` or else on a usual port."""
    deadline, found = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        for port in dict.fromkeys((running.port, *_listening(running), *USUAL)):
            found = asked(running.address, port)
            if found is not None and 0 < found["status"] < 500:
                return found, port
            if found is not None:
                break
        if not running.state().get("Running"):
            return None, 0
        time.sleep(0.3)
    return None, 0


def _listening(running: Running) -> list[int]:
    """The ports that the container listens on, where the engine runs on this machine and its table may be read."""
    try:
        lines = Path(f"/proc/{running.state().get('Pid')}/net/tcp").read_text("utf-8").splitlines()[1:]
    except OSError:
        return []
    return [int(it.split()[1].rpartition(":")[2], 16) for it in lines if it.split()[3] == prober.LISTEN]


def asked(address: str, port: int) -> dict[str, Any] | None:
    """The first of a few pages that says most; None where nothing listens."""
    best = None
    for page in ("/health", "/openapi.json", "/"):
        found = asyncio.run(prober.get(port, page, 5.0, address))
        if found["status"] == 0:
            return best
        if best is None or found["status"] < best["status"]:
            best = found
    return best


def _silent(
    running: Running, where: Location, state: Mapping[str, Any], options: BuildOptions, variables: Mapping[str, str]
) -> Step:
    log = running.log()
    if state.get("OOMKilled"):
        cause = "The kernel killed it for its memory."
        limits = limits_in_words(options)
        issue = OVER_LIMIT.issue(where, f"The container needs more than {limits}.", cause)
        return Step("container", Mark.FAIL, (issue.problem,), (issue,))
    said = last_words(log)
    if refuses_values(log, variables):
        reason = f"production refuses the values that are documented for development: {said}"
        return Step("container", Mark.INCONCLUSIVE, (reason, "give production's own with --env-file or --env"))
    how = "runs and answers nothing" if state.get("Running") else f"ended with exit code {state.get('ExitCode')}"
    issue = NO_CONTAINER.issue(where, f"The container {how}.", said)
    return Step("container", Mark.FAIL, (issue.problem, said), (issue,))


def _user(state: Mapping[str, Any]) -> list[str]:
    """Who the first process really is, where the engine runs on this machine."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        lines = Path(f"/proc/{state.get('Pid')}/status").read_text("utf-8").splitlines()
        uid = next(line.split()[1] for line in lines if line.startswith("Uid:"))
        name = Path(f"/proc/{state.get('Pid')}/comm").read_text("utf-8").strip()
        return [f"process 1 is `{name}`, user id {uid}"]
    return []


def _health(running: Running, where: Location, issues: list[Issue], options: BuildOptions) -> list[str]:
    """What the image's own health check says, once it has said something."""
    deadline = time.monotonic() + options.timeout_s
    while time.monotonic() < deadline:
        health = running.state().get("Health")
        if not health:
            return []
        if health["Status"] == "healthy":
            return ["its health check says healthy"]
        if health["Status"] == "unhealthy":
            break
        time.sleep(0.5)
    last = (running.state().get("Health") or {}).get("Log") or [{}]
    said = " ".join(str(last[-1].get("Output", "")).split())[:400] or "it gives no answer"
    cause = f"The check says: {said}"
    issues.append(UNHEALTHY.issue(where, "The server answers, and the image's health check fails.", cause))
    return []


def _stopped(running: Running, where: Location, issues: list[Issue]) -> list[str]:
    """SIGTERM, and the time until it has ended."""
    running.engine.run("kill", "--signal", "TERM", running.name)
    began = time.monotonic()
    while running.state().get("Running") and time.monotonic() - began < STOP_SECONDS:
        time.sleep(0.2)
    took = time.monotonic() - began
    if running.state().get("Running"):
        problem = f"The container does not end within {STOP_SECONDS:g} s of SIGTERM."
        cause = "Its first process does not heed the signal: often a shell that does not hand it on (no `exec`)."
        issues.append(NOT_STOPPED.issue(where, problem, cause))
        return []
    return [f"SIGTERM: it ended by itself ({took:.1f} s)"]
