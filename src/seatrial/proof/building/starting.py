"""The stages that run the backend: byte-compile, import, start and stop, in development and in production settings."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.boot import Boot, Failure, Outcome
from seatrial.issue import Issue, Location, Stage
from seatrial.options import BuildOptions
from seatrial.project.documents import Documents
from seatrial.project.launch.targets import Target
from seatrial.project.procfile import read_procfile
from seatrial.project.settings_facts import EnvRead, Kind
from seatrial.proof.building.running import run
from seatrial.proof.building.values import (
    CUT_OFF,
    NOT_COMPILED,
    NOT_IMPORTED,
    NOT_IN_PRODUCTION,
    NOT_STARTED,
    NOT_STOPPED,
    OVER_LIMIT,
    WRONG_PORT,
    Mark,
    Step,
)
from seatrial.proof.launching import launch_of
from seatrial.proof.observation import observe
from seatrial.proof.scratch import Scratch
from seatrial.proof.values import Launch, Limits, Observation
from seatrial.proof.wanted import services_of
from seatrial.provision.environment import Environment
from seatrial.simulation.gather import Facts

_COMPILER = """
import json, sys, warnings
warnings.simplefilter("ignore")
found = []
for path in json.load(open(sys.argv[1], encoding="utf-8")):
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        found.append([path, getattr(error, "lineno", None) or 1, f"{type(error).__name__}: {error}"])
    except OSError:
        pass
print(json.dumps(found))
"""
_SURROUNDINGS = re.compile(
    r"((APP|FASTAPI|API|PYTHON|NODE|RAILWAY|DEPLOY(MENT)?|RUNTIME|PROJECT|SERVER)_)?(ENV|ENVIRONMENT|STAGE|ENV_NAME"
    r"|ENVIRONMENT_NAME|APP_ENV|MODE)",
    re.IGNORECASE,
)
_DEBUG = re.compile(r"((APP|FASTAPI|API|SERVER)_)?(DEBUG|RELOAD|DEBUG_MODE)", re.IGNORECASE)
_SAID = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?[A-Za-z_]\w*(?:Error|Exception|Exit|Warning|Interrupt)\b.*", re.MULTILINE)
_OUTWARD = re.compile(r"CORS|ORIGIN|FRONT_?END|CLIENT_URL|(APP|BASE|PUBLIC|SITE|WEB)_URL", re.IGNORECASE)
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?")
_UNTOUCHED = 512 << 20  # stacks of threads and arenas are reserved in whole, and hardly used
_MACHINE = ("PORT", "PATH", "HOME", "PYTHONPATH")  # are not for a paper to say
DRAINABLE = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Room:
    """What a start needs, once the environment is filled."""

    facts: Facts
    target: Target
    scratch: Scratch
    environment: Environment
    options: BuildOptions

    @property
    def limits(self) -> Limits:
        """The limits of a start, the platform's among them."""
        cpus = math.ceil(self.options.cpus) if self.options.cpus else 0
        memory = self.options.memory or Limits().memory
        spare = _UNTOUCHED if self.options.memory else 0
        return Limits(start=self.options.timeout_s, stop=10.0, memory=memory, untouched=spare, cpus=cpus)


def byte_compile(copy: Path, paths: Iterable[str], environment: Environment, work: Path) -> Step:
    """Compile every source file of the backend by its interpreter; none is executed or written."""
    listed = sorted(paths)
    order = work / "compile.json"
    order.write_text(json.dumps([str(copy / path) for path in listed]), encoding="utf-8")
    python = str(environment.interpreter.executable)
    ran = run((python, "-I", "-S", "-c", _COMPILER, str(order)), cwd=copy, seconds=300)
    try:
        found = json.loads(ran.output) if ran.succeeded else None
    except ValueError:
        found = None
    if found is None:
        return Step("byte-compile", Mark.INCONCLUSIVE, (ran.last(2),))
    if not found:
        return Step(
            "byte-compile", Mark.PASS, ("1 file compiles" if len(listed) == 1 else f"{len(listed)} files compile",)
        )
    issues, lines = [], []
    for path, line, message in found:
        where = Location(Path(path).relative_to(copy).as_posix(), line)
        reason = message.replace(f"{copy}/", "")
        lines.append(f"{where.path}:{line}: {reason}")
        issues.append(NOT_COMPILED.issue(where, "This file does not compile.", reason))
    return Step("byte-compile", Mark.FAIL, tuple(lines), tuple(issues))


