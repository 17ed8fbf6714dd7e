"""Acting on what a rule says its hazard looks like from outside (`seatrial.rules.observation`)."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

from seatrial.rules.observation import (
    Answers,
    Blocked,
    Cited,
    Differs,
    Drifts,
    Ignored,
    InImage,
    Interrupted,
    Listens,
    Observation,
    Outlives,
    Prints,
    Probes,
    Redeployed,
    Refused,
    Request,
    Starts,
)
from tests.rules.observing_files import drifts, ignored, in_image, refused
from tests.rules.reality import PATIENCE_S, Running, argv_of, free_port, get, on_loopback, running, wait_for
from tests.rules.seen import Place, Seen


def observe(observation: Observation, place: Place) -> Seen | None:
    """Look for one hazard; None where only the platform could show it. Fails where the project does not even start."""
    if isinstance(observation, Cited):
        return None
    if isinstance(observation, Outlives):
        return _outlives(place)
    of_files: dict[type, Callable[[Any, Path], Seen]] = {
        InImage: in_image,
        Ignored: ignored,
        Drifts: drifts,
        Refused: refused,
    }
    if type(observation) in of_files:
        return of_files[type(observation)](observation, place.project)
    of_servers: dict[type, Callable[[Any, Place], Seen]] = {
        Answers: _answers,
        Differs: _differs,
        Interrupted: _interrupted,
        Redeployed: _redeployed,
        Blocked: _blocked,
        Prints: _prints,
        Starts: _starts,
        Listens: _listens,
        Probes: _probes,
    }
    return of_servers[type(observation)](observation, place)


# -- HTTP ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """Status 0 stands for a connection that was cut before an answer."""

    status: int
    headers: Mapping[str, str]
    body: str


def _answers(wanted: Answers, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    with running(place.project, place.environment, argv, place.variables, port=port) as process:
        assert process.answers(), process.output
        token = ""
        for request in wanted.before:
            token = _token(ask(port, request, token)) or token
        answer = ask(port, wanted.request, token)
        return Seen(_fits(wanted, answer), f"{answer}\n{process.output}")


def _differs(wanted: Differs, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    with running(place.project, place.environment, argv, place.variables, port=port) as process:
        assert process.answers(), process.output
        answers = [ask(port, Request(wanted.path)) for _ in range(3)]
        assert all(answer.status == 200 for answer in answers), process.output
        return Seen(len({answer.body for answer in answers}) == len(answers), f"{answers}\n{process.output}")


def _interrupted(wanted: Interrupted, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    assert place.database is not None
    with running(place.project, place.environment, argv, place.variables, port=port) as process:
        assert process.answers(), process.output
        assert ask(port, Request(wanted.path)).status == 200, process.output
        place.database.end_connections()
        answer = ask(port, Request(wanted.path))
        return Seen(answer.status >= 500, f"{answer}\n{process.output}")


def _redeployed(wanted: Redeployed, place: Place) -> Seen:
    answers = []
    for _ in range(2):
        port = free_port()
        argv = on_loopback(argv_of(place.project), port)
        with running(place.project, place.environment, argv, place.variables, port=port) as process:
            assert process.answers(), process.output
            answers.append(ask(port, Request(wanted.path)))
            process.server.send_signal(signal.SIGTERM)
            process.server.wait(60)
    assert answers[0].status == 200, process.output
    return Seen(answers[1].status >= 500, f"{answers[1]}\n{process.output}")


def _blocked(wanted: Blocked, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    with socket.create_server(("127.0.0.1", 0)) as partner:
        variables = {**place.variables, "PARTNER_URL": f"http://127.0.0.1:{partner.getsockname()[1]}/"}
        with running(place.project, place.environment, argv, variables, port=port) as process:
            assert process.answers(), process.output
            first = threading.Thread(target=get, args=(port, wanted.path, PATIENCE_S))
            first.start()
            assert wait_for(process.server, lambda: _is_waited_for(wanted, partner, place)), process.output
            status = get(port, "/openapi.json", BLOCKED_S)
        first.join()
        return Seen(status is None, f"{status}\n{process.output}")


BLOCKED_S = 15.0
"""So long nobody is answered by a server that is taken to be blocked; one that is not answers at once."""


def _is_waited_for(wanted: Blocked, partner: socket.socket, place: Place) -> bool:
    """Whether the answer has come to where it waits."""
    if wanted.by == "database":
        return place.database is not None and place.database.runs("pg_sleep")
    return bool(select.select([partner], [], [], 0.05)[0])


def _probes(wanted: Probes, place: Place) -> Seen:
    match = re.search(wanted.pattern, (place.project / wanted.file).read_text())
    assert match is not None
    seen = _answers(Answers(Request(match[1]), status=200), place)
    return Seen(not seen.hazard, seen.evidence)


def _token(answer: Answer) -> str:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return ""
    return str(found.get("token", "")) if isinstance(found, dict) else ""


def _fits(wanted: Answers, answer: Answer) -> bool:
    header = wanted.header
    return (
        (wanted.status is None or answer.status == wanted.status)
        and (header is None or answer.headers.get(header[0].lower()) == header[1])
        and not any(name.lower() in answer.headers for name in wanted.lacks)
        and wanted.contains in answer.body
    )


def ask(port: int, request: Request, token: str = "") -> Answer:
    """The last answer to a request that is sent so many times."""
    answer = Answer(0, {}, "")
    for number in range(request.times):
        answer = _asked(port, request, token, str(number))
    return answer


def _asked(port: int, request: Request, token: str, number: str) -> Answer:
    body = request.body.replace("{}", number).encode() if request.body is not None else None
    headers = {name: value.replace("{token}", token) for name, value in request.headers}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    url = f"http://127.0.0.1:{port}{request.path.replace('{}', number)}"
    sent = urllib.request.Request(url, body, headers, method=request.method)
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return Answer(answer.status, _headers(answer.headers), answer.read().decode())
    except urllib.error.HTTPError as answer:
        return Answer(answer.code, _headers(answer.headers), answer.read().decode())
    except (urllib.error.URLError, ConnectionError) as cut:
        return Answer(0, {}, str(cut))


def _headers(message: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in message.items()}


# -- processes -----------------------------------------------------------------------------------------------------


def _prints(wanted: Prints, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    with running(place.project, place.environment, argv, place.variables, port=port) as process:
        assert process.answers(), process.output
        if wanted.request is not None:
            ask(port, wanted.request)
        # What is printed before an answer is in the log by then only where the stream is not buffered.
        process.server.send_signal(signal.SIGTERM)
        process.server.wait(60)
        return Seen(wanted.text in process.output, process.output)


def _starts(wanted: Starts, place: Place) -> Seen:
    port = free_port()
    argv = on_loopback(argv_of(place.project), port)
    variables = {**(place.variables if wanted.copied is None else {}), **dict(wanted.variables)}
    if wanted.copied is not None:
        source, target = wanted.copied
        for placed in list(place.project.rglob(".env")):  # where the papers' own environment has put it
            placed.unlink()
        (place.project / target).write_text((place.project / source).read_text())
    with running(place.project, place.environment, argv, variables, port=port, folder=wanted.folder) as process:
        serves = process.answers()
        if wanted.exception is None:
            return Seen(serves, process.output)
        return Seen(not serves and wanted.exception in process.output, process.output)


def _listens(wanted: Listens, place: Place) -> Seen:
    argv = alone(place.project)
    with running(place.project, place.environment, argv, place.variables, port=wanted.port) as process:
        listens = wait_for(process.server, lambda: bool(sockets(process)))
        assert listens or "Invalid value for '--port'" in process.output, process.output
        there = [address for address, port in sockets(process) if port == wanted.port and address.strip("0") == ""]
        return Seen(not there, f"{sockets(process)}\n{process.output}")


def _outlives(place: Place) -> Seen:
    with running(place.project, place.environment, alone(place.project), place.variables, port=4321) as process:
        assert wait_for(process.server, lambda: bool(sockets(process))), process.output
        group = list(_group(process.server.pid))
        process.server.send_signal(signal.SIGTERM)
        process.server.wait(60)
        left = [pid for pid in group if pid != process.server.pid and _alive(pid)]
        return Seen(bool(left), process.output)


def _group(leader: int) -> list[int]:
    """The processes of a session, by their numbers."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if _session(pid) == leader]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _alive(pid: int) -> bool:
    """Whether it runs: what has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def alone(project: Path) -> list[str]:
    """The project's own command, unchanged, in a network of its own."""
    return [sys.executable, str(Path(__file__).with_name("alone.py")), *argv_of(project)]


def sockets(process: Running) -> list[tuple[str, int]]:
    """Every address (in hexadecimal) and port that is listened at in the network of a process."""
    found: list[tuple[str, int]] = []
    if _network(process.server.pid) in ("", _network(os.getpid())):  # it has not gone into its own yet
        return found
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{process.server.pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for words in map(str.split, lines):
            address, _, port = words[1].partition(":")
            if words[3] == "0A":
                found.append((address, int(port, 16)))
    return found


def _network(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""
