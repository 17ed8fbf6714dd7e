"""The project's own compose stack: brought up from a copy, in networks without a way out, until it is healthy.

What a compose file asks of this machine (published ports, fixed names, tags) is left out, so that a stack of the same
project that already runs here is not touched; what would lead out of the copy is refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.issue import Issue, Location
from seatrial.options import BuildOptions
from seatrial.project.compose import find_compose
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.proof.building.blame import FULL, lost_index
from seatrial.proof.building.composing import container_ports, env_files, not_accepted, refusals, shared_images, tamed
from seatrial.proof.building.container import asked
from seatrial.proof.building.engine import Engine, cannot_be_had, find_engine
from seatrial.proof.building.running import Ran, run
from seatrial.proof.building.starting import last_words
from seatrial.proof.building.values import NO_STACK, NOT_STOPPED, UNHEALTHY, Mark, Step
from seatrial.proof.scratch import Scratch, copy_to, environment_file
from seatrial.provision import cache
from seatrial.simulation.gather import Facts

BUILD_SECONDS = 1800.0
HEALTH_SECONDS = 180.0  # a database makes its first cluster in this time as well
_KILLED = (137,)


@dataclass(frozen=True, slots=True)
class Compose:
    """The program for one project: `docker compose` or `docker-compose`, under a name of its own."""

    engine: Engine
    words: tuple[str, ...]
    project: str
    folder: Path

    def run(self, *words: str, seconds: float = 120.0, file: str = "") -> Ran:
        """Run a command of compose in the copy's folder, on the given file."""
        chosen = ("--file", file) if file else ()
        more = {"DOCKER_BUILDKIT": "1" if self.engine.buildkit else "0", "COMPOSE_DOCKER_CLI_BUILD": "1"}
        more["PATH"] = f"{posixpath.dirname(self.engine.program)}:/usr/local/bin:/usr/bin:/bin"
        argv = (*self.words, "--project-name", self.project, *chosen, *words)
        return run(argv, cwd=self.folder, seconds=seconds, more=more)


def find_stack(tree: Tree, base: str) -> str:
    """The compose file of the backend's folder, else of the audited one. Raises UsageError where there is none."""
    documents = Documents.of(tree.root)
    for folder in dict.fromkeys((base, ".")):
        for path in find_compose(documents, folder):
            return path
    raise UsageError("--compose needs a compose file, and there is none; `seatrial prepare --for compose` writes one")


def check_stack(facts: Facts, path: str, scratch: Scratch, options: BuildOptions) -> Step:
    """Bring it up, wait for health, ask it, stop it, take it down."""
    engine = find_engine()
    if isinstance(engine, str):
        return Step("stack", Mark.INCONCLUSIVE, (engine,))
    words = _program(engine)
    if words is None:
        reason = "Neither `docker compose` nor docker-compose is here: install one of them."
        return Step("stack", Mark.INCONCLUSIVE, (reason,))
    with cache.scratch() as work:
        copy = work / scratch.root.name
        copy_to(scratch, copy)
        folder = copy / posixpath.dirname(path)
        text = (copy / path).read_text("utf-8-sig", "replace")
        _fill_in(folder, text, facts)
        compose = Compose(engine, words, f"seatrial-{os.getpid()}-{uuid.uuid4().hex[:8]}", folder)
        step = _carried_out(compose, path, text, copy, options)
        return replace(step, evidence=tuple(line.replace(f"{copy}/", "") for line in step.evidence))


def _fill_in(folder: Path, text: str, facts: Facts) -> None:
    """The documented environment in each file that compose reads variables from and that is not there: it is either
    one that a person makes, or one with secrets, which is never copied.
    """
    documented = {value.name: value.value for value in facts.documented.values}
    content = environment_file({**documented, **facts.documented.process})
    for name in dict.fromkeys((".env", *env_files(text))):
        place = folder / name
        if not place.exists() and place.resolve().is_relative_to(folder.resolve()):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def _program(engine: Engine) -> tuple[str, ...] | None:
    if engine.run("compose", "version").succeeded:
        return (engine.program, "compose")
    old = shutil.which("docker-compose")
    return (old,) if old else None


