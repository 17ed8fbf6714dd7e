"""uv as a child process: found, started with a tidy environment, bounded in time, its words made readable."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What would point uv at some environment or project other than the one we name. Settings of indexes, certificates,
# proxies, credentials and uv's own cache stay: they are how the user's private index works.
_MISLEADING = re.compile(
    r"VIRTUAL_ENV|CONDA_PREFIX|PYTHON(HOME|PATH|STARTUP)|UV_(PYTHON|PROJECT|WORKING_DIR\w*|SYSTEM_PYTHON|TARGET|PREFIX"
    r"|CONSTRAINT|OVERRIDE|BUILD_CONSTRAINT|EXCLUDE|NO_BINARY\w*|ONLY_BINARY\w*|NO_BUILD\w*|OFFLINE|EXCLUDE_NEWER\w*"
    r"|FROZEN|LOCKED|NO_SYNC|RESOLUTION|PRERELEASE|REQUIRE_HASHES|COMPILE_BYTECODE|BREAK_SYSTEM_PACKAGES)"
)
_PATIENCE = {"UV_HTTP_RETRIES": "1", "UV_HTTP_CONNECT_TIMEOUT": "4", "UV_HTTP_TIMEOUT": "15"}
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of uv ended. `error` is what it wrote to stderr, without credentials; `late` when it was stopped."""

    succeeded: bool
    output: str
    error: str
    late: bool = False


def run_uv(arguments: Sequence[str], *, seconds: float, cwd: Path | None = None) -> Ran:
    """Run uv with these arguments, for at most so many seconds, in `cwd` (default: seatrial's cache directory)."""
    import subprocess

    from seatrial.provision import cache

    try:
        ran = subprocess.run(
            [uv_binary(), *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
            cwd=cwd or cache.cache_directory(), env=_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ran(False, "", f"uv gave no answer within {seconds:.0f} seconds", late=True)
    except OSError as error:
        return Ran(False, "", f"uv cannot be started: {error}")
    told = _CREDENTIALS.sub("", ran.stderr.decode("utf-8", "replace"))
    return Ran(ran.returncode == 0, ran.stdout.decode("utf-8", "replace"), told)


def cache_folders() -> tuple[Path, ...]:
    """The folders of uv's own cache whose times tell when it came to know another release or hold another wheel."""
    named = os.environ.get("UV_CACHE_DIR")
    if named:
        top = Path(named)
    elif os.name == "nt":
        top = Path(os.environ.get("LOCALAPPDATA", "")) / "uv" / "cache"
    else:
        top = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
    patterns = ("simple-*", "simple-*/*", "wheels-*", "wheels-*/*")
    return (top, *(path for pattern in patterns for path in sorted(top.glob(pattern)) if path.is_dir()))


def uv_binary() -> str:
    """The path of uv: the one that seatrial was installed with, else whichever is found."""
    try:
        import uv

        return os.fsdecode(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        # A distribution of seatrial that has uv beside it rather than as a wheel.
        return "uv"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not _MISLEADING.fullmatch(name)}
    fixed = {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_ENV_FILE": "1"}
    return {**_PATIENCE, **kept, **fixed}
