"""Small packages written by hand, each about one thing that real code does while it is imported, against CPython.

A file below `probes/` holds many: `=== name` begins one, `--- path` another file of it; the first file is `main.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .compare import Agreement, Disagreement
from .oracle import find_python
from .run import spell
from .trial import Court

PYTHONS = [version for version in ("3.11", "3.12", "3.13") if find_python(version)]
FOLDER = Path(__file__).with_name("probes")
APP = """
async def app(scope, receive, send):
    await receive()
    await send({'type': 'lifespan.startup.complete'})
"""


def probes(theme: str) -> dict[str, dict[str, str]]:
    """The packages of a file, by name."""
    parts = re.split(r"^=== (.*)\n", (FOLDER / f"{theme}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: _files(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _files(body: str) -> dict[str, str]:
    parts = re.split(r"^--- (\S+)\n", f"--- main.py\n{body}", flags=re.MULTILINE)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {**files, "main.py": files["main.py"] + APP}


@pytest.mark.skipif(not PYTHONS, reason="no CPython 3.11, 3.12 or 3.13 on this machine")
@pytest.mark.parametrize("theme", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_probes_do_what_cpython_does(theme: str) -> None:
    found = probes(theme)
    assert len(found) >= 20
    wrong = []
    with Court(PYTHONS) as court:
        for name, files in found.items():
            for python in PYTHONS:
                verdict = court.one(files, "main:app", python)
                if isinstance(verdict, Disagreement):
                    wrong.append(f"{name}, {python}\n{spell(verdict.observed)}\nnot\n{spell(verdict.predicted)}")
                elif not isinstance(verdict, Agreement):
                    wrong.append(f"{name}, {python}: {verdict}")
    assert not wrong, "\n\n".join(wrong)