def start_in_development(room: Room) -> tuple[Step, Step, Observation]:
    """One start by the declared target under the documented environment: what its import and what its start came to."""
    seen = observe(
        room.scratch,
        launch_of(room.target),
        room.environment,
        room.facts.documented.process,
        limits=room.limits,
        services=services_of(room.facts),
        offline=room.options.offline,
    )
    imported = _imported(seen, room)
    if imported.mark is not Mark.PASS:
        return imported, Step("start", Mark.SKIPPED, ("it cannot be imported",)), seen
    return imported, _started(seen, room), seen


def _imported(seen: Observation, room: Room) -> Step:
    failure = seen.boot.failure
    if seen.boot.outcome is Outcome.UNKNOWN:
        return Step("import", Mark.INCONCLUSIVE, (seen.boot.reason,))
    if failure is not None and failure.stage in (Stage.INSTALL, Stage.IMPORT):
        what = f"`{room.target.value}` cannot be imported"
        issue = NOT_IMPORTED.issue(place_of(failure, room.target), f"{what}.", said(failure, seen))
        return Step("import", Mark.FAIL, told(failure, seen), (issue,))
    took = max(seen.seconds.get("starting", 0.0) - seen.seconds.get("importing", 0.0), 0.0)
    return Step("import", Mark.PASS, (f"`{room.target.value}` was imported in {took:.2f} s",))


def _started(seen: Observation, room: Room) -> Step:
    failure = seen.boot.failure
    if failure is not None:
        problem = f"`{room.target.value}` does not start in its documented environment."
        issue = NOT_STARTED.issue(place_of(failure, room.target), problem, said(failure, seen))
        return Step("start", Mark.FAIL, told(failure, seen), (issue,))
    evidence = [*answers(seen), *_stopping(seen), *_used(seen), *seen.notes]
    issues = stop_issues(seen, room.target.location)
    return Step("start", Mark.FAIL if issues else Mark.PASS, tuple(evidence), issues)


def stop_issues(seen: Observation, location: Location) -> tuple[Issue, ...]:
    """What the stop showed that must not be: SIGTERM not heeded, a request cut off."""
    if seen.stopped == "killed":
        problem = "The server does not end within 10 s of SIGTERM."
        cause = "Platforms send SIGTERM and kill what is left: whatever it was doing is lost."
        return (NOT_STOPPED.issue(location, problem, cause, tuple(_stopping(seen))),)
    if seen.drained == "cut":
        problem = "A request that is under way when SIGTERM comes is cut off."
        cause = "The server ends before it has answered: each deployment fails the requests of that moment."
        return (CUT_OFF.issue(location, problem, cause, tuple(_stopping(seen))),)
    return ()


def _stopping(seen: Observation) -> list[str]:
    if not seen.stopped:
        return []
    how = "it ended by itself" if seen.stopped == "clean" else "it had to be killed after 10 s"
    took = seen.seconds.get("stopped", 0.0) - seen.seconds.get("answered", 0.0)
    drained = {"": "", "cut": "; the request under way was cut off"}
    under_way = drained.get(seen.drained, f"; the request under way was answered {seen.drained}")
    return [f"SIGTERM: {how} ({took:.1f} s){under_way}"]


def _used(seen: Observation) -> list[str]:
    return [f"at most {seen.peak // (1 << 20)} MiB of memory"] if seen.peak else []


def answers(seen: Observation) -> list[str]:
    """What was asked and answered."""
    return [f"GET {answer.path} answered {answer.status} ({answer.seconds:.2f} s)" for answer in seen.answers]


def place_of(failure: Failure, target: Target) -> Location:
    """The backend's own line that failed, else what starts the server."""
    if not failure.frames:
        return target.location
    frame = failure.frames[-1]
    return Location(frame.path, max(frame.line, 1))