def _carried_out(compose: Compose, path: str, text: str, copy: Path, options: BuildOptions) -> Step:
    import yaml

    read = compose.run("config", file=posixpath.basename(path))
    if not read.succeeded:
        said = read.last(3).replace(f"{copy}/", "")
        return Step("stack", Mark.FAIL, (said,), (not_accepted(path, text, said),))
    whole = yaml.safe_load(_without_warnings(read.output))
    refused = refusals(whole, copy)
    if refused:
        return Step("stack", Mark.INCONCLUSIVE, ("it is not run, as it reaches out of its containers", *refused))
    ports = {name: container_ports(service) for name, service in whole["services"].items()}
    file = "seatrial-compose.json"
    (compose.folder / file).write_text(json.dumps(tamed(whole, compose.project)), encoding="utf-8")
    tags = [f"{compose.project}:{number}" for number in range(len(shared_images(whole)))]
    with _taken_down(compose, file, tags):
        up = compose.run("up", "--detach", "--build", seconds=BUILD_SECONDS, file=file)
        if not up.succeeded:
            return _not_up(up, compose, path)
        return _watched(compose, path, ports, options, file)


def _without_warnings(text: str) -> str:
    """The document alone: compose writes warnings to the same stream."""
    lines = text.splitlines()
    begins = next((at for at, line in enumerate(lines) if line.rstrip().endswith(":") and not line.startswith(" ")), 0)
    return "\n".join(line for line in lines[begins:] if not line.startswith(("WARNING", "time=", "WARN")))


