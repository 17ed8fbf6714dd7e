"""What a supervisor told about a start -> an `Observation`, with paths as if it had been started in PATH itself."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.boot import Boot, Failure, Frame, Outcome
from seatrial.issue import Stage
from seatrial.proof.values import Answer, Limits, Link, Observation, ServedRoute, StackFrame

Told = dict[str, Any]
STAGES = {"importing": Stage.IMPORT, "starting": Stage.STARTUP, "serving": Stage.REQUEST, "request": Stage.REQUEST}
DOING = {Stage.IMPORT: "importing the application", Stage.STARTUP: "starting it up", Stage.REQUEST: "answering"}
DUMPED = re.compile(r'\s*File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')
IDLE = frozenset(("select", "run", "run_forever", "run_until_complete", "asyncio_run", "_run_once", "serve"))
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chart:
    """How paths of the start translate to paths of the folder. `venvs` lie inside but hold nothing of the backend's."""

    place: str
    root: str
    cwd: str
    venvs: tuple[str, ...]

    def path(self, name: str) -> str:
        """Relative to the folder where the file is in it, else as it is."""
        full = os.path.normpath(os.path.join(self.cwd, name)) if not name.startswith("<") else name
        for base in (self.place, os.path.realpath(self.place)):
            if full.startswith(base + "/"):
                inside = full[len(base) + 1 :]
                # Compiled packages name their sources relative to where they were built (`pydantic/main.py`).
                built = not os.path.isabs(name) and not os.path.exists(os.path.join(self.root, inside))
                return f"<{name}>" if built else inside
        return full

    def own(self, name: str) -> bool:
        """Whether a translated path is a file of the backend's."""
        inside = not name.startswith(("/", "<"))
        return (
            inside
            and "/site-packages/" not in f"/{name}"
            and not any(name.startswith(venv + "/") for venv in self.venvs)
        )

    def text(self, value: str) -> str:
        """A message with the folder's own paths in it."""
        return value if self.place == self.root else value.replace(self.place, self.root)

    def stack(self, frames: Iterable[Sequence[Any]]) -> tuple[StackFrame, ...]:
        """Raw frames, translated; lines of the import machinery are left out."""
        raw = (frame for frame in frames if not str(frame[0]).startswith("<frozen"))
        return tuple(StackFrame(self.path(str(frame[0])), int(frame[1]), str(frame[2])) for frame in raw)

    def backend(self, stack: Iterable[StackFrame]) -> tuple[Frame, ...]:
        """Those of the backend."""
        return tuple(Frame(frame.path, frame.line, frame.function) for frame in stack if self.own(frame.path))


def chart(plan: dict[str, Any], root: Path) -> Chart:
    """The translation for one plan."""
    venvs = [os.path.relpath(at, root) for _, at in plan["visible"] if at.startswith(str(root) + "/")]
    return Chart(plan["root"], str(root), plan["order"]["cwd"], tuple(venvs))


def read(told: Told, plan: dict[str, Any], root: Path, notes: list[str], limits: Limits) -> Observation:
    """The observation that a supervisor's answer amounts to."""
    if problem := told.get("refused") or told.get("broken"):
        return Observation(Boot(Outcome.UNKNOWN, None, f"the start could not be watched: {problem}"))
    here, events = chart(plan, root), told["events"]
    unable = next((event["text"] for event in events if event["event"] == "unable"), None)
    if unable:
        return Observation(Boot(Outcome.UNKNOWN, None, f"the backend's Python could not be run: {unable}"))
    answers = tuple(Answer(a["path"], a["status"], a["seconds"], here.text(a["body"])) for a in told["answers"])
    boot, event = _judge(told, here, answers, limits)
    return Observation(
        boot=boot,
        routes=_routes(events),
        answers=answers,
        log=here.text(told["log"]),
        printed=told["printed"],
        chain=tuple(Link(link[0], link[1], here.text(link[2])) for link in event.get("chain", ())),
        stopped=told["stopped"],
        confined=plan["confined"],
        seconds=told["seconds"],
        notes=(*notes, *_notes(events, boot, answers)),
        listening=tuple(told.get("listening", ())),
        drained=told.get("drained", ""),
        status=told["status"],
        peak=told.get("peak", 0),
    )


def uncompiled(told: Told) -> list[str]:
    """The files of packages that the start had to compile."""
    events = (event for event in told.get("events", ()) if event["event"] == "uncompiled")
    return [str(name) for event in events for name in event.get("files", ())]


