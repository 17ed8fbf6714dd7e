"""What one interpreter says of itself, asked once per interpreter and kept on disk.

The child is started isolated and without site (`-I -S`), from an empty folder's point of view: it
reads no file of the backend. Its script runs on every Python from 3.8.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from seatrial.provision import cache

_SECONDS = 30.0
_MARK = "seatrial-probe:"
_GROUP = "interpreters-5"

# The interactive helpers that `site` puts into `builtins` and `sys` are added to what the bare interpreter
# has: a server runs with site. Extension modules are imported in name order; one that cannot be imported here
# (no library, no display, a test helper that refuses) is simply not described. Of the modules written in Python,
# those are imported that may make names which their text does not show: `inspect`, `ssl`, `multiprocessing`.
_SCRIPT = r"""
import sys, os, json, importlib, importlib.machinery, platform, warnings
warnings.simplefilter("ignore")
out = os.dup(1)
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 1)
os.dup2(null, 2)
suffixes = importlib.machinery.EXTENSION_SUFFIXES
paths = [p for p in sys.path if os.path.isdir(p)]
extensions, top, made = set(), set(), set()
for directory in paths:
    for entry in os.listdir(directory):
        stem = next((entry[:-len(s)] for s in suffixes if entry.endswith(s)), None)
        if stem is not None:
            extensions.add(stem)
            top.add(stem)
        elif entry.endswith(".py") and entry[:-3].isidentifier():
            top.add(entry[:-3])
            made.add((entry[:-3], os.path.join(directory, entry)))
        elif os.path.isfile(os.path.join(directory, entry, "__init__.py")):
            top.add(entry)
            made.add((entry, os.path.join(directory, entry, "__init__.py")))
top.update(sys.builtin_module_names)
top.update(getattr(sys, "stdlib_module_names", ()))
opaque, written = {}, set()
for name, path in made:
    with open(path, "rb") as stream:
        text = stream.read()
    if any(word in text for word in (b"globals()", b"._convert_(", b"import *")):
        written.add(name)
frozen = ["_frozen_importlib", "_frozen_importlib_external"]
built = ["importlib", "pkgutil"]  # of parts of the interpreter, as their source cannot tell
for name in sorted(extensions.union(sys.builtin_module_names, written)) + frozen + built:
    try:
        opaque[name] = sorted(dir(importlib.import_module(name)))
    except BaseException:
        pass
opaque["builtins"] = sorted(set(opaque["builtins"]) | {"copyright", "credits", "exit", "help", "license", "quit"})
opaque["sys"] = sorted(set(opaque["sys"]) | {"__interactivehook__"})
import site
base = getattr(sys, "_base_executable", None) or sys.executable
if sys.prefix != sys.base_prefix and base == sys.executable:
    base = os.path.realpath(base)
implementation = sys.implementation.version
full = "%d.%d.%d" % implementation[:3]
if implementation[3] != "final":
    full += implementation[3][0] + str(implementation[4])
answer = {
    "executable": base,
    "version": list(sys.version_info[:3]),
    "platform": sys.platform,
    "prefix": sys.base_prefix,
    "stdlib": paths,
    "builtin_modules": list(sys.builtin_module_names),
    "stdlib_modules": sorted(top),
    "suffixes": suffixes,
    "site_packages": site.getsitepackages([sys.base_prefix, sys.base_exec_prefix]),
    "user_site": site.getusersitepackages(),
    "implementation": sys.implementation.name,
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": full,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
    "opaque": opaque,
}
with os.fdopen(out, "w", encoding="utf-8") as stream:
    stream.write("\nMARK" + json.dumps(answer) + "\n")
"""


def probe(executable: Path) -> dict[str, Any] | None:
    """What the interpreter at `executable` says of itself; None where it is none, is older than 3.8, or hangs.

    The answer is kept on disk for as long as the file that the path leads to keeps its size and time.
    """
    try:
        real = executable.resolve(strict=True)
        status = real.stat()
    except OSError:
        return None
    key = cache.digest(str(executable), str(real), str(status.st_mtime_ns), str(status.st_size))
    known = cache.read_entry(_GROUP, key)
    if known is not None and _sound(known):
        return known
    answer = _ask(executable)
    if answer is not None:
        cache.write_entry(_GROUP, key, answer)
    return answer


def _ask(executable: Path) -> dict[str, Any] | None:
    import subprocess

    script = _SCRIPT.replace("MARK", _MARK)
    command = [str(executable), "-I", "-S", "-B", "-c", script]
    try:
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
            cwd=cache.cache_directory(), env=_environment(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = ran.stdout.decode("utf-8", "replace").splitlines()
    told = next((line for line in reversed(lines) if line.startswith(_MARK)), None)
    try:
        answer = json.loads(told.removeprefix(_MARK)) if told else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and _sound(answer) else None


def _environment() -> dict[str, str]:
    """Only what an interpreter needs to start: nothing of ours may change what it says."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "USERPROFILE", "APPDATA", "TEMP")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _sound(answer: dict[str, Any]) -> bool:
    version = answer.get("version")
    wanted = ("executable", "stdlib", "stdlib_modules", "opaque", "markers", "suffixes", "site_packages", "prefix")
    return isinstance(version, list) and tuple(version) >= (3, 8) and all(name in answer for name in wanted)
