"""Completion, as the shells themselves make it: real shells, a real terminal, the real Tab key."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|.\x08")


def script(shell: str) -> str:
    command = [sys.executable, "-m", "seatrial", "completion", shell]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("home")
    for shell in ("bash", "zsh", "fish"):
        (place / f"complete.{shell}").write_text(script(shell))
    (place / "backend-folder").mkdir()
    return place


class Terminal:
    """A shell that a person types into."""

    def __init__(self, command: list[str], home: Path) -> None:
        self.master, slave = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm", "PS1": "> ", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=home, env=environment, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait_for(self, wanted: str, seconds: float = 60) -> str:
        until = time.monotonic() + seconds
        while wanted not in CONTROL.sub("", self.seen):
            ready, _, _ = select.select([self.master], [], [], max(until - time.monotonic(), 0))
            assert ready, f"{wanted!r} did not come: {self.seen!r}"
            self.seen += os.read(self.master, 65536).decode(errors="replace")
        return self.seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.mark.parametrize(
    ("shell", "set_up"),
    [
        pytest.param(["bash", "--norc", "--noprofile", "-i"], "source ./complete.bash", id="bash"),
        pytest.param(
            ["zsh", "-f", "-i"],
            'autoload -Uz compinit && compinit -u && eval "$(cat complete.zsh)"',
            id="zsh",
            marks=pytest.mark.needs("zsh"),
        ),
    ],
)
def test_tab_completes_commands_options_values_and_folders(home: Path, shell: list[str], set_up: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("no bash on this machine")
    terminal = Terminal(shell, home)
    try:
        terminal.type(f"{set_up} && echo rea''dy\n")
        terminal.wait_for("ready")
        for typed, completed in (
            ("seatrial aud\t", "audit "),
            ("--upd\t", "--update-baseline "),
            ("--format sar\t", "sarif "),
            ("backend-fo\t", "backend-folder"),
        ):
            terminal.seen = ""
            terminal.type(typed)
            terminal.wait_for(completed[-4:] if typed.startswith("seatrial") else completed[len(typed) - 1 :])
    finally:
        terminal.close()


@pytest.mark.needs("fish")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("seatrial aud", "audit"),
        ("seatrial audit --upd", "--update-baseline"),
        ("seatrial audit --format sar", "sarif"),
        ("seatrial adr che", "check"),
        ("seatrial explain IMP00", "IMP001"),
        ("seatrial audit backend-fo", "backend-folder/"),
    ],
)
def test_fish_offers(home: Path, typed: str, offered: str) -> None:
    command = ["fish", "--no-config", "-c", f"source ./complete.fish; complete -C {typed!r}"]
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60, env=environment)
    assert offered in [line.split("\t")[0] for line in done.stdout.splitlines()], done.stdout + done.stderr