def said(failure: Failure, seen: Observation) -> str:
    """The exception, or what the log says last where there is none."""
    plain = f"{failure.exception}: {failure.message}" if failure.message else failure.exception
    if failure.exception not in ("EXIT", "TIMEOUT", "SystemExit"):
        return plain
    ending = f"exit code {failure.message}" if failure.exception == "SystemExit" else failure.message
    return f"{ending}; it said: {last_words(seen.log)}"


def last_words(log: str) -> str:
    """The last exception in a log with what follows it, else its last line."""
    exceptions = list(_SAID.finditer(log))
    lines = [line.strip() for line in log.splitlines() if line.strip()] or ["nothing"]
    if exceptions:
        lines = [line.strip() for line in log[exceptions[-1].start() :].splitlines() if line.strip()]
        return " · ".join(lines)[:600]
    return " · ".join(lines[-3:])[-600:]


def told(failure: Failure, seen: Observation) -> tuple[str, ...]:
    """The failure and the backend's frames, innermost first."""
    frames = [f"at {frame.path}:{frame.line}" for frame in reversed(failure.frames[-3:])]
    return (said(failure, seen), *frames)


def production_variables(reads: Iterable[EnvRead], documented: Mapping[str, str]) -> dict[str, str]:
    """The variables that tell the backend that it is in production, as its own code reads them, and origins that a
    production accepts in the place of this machine's.
    """
    found: dict[str, str] = {}
    for read in reads:
        if _SURROUNDINGS.fullmatch(read.name) and (
            not read.choices or any("prod" in it.lower() for it in read.choices)
        ):
            choice = next((it for it in read.choices if "prod" in it.lower()), "production")
            found[read.name] = choice
        elif _DEBUG.fullmatch(read.name) and read.kind is not Kind.INTEGER:
            found[read.name] = "false"
    found |= {name: _public(value) for name, value in documented.items() if _OUTWARD.search(name)}
    return {name: value for name, value in found.items() if documented.get(name) != value}


def _public(value: str) -> str:
    """The same with each origin of this machine replaced by one that a front end has in production."""
    return _LOCAL.sub("https://frontend.example.com", value)


@dataclass(frozen=True, slots=True)
class PlatformStart:
    """The line that a platform would run by bash, and what says so."""

    command: str
    reason: str
    location: Location
    folder: str = "."


def start_command(documents: Documents, target: Target, base: str) -> PlatformStart:
    """The Procfile's command, else uvicorn on all addresses and the platform's port."""
    path = "Procfile" if base == "." else f"{base}/Procfile"
    process = read_procfile(documents.text(path) or "").start() if documents.is_file(path) else None
    if process is not None and process.command:
        return PlatformStart(process.command, f"Procfile ({process.name})", Location(path, process.line), base)
    value = target.value if ":" in target.value else f"{target.module}:{target.attribute}"
    words = ["exec", "uvicorn", value, "--host", "0.0.0.0", "--port", "$PORT"]
    words += ["--factory"] if target.factory else []
    folder = target.path_entries[0] if target.path_entries else target.cwd
    words += ["--app-dir", f"./{folder}"] if folder not in ("", ".", target.cwd) else []
    return PlatformStart(" ".join(words), "no Procfile says another", target.location, target.cwd or ".")


def variables_of(facts: Facts) -> dict[str, str]:
    """What is documented, as variables of the process: a platform has no .env file, whichever development reads."""
    every = {**{value.name: value.value for value in facts.documented.values}, **facts.documented.process}
    return {name: value for name, value in every.items() if name not in _MACHINE}


def start_in_production(
    room: Room, how: PlatformStart, routes: Iterable[tuple[str, str]], extra: Mapping[str, str]
) -> Step:
    """One start as a platform does it: by bash, with `$PORT`, in production settings; stopped under a request."""
    port = random.randint(20000, 60000)  # in a network of its own: no port is taken there
    every = variables_of(room.facts)
    changed = {**production_variables(room.facts.settings.reads, every), **extra}
    scratch = room.scratch.patched(_dotenv(room.facts, changed))
    seen = observe(
        scratch,
        Launch("command", how.command, "bash", cwd="" if how.folder == "." else how.folder),
        room.environment,
        {**every, **changed, "PORT": str(port)},
        limits=room.limits,
        services=services_of(room.facts),
        offline=room.options.offline,
        drain=tuple(routes),
    )
    told_of = ", ".join(f"{name}={value}" for name, value in sorted(changed.items()))
    evidence = [f"$ {how.command}  ({how.reason})", f"PORT={port}{told_of and ', '}{told_of}"]
    return _in_production(seen, room, how, evidence, port)


