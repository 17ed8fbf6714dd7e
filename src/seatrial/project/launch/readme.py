"""Markdown (or reStructuredText) -> the pieces of shell in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.project.launch.command import MENTION

_FENCE = re.compile(r"^\s*(?:>\s*)?(`{3,}|~{3,})\s*([\w+-]*)")
_PROMPT = re.compile(r"^\s*(?:\([\w.-]+\)\s*)?(?:[$%#>❯]|PS[^>]*>|C:\\[^>]*>)\s+")
_INLINE = re.compile(r"`([^`\n]*\b(?:uvicorn|gunicorn|hypercorn|granian|fastapi|python3?)\s[^`\n]*)`")
_SHELLS = frozenset(
    {"", "bash", "sh", "shell", "zsh", "fish", "console", "terminal", "shell-session", "text", "txt"}
    | {"cmd", "bat", "powershell", "ps1"}
)


@dataclass(frozen=True, slots=True)
class Block:
    """One code block, or one piece of inline code; `line` is that of its first line of code."""

    text: str
    line: int
    inline: bool = False


def readme_blocks(text: str) -> Iterator[Block]:
    """The blocks of one paper in order, then its inline code. Only those that mention a server or Python, or `cd`."""
    inline: list[Block] = []
    fence, start, body = "", 0, list[str]()
    shell = False
    for number, line in enumerate(text.split("\n"), 1):
        match = _FENCE.match(line)
        if fence:
            if match and line.strip().startswith(fence) and not match[2]:
                if shell and _worth(body):
                    yield Block("\n".join(body), start)
                fence = ""
            else:
                body.append(_PROMPT.sub("", line))
        elif match:
            fence, start, body, shell = match[1], number + 1, [], match[2].lower() in _SHELLS
        elif "`" in line or line.startswith(("    ", "\t")):
            inline.extend(_inline(line, number))
    yield from inline


def _worth(body: list[str]) -> bool:
    return any(MENTION.search(line) for line in body)


def _inline(line: str, number: int) -> Iterator[Block]:
    for match in _INLINE.finditer(line):
        yield Block(match[1], number, inline=True)
    if line.startswith(("    ", "\t")) and MENTION.search(line) and "`" not in line:
        yield Block(_PROMPT.sub("", line), number, inline=True)
