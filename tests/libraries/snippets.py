"""Small backends by what they try. What comes of each is asked of the real libraries; none says it itself.

A file of `backends` holds many: `#### name` begins one, which is its `main.py`; `## path` begins another of its files.
Every one binds `app`, unless its import fails.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).with_name("backends")


def files(text: str) -> dict[str, str]:
    """The files of one backend."""
    parts = re.split(r"^## (\S+)\n", text, flags=re.MULTILINE)
    return {"main.py": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def snippets(group: str) -> dict[str, str]:
    """The backends of one file, by name."""
    parts = re.split(r"^#### (.+)\n", (FOLDER / f"{group}.txt").read_text(), flags=re.MULTILINE)
    return {name: text.strip("\n") + "\n" for name, text in zip(parts[1::2], parts[2::2], strict=True)}


GROUPS = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
SNIPPETS = {name: text for group in GROUPS for name, text in snippets(group).items()}
