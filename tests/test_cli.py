"""The command as people run it: exit codes, one sentence for a mistake, no traceback."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import seatrial
from seatrial.rules.registry import all_rules

SOURCE = Path(__file__).parents[1] / "src"


def run(*arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command; whatever is asked, nobody gets to see a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "seatrial", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done


def inject(fault: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a fault put into the listing of the rules."""
    script = f"import sys, seatrial.report.manual as manual\nfrom seatrial.cli import main\n{fault}\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_version_is_that_of_the_package() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"seatrial {seatrial.__version__}\n")


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("audit", "boot", "explain", "rules"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["sail"], "sail"),
        (["audit", "--as-of", "yesterday"], "'yesterday' is no day"),
        (["audit", "--fail-level", "fatal"], "fatal"),
        (["audit", "--form", "json"], "--form"),
        (["audit", "--env", "NAME"], "'NAME' is neither"),
        (["audit", "--env", "=value"], "'=value' is neither"),
        (["boot", "--timeout", "0"], "'0' is no time"),
        (["boot", "--timeout", "inf"], "'inf' is no time"),
        (["explain", "ZZZ999"], "seatrial rules"),
    ],
)
def test_misuse_is_one_sentence(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("seatrial: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_every_rule_is_listed_and_explained() -> None:
    listing = run("rules")
    assert listing.returncode == 0
    for rule in all_rules():
        assert rule.code in listing.stdout
    first = all_rules()[0]
    by_code, by_name = run("explain", first.code.lower()), run("explain", first.name)
    assert by_code.returncode == 0
    assert by_code.stdout == by_name.stdout
    assert "What it finds\n" in by_code.stdout


def test_mistake_of_ours_is_a_sentence_and_on_request_a_traceback() -> None:
    fault = "def broken(*_): raise ValueError('no\\nsuch thing')\nmanual.rules = broken"
    done = inject(fault, "rules")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "seatrial rules stopped by a mistake of its own, ValueError: no such thing (" in done.stderr
    assert "SEATRIAL_DEBUG=1" in done.stderr
    assert "Traceback" in inject(fault, "rules", SEATRIAL_DEBUG="1").stderr


def test_deep_recursion_is_a_sentence_too() -> None:
    done = inject(
        "def deep(*_): raise RecursionError('maximum recursion depth exceeded')\nmanual.rules = deep", "rules"
    )
    assert done.returncode == 2
    assert "RecursionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupt_is_quiet() -> None:
    fault = (
        "import signal, time\ndef slow(*_):\n signal.raise_signal(signal.SIGINT)\n time.sleep(60)\nmanual.rules = slow"
    )
    done = inject(fault, "rules")
    assert (done.returncode, done.stderr) == (130, "seatrial: interrupted\n")


def test_termination_ends_what_was_begun() -> None:
    fault = (
        "import os, signal, time\ndef slow(*_):\n try:\n  os.kill(os.getpid(), signal.SIGTERM)\n  time.sleep(60)\n"
        " finally: print('cleaned', flush=True)\nmanual.rules = slow"
    )
    done = inject(fault, "rules")
    said = (done.returncode, done.stdout, done.stderr)
    assert said == (128 + signal.SIGTERM, "cleaned\n", "seatrial: terminated\n")


def test_reader_that_has_seen_enough_is_no_mistake() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "seatrial", "rules"],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_console_that_lacks_a_character_gets_it_spelt_out() -> None:
    done = inject("manual.rules = lambda *_: 'caf\\u00e9 \\udcff'", "rules", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "caf\\xe9 \\udcff")


def on_terminal(*arguments: str, **env: str) -> str:
    """What the command writes when its output is a terminal."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial", *arguments],
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(SOURCE), **env},
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=subprocess.DEVNULL,
    )
    os.close(side)
    written = b""
    try:
        while chunk := os.read(main, 65536):
            written += chunk
    except OSError:
        pass  # how Linux says that the other side is closed
    finally:
        os.close(main)
        process.wait(60)
    return written.decode()


def test_colours_only_on_a_terminal_that_wants_them() -> None:
    assert "\x1b[" in on_terminal("rules", NO_COLOR="")
    assert "\x1b[" not in on_terminal("rules", NO_COLOR="1")
    assert "\x1b[" not in on_terminal("rules", TERM="dumb")
    assert "\x1b[" not in run("rules").stdout


def test_light_commands_stay_light() -> None:
    script = (
        "import sys, seatrial.cli\nfrom seatrial.commands.parsing import parse\nparse(['audit'])\nprint(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"asyncio", "dataclasses", "inspect", "seatrial.pipeline", "subprocess", "yaml"}
    assert not heavy & set(done.stdout.split())


def test_public_names_load_when_asked_for() -> None:
    names = "print(*[getattr(seatrial, name) for name in seatrial.__all__])"
    script = f"import sys, seatrial\nassert 'seatrial.pipeline' not in sys.modules\n{names}"
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(SOURCE)}, check=True)


BROKEN = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "Procfile": "web: uvicorn app.main:app\n",
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\nfrom app.settings import NAME\n\napp = FastAPI(title=NAME)\n",
    "app/setting.py": "NAME = 'x'\n",
}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A small backend whose import is misspelt."""
    for name, text in BROKEN.items():
        path = tmp_path / "backend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "backend"


Audit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def audit(backend_python: str) -> Audit:
    """`seatrial audit` of a folder, with options."""

    def run_it(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return run("audit", str(folder), "--offline", "--python", backend_python, *options)

    return run_it


def test_audit_says_what_is_wrong_and_where(audit: Audit, broken: Path) -> None:
    done = audit(broken)
    assert done.returncode == 1
    first, second, third = done.stdout.splitlines()[:3]
    assert first == "app.main:app would not start: it stops while it is imported."
    assert second == "  ModuleNotFoundError: No module named 'app.settings'"
    assert third == "  at app/main.py:3"
    assert "3 | from app.settings import NAME" in done.stdout


def test_patch_is_what_git_takes_and_mends(audit: Audit, broken: Path, tmp_path: Path) -> None:
    audit(broken, "--patch", str(tmp_path / "fixes.patch"))
    subprocess.run(["git", "apply", "--directory", "backend", "fixes.patch"], cwd=tmp_path, check=True)
    assert audit(broken).returncode == 0


def test_json_is_deterministic_but_for_its_duration(audit: Audit, broken: Path) -> None:
    documents = [json.loads(audit(broken, "--format", "json").stdout) for _ in range(2)]
    for document in documents:
        assert document.pop("duration_s") >= 0
    assert documents[0] == documents[1]
    assert documents[0]["schema"] == "seatrial/audit/1"


def test_fail_level_decides_over_the_exit_code(audit: Audit, broken: Path) -> None:
    (broken / "app" / "main.py").write_text(BROKEN["app/main.py"].replace("settings", "setting"))
    (broken / "app" / "unused.py").write_text("import app.nowhere\n")
    assert audit(broken).returncode == 0
    assert audit(broken, "--fail-level", "note").returncode == 1


def test_save_leaves_the_document_and_nothing_else(audit: Audit, broken: Path) -> None:
    audit(broken, "--save")
    saved = json.loads((broken / ".seatrial" / "audit.json").read_text())
    assert saved["issues"]
    files = {path.relative_to(broken).as_posix() for path in broken.rglob("*") if path.is_file()}
    assert files == {*BROKEN, ".seatrial/audit.json"}


def test_patch_that_cannot_be_written_is_said(audit: Audit, broken: Path) -> None:
    done = audit(broken, "--patch", str(broken / "absent" / "x.patch"))
    assert done.returncode == 2
    assert "cannot write" in done.stderr


def test_configuration_of_the_project_counts_until_an_option_says_otherwise(audit: Audit, broken: Path) -> None:
    (broken / "pyproject.toml").write_text('[tool.seatrial]\nfail-level = "blocker"\nseverity = { IMP001 = "note" }\n')
    assert audit(broken).returncode == 0
    assert audit(broken, "--fail-level", "note").returncode == 1
    (broken / "pyproject.toml").write_text('[tool.seatrial]\nignore = ["IMPORT"]\n')
    done = audit(broken)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no rule has the code 'IMPORT'" in done.stderr
