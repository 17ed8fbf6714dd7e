"""What the interpreter says of modules when it imports them, and what we say without."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.project.modules import Finder
from seatrial.project.packages.installed import Packages
from seatrial.provision.interpreter import Interpreter

ASK = """
import importlib, json, keyword, sys, warnings
warnings.simplefilter("ignore")
sys.path[:0] = [entry for entry in sys.argv[1].split("|") if entry]
answers = {}
for module, names in json.load(sys.stdin).items():
    try:
        loaded = importlib.import_module(module)
    except BaseException as error:
        answers[module] = [type(error).__name__, str(error)]
        continue
    names = dict.fromkeys(names or dir(loaded))
    for name in list(names)[:80] if len(names) > 3 else []:
        names.update(dict.fromkeys([name + "x", name[1:], name[:-1]]))
    found = answers[module] = {}
    for name in names:
        if name.isidentifier() and not keyword.iskeyword(name) and name != "__debug__":
            try:
                exec(f"from {module} import {name}", {})
                found[name] = True
            except ImportError:
                found[name] = False
            except Exception as error:
                found[name] = type(error).__module__ + "." + type(error).__qualname__
print("@" + json.dumps(answers))
"""
Answers = Mapping[str, Mapping[str, bool | str] | Sequence[str]]


def real(modules: Mapping[str, Sequence[str]], path: Sequence[Path] = ()) -> Answers:
    """What importing each module, and each name from it, does in a child process; all names where none are given."""
    command = [sys.executable, "-B", "-c", ASK, "|".join(map(str, path))]
    done = subprocess.run(command, input=json.dumps(modules), capture_output=True, text=True, check=True)
    answers: Answers = json.loads(done.stdout.rpartition("@")[2])
    return answers


def packages(interpreter: Interpreter, path: Sequence[Path], cache: Path | None = None) -> Packages:
    finder = Finder(
        [*path, *interpreter.stdlib],
        interpreter.builtin_modules,
        version=interpreter.version,
        platform=interpreter.platform,
        stdlib=interpreter.stdlib,
    )
    return Packages(finder, interpreter.opaque, interpreter.version, interpreter.platform, cache)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder
