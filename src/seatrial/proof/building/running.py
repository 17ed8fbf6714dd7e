"""A program of somebody else's as a child process: a tidy environment, a time limit, and no child that outlives us."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What a build may see of the person's environment: where programs, certificates, proxies, indexes and caches are.
# Nothing else: build backends are other people's code, and a token in a variable is none of their business.
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TMPDIR|TERM|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NETRC"
    r"|(HTTP|HTTPS|ALL|NO)_PROXY|XDG_\w+|UV_(CACHE_DIR|INDEX\w*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX)"
    r"|UV_(HTTP_\w+|SYSTEM_CERTS|NATIVE_TLS|LINK_MODE|CONCURRENT\w+)"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CERT|DEFAULT_TIMEOUT|CACHE_DIR|CONFIG_FILE|RETRIES|TIMEOUT)"
    r"|DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY|API_VERSION)",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
# What uv says of itself.
_NOISE = re.compile(r"Using C?Python [\d.]+|Resolved \d+ packages? in |Creating virtual environment at")
_MOST = 1 << 20  # bytes of output that are kept: the end


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended. `output` is the end of all it printed, credentials left out; `late`: it was stopped."""

    code: int
    output: str
    seconds: float
    late: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with 0."""
        return self.code == 0 and not self.late

    def last(self, lines: int = 3) -> str:
        """The last lines that say something, as one line."""
        said = [line.strip() for line in self.output.splitlines() if line.strip() and not _NOISE.match(line)]
        return " · ".join(said[-lines:])[-900:] or f"it ended with exit code {self.code} and said nothing"


def tidy_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The person's environment without what a build must not depend on, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    fixed = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **fixed, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **(more or {})}


def run(argv: Sequence[str], *, cwd: Path, seconds: float, more: Mapping[str, str] | None = None) -> Ran:
    """Run a program to its end, for at most so many seconds; whatever happens, nothing of it is left running."""
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=tidy_environment(more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as problem:
        return Ran(127, f"{argv[0]} cannot be started: {problem.strerror}", 0.0)
    try:
        output, late = _wait(process, seconds)
    finally:
        end(process)
    text = _CREDENTIALS.sub("", output[-_MOST:].decode("utf-8", "replace"))
    return Ran(process.returncode, text, round(time.monotonic() - began, 3), late)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bool]:
    try:
        return process.communicate(timeout=seconds)[0], False
    except subprocess.TimeoutExpired:
        end(process)
        return process.communicate()[0], True


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its whole session, also where this is called by Ctrl-C: it is asked first, then made to."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what it started and left behind