def _dotenv(facts: Facts, changed: Mapping[str, str]) -> dict[str, bytes | None]:
    """The .env files that the code reads, with the changed values in them."""
    found: dict[str, bytes | None] = {}
    for path, text in facts.documented.dotenv:
        lines = [line for line in text.splitlines() if line.partition("=")[0].strip() not in changed]
        kept = {name: value for name, value in changed.items() if re.search(rf"^{re.escape(name)}=", text, re.M)}
        found[path] = "\n".join([*lines, *(f"{name}={value}" for name, value in kept.items()), ""]).encode()
    return found


def _in_production(seen: Observation, room: Room, how: PlatformStart, evidence: list[str], port: int) -> Step:
    name, boot = "production", seen.boot
    if boot.outcome is Outcome.UNKNOWN:
        return Step(name, Mark.INCONCLUSIVE, (*evidence, boot.reason))
    if boot.failure is not None:
        return _not_in_production(boot, seen, how, evidence, room)
    evidence += [*answers(seen), *(f"listens on {socket}" for socket in seen.listening)]
    evidence += [*_stopping(seen), *_used(seen), *seen.notes]
    issues = [*_port_issues(seen, how, port), *stop_issues(seen, how.location)]
    return Step(name, Mark.FAIL if issues else Mark.PASS, tuple(evidence), tuple(issues))


def _not_in_production(boot: Boot, seen: Observation, how: PlatformStart, evidence: list[str], room: Room) -> Step:
    failure = boot.failure
    assert failure is not None
    if failure.exception == "MEMORY":
        cause = f"{failure.message}; the platform would kill it."
        over = OVER_LIMIT.issue(how.location, "The server needs more memory than the platform gives.", cause)
        return Step("production", Mark.FAIL, (*evidence, failure.message), (over,))
    why = said(failure, seen)
    if refuses_values(seen.log, variables_of(room.facts)):
        reason = f"production refuses the values that are documented for development: {why}"
        advice = "give production's own with --env-file or --env to have this judged"
        return Step("production", Mark.INCONCLUSIVE, (*evidence, reason, advice))
    problem = "The server does not start as a platform starts it."
    where = place_of(failure, room.target) if failure.frames else how.location
    issue = NOT_IN_PRODUCTION.issue(where, problem, why, (f"$ {how.command}",))
    return Step("production", Mark.FAIL, (*evidence, *told(failure, seen)), (issue,))


def refuses_values(log: str, documented: Iterable[str] = ()) -> bool:
    """Whether a start ended because its settings did not accept a documented value: that is what they are for."""
    if re.search(r"ValidationError: \d+ validation errors? for \w*(Settings|Config)", log):
        return True
    said = set(re.findall(r"[A-Z][A-Z0-9_]{3,}", last_words(log)))
    return bool(said & {name for name in documented if "_" in name})


def _port_issues(seen: Observation, how: PlatformStart, port: int) -> list[Issue]:
    wanted = [socket for socket in seen.listening if socket.endswith(f":{port}")]
    if not seen.listening:
        return []  # without namespaces of its own nothing is known of its sockets
    if not wanted:
        problem = f"The server listens on {', '.join(seen.listening)} and not on the platform's port."
        cause = "Platforms send requests to `$PORT`; the command names another one."
        return [WRONG_PORT.issue(how.location, problem, cause, (f"PORT={port}",))]
    if all(socket.startswith(("127.", "[::1]")) for socket in wanted):
        problem = "The server listens on the loopback only."
        cause = "Requests come from outside the container: it has to listen on 0.0.0.0 or [::]."
        return [WRONG_PORT.issue(how.location, problem, cause, tuple(wanted))]
    return []