@contextlib.contextmanager
def _taken_down(compose: Compose, file: str, tags: Sequence[str]) -> Iterator[None]:
    try:
        yield
    finally:
        words = ("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "5")
        compose.run(*words, file=file, seconds=180)
        left = compose.engine.run("ps", "--all", "--quiet", "--filter", _of(compose)).output.split()
        if left:
            compose.engine.remove(("rm", "--force", "--volumes", *left))
        if tags:
            compose.engine.remove(("image", "rm", "--force", *tags))


def _of(compose: Compose) -> str:
    return f"label=com.docker.compose.project={compose.project}"


def _not_up(up: Ran, compose: Compose, path: str) -> Step:
    missing = cannot_be_had(up)
    if missing:
        return Step("stack", Mark.INCONCLUSIVE, (f"an image that it needs cannot be pulled here: {missing}",))
    if FULL in up.output.lower():
        return Step("stack", Mark.INCONCLUSIVE, ("The engine's disk is full: free some space there.",))
    if lost := lost_index(up.output):
        return Step("stack", Mark.INCONCLUSIVE, ("a package index cannot be reached from inside the build", lost[:400]))
    if up.late:
        return Step("stack", Mark.INCONCLUSIVE, (f"it was not up within {up.seconds:.0f} s, and was stopped",))
    containers = _containers(compose)
    logs = [_last_words(compose, it) for it in containers if it["State"].get("ExitCode")]
    said = "; ".join([*_ended(containers), *_waiting(containers), *logs] or [up.last(4)])
    issue = NO_STACK.issue(Location(path, 1), "The stack does not come up.", said)
    return Step("stack", Mark.FAIL, (said,), (issue,))


def _containers(compose: Compose) -> list[dict[str, Any]]:
    names = compose.engine.run("ps", "--all", "--quiet", "--filter", _of(compose)).output.split()
    return list(json.loads(compose.engine.run("inspect", *names).output)) if names else []


def _service(container: Mapping[str, Any]) -> str:
    return str(container["Config"]["Labels"].get("com.docker.compose.service", container["Name"]))


def _ended(containers: list[dict[str, Any]]) -> list[str]:
    """Those that have ended other than well."""
    return [
        f"{_service(it)} ended with exit code {it['State']['ExitCode']}"
        for it in containers
        if it["State"]["Status"] == "exited" and it["State"]["ExitCode"] != 0
    ]


def _waiting(containers: list[dict[str, Any]]) -> list[str]:
    """Those that are neither done nor well yet, with what is said of them."""
    found = []
    for it in containers:
        health = it["State"].get("Health")
        if it["State"]["Status"] not in ("running", "exited"):
            found.append(f"{_service(it)} is {it['State']['Status']}")
        elif it["State"]["Running"] and health and health["Status"] != "healthy":
            last = (health.get("Log") or [{}])[-1]
            found.append(f"{_service(it)} is {health['Status']}: {' '.join(str(last.get('Output', '')).split())[:200]}")
    return found


def _watched(
    compose: Compose, path: str, ports: Mapping[str, tuple[int, ...]], options: BuildOptions, file: str
) -> Step:
    began = time.monotonic()
    deadline = began + max(options.timeout_s, HEALTH_SECONDS)
    containers = _containers(compose)
    while time.monotonic() < deadline and _waiting(containers) and not _ended(containers):
        time.sleep(1.0)
        containers = _containers(compose)
    if wrong := [*_ended(containers), *_waiting(containers)]:
        return _not_well(compose, path, containers, wrong)
    took = time.monotonic() - began
    evidence = [f"{len(containers)} containers, in networks without a way out, well after {took:.1f} s"]
    evidence += [_in_words(it) for it in containers]
    answers, issues = _answers(containers, ports, path, options)
    evidence += answers
    issues += _stopping(compose, path, file, evidence)
    return Step("stack", Mark.FAIL if issues else Mark.PASS, tuple(evidence), tuple(issues))


def _in_words(container: Mapping[str, Any]) -> str:
    state = container["State"]
    health = (state.get("Health") or {}).get("Status", "no health check")
    how = f"running, {health}" if state["Running"] else f"done, exit code {state['ExitCode']}"
    return f"{_service(container)}: {how}"


def _not_well(compose: Compose, path: str, containers: list[dict[str, Any]], wrong: list[str]) -> Step:
    named = next(it for it in containers if wrong[0].startswith(_service(it)))
    said = _last_words(compose, named)
    fault = UNHEALTHY if "unhealthy" in wrong[0] else NO_STACK
    issue = fault.issue(Location(path, 1), f"The stack does not become healthy: {wrong[0]}.", said)
    return Step("stack", Mark.FAIL, (*wrong, said), (issue,))


def _last_words(compose: Compose, container: Mapping[str, Any]) -> str:
    return last_words(compose.engine.run("logs", "--tail", "200", container["Id"]).output)


def _answers(
    containers: list[dict[str, Any]], ports: Mapping[str, tuple[int, ...]], path: str, options: BuildOptions
) -> tuple[list[str], list[Issue]]:
    """Ask every service that speaks HTTP at one of its own ports; one at least has to answer."""
    deadline = time.monotonic() + options.timeout_s
    while True:
        found = []
        for it in containers:
            networks = it["NetworkSettings"]["Networks"].values()
            address = next((str(net["IPAddress"]) for net in networks if net.get("IPAddress")), "")
            for port in ports.get(_service(it), ()):
                answer = asked(address, port) if address else None
                if answer is not None:
                    found.append(f"{_service(it)}:{port}{answer['path']} answered {answer['status']}")
        if any(" answered 5" not in line for line in found):
            return found, []
        if time.monotonic() > deadline:
            break
        time.sleep(1.0)
    said = "; ".join(found) or "none of the ports that the file publishes or exposes answers HTTP"
    return found, [NO_STACK.issue(Location(path, 1), "The stack is up and serves nothing.", said)]


def _stopping(compose: Compose, path: str, file: str, evidence: list[str]) -> list[Issue]:
    """Stop it as a deployment does; who is killed after ten seconds did not heed SIGTERM."""
    began = time.monotonic()
    compose.run("stop", "--timeout", "10", file=file)
    killed = [_service(it) for it in _containers(compose) if it["State"]["ExitCode"] in _KILLED]
    evidence.append(f"stopped in {time.monotonic() - began:.1f} s")
    if not killed:
        return []
    cause = "It had to be killed: its first process does not heed SIGTERM (often a shell without `exec`)."
    return [NOT_STOPPED.issue(Location(path, 1), f"{', '.join(killed)} does not end within 10 s of SIGTERM.", cause)]
