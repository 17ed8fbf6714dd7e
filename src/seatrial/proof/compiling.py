"""Byte code for the environments in our own cache, so that the next start of a trial does not compile them all again.

uv installs sources only, and a confined start may not write to its environment. What a start had to compile is compiled
once more here, from the sources, by `py_compile`, which executes nothing: byte code that a backend wrote is never kept.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from seatrial.proof.values import EnvironmentLike
from seatrial.provision import cache

PROGRAM = """
import py_compile, sys
for path in sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split(chr(0)):
    try:
        py_compile.compile(path, doraise=True)
    except Exception:
        pass
"""


def keep_compiled(environment: EnvironmentLike, sources: Iterable[str], seconds: float = 60.0) -> int:
    """Compile those of `sources` that lie in an environment of our cache; returns how many there were."""
    ours = os.path.realpath(cache.cache_directory()) + os.sep
    places = [os.path.realpath(entry) + os.sep for entry in environment.site]
    real = (os.path.realpath(source) for source in sources)
    mine = [path for path in real if path.startswith(ours) and path.endswith(".py") and path.startswith(tuple(places))]
    if not mine:
        return 0
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [str(Path(environment.interpreter.executable)), "-I", "-S", "-c", PROGRAM],
            input="\0".join(mine).encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd="/",
        )
    return len(mine)