def _judge(told: Told, here: Chart, answers: Sequence[Answer], limits: Limits) -> tuple[Boot, dict[str, Any]]:
    """The outcome, and the event that decided it."""
    if not told["over"] and serves(answers):
        return Boot(Outcome.SERVES), {}
    event = _deciding(told, answers) or _ending(told, here, answers, limits)
    stage = STAGES.get(str(event["at"]), Stage.REQUEST)
    frames = here.backend(here.stack(event["frames"]))
    return Boot(Outcome.FAILS, Failure(stage, event["exception"], here.text(event["message"]), frames)), event


def serves(answers: Sequence[Answer]) -> bool:
    """Whether these prove a backend that serves: its schema, a health route, anything but an error of its own."""
    return any(0 < answer.status < 500 for answer in answers)


def _deciding(told: Told, answers: Sequence[Answer]) -> dict[str, Any] | None:
    """The exception that ended the start, or that made its answers errors."""
    if told["over"]:
        return None
    failures = [event for event in told["events"] if event["event"] == "failure"]
    listened = any(event["event"] == "serving" for event in told["events"])
    stages = ("request",) if listened and answers else ("importing", "starting")
    return next((event for event in failures if event["at"] in stages), None)


def _ending(told: Told, here: Chart, answers: Sequence[Answer], limits: Limits) -> dict[str, Any]:
    """A start that ended, or had to be ended, without an exception that anybody saw."""
    at = next((e["event"] for e in reversed(told["events"]) if e["event"] in STAGES), "importing")
    stage, status, over = STAGES[at], told["status"], told["over"]
    frames: list[Any] = []
    if over in ("MEMORY", "PROCESSES"):
        bound = f"{limits.memory // MIB} MiB of memory" if over == "MEMORY" else f"{limits.processes} processes"
        name, message = over, f"it took more than {bound} while {DOING[stage]}"
    elif over == "TIMEOUT":
        name, message = "TIMEOUT", f"it does not listen after {limits.start:g} s: still {DOING[stage]}"
        frames = _stuck(told, here)
    elif answers and status is None:
        page = answers[-1]
        name, message = ("TIMEOUT", f"GET {page.path}: {page.body}") if page.status == 0 else (
            f"HTTP {page.status}", f"GET {page.path} answers {page.status}: {page.body[:300]}")  # fmt: skip
        frames = _stuck(told, here) if page.status == 0 else []
    elif status is not None and status < 0:
        name = _signal(-status)
        message, frames = f"the process was ended by {name} while {DOING[stage]}", _dumped(told["dump"])
    else:
        name, message = "EXIT", f"the process ended with exit code {status} and no exception while {DOING[stage]}"
    return {"at": at, "exception": name, "message": message, "frames": frames}


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _dumped(lines: Sequence[str]) -> list[tuple[str, int, str]]:
    """The stack that faulthandler wrote at a crash, outermost first."""
    found = [match for line in lines if (match := DUMPED.match(line))]
    return [(m["file"], int(m["line"]), m["function"]) for m in reversed(found)]


def _stuck(told: Told, here: Chart) -> list[Any]:
    """Where it hung: the main thread's stack, or the task's that waits where the event loop idles."""
    stacks: list[Any] = next((event["stacks"] for event in reversed(told["events"]) if event["event"] == "stuck"), [])
    if not stacks:
        return []
    main, *tasks = stacks
    idle = not main or (main[-1][2] in IDLE and not here.own(here.path(main[-1][0])))
    waiting = [stack for stack in tasks if here.backend(here.stack(stack))] if idle else []
    chosen: list[Any] = max(waiting, key=len) if waiting else main
    return chosen


def _routes(events: Sequence[dict[str, Any]]) -> tuple[ServedRoute, ...]:
    told: list[Any] = next((event["routes"] for event in events if event["event"] == "routes"), [])
    return tuple(ServedRoute(str(path), tuple(methods), str(name)) for path, methods, name in told)


def _notes(events: Sequence[dict[str, Any]], boot: Boot, answers: Sequence[Answer]) -> list[str]:
    """What a person should know although it did not decide the outcome."""
    found = [str(event["text"]) for event in events if event["event"] == "note"]
    if boot.outcome is Outcome.SERVES:
        swallowed = [event for event in events if event["event"] == "failure" and event["at"] == "starting"]
        found += [
            f"the lifespan raised {e['exception']}: {e['message']}, and the server went on without it"
            for e in swallowed
        ]
        stopping = [event for event in events if event["event"] == "failure" and event["at"] == "stopping"]
        found += [f"the shutdown raised {event['exception']}: {event['message']}" for event in stopping]
        found += [f"GET {answer.path} answers {answer.status}" for answer in answers if answer.status >= 500]
        found += [f"GET {answer.path}: {answer.body}" for answer in answers if answer.status == 0]
    return found
