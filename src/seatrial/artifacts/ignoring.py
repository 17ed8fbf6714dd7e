"""Lines of `.gitignore` and `.dockerignore`: those that are missing, added at the end; the rest as it is."""

from __future__ import annotations

from collections.abc import Sequence


def with_lines(text: str | None, lines: Sequence[str]) -> str:
    """The text with the lines that it lacks. `.venv`, `.venv/` and `/.venv` are the same here."""
    present = {_plain(line) for line in (text or "").splitlines()}
    missing = [line for line in lines if _plain(line) not in present]
    if not missing:
        return text or ""
    start = (text.rstrip("\n") + "\n\n" if text.strip() else "") if text is not None else ""
    return start + "".join(f"{line}\n" for line in _ordered(missing, lines))


def without(text: str, lines: Sequence[str]) -> str:
    """The text without lines that say exactly this."""
    unwanted = {_plain(line) for line in lines}
    return "".join(line for line in text.splitlines(keepends=True) if _plain(line) not in unwanted)


def _ordered(missing: Sequence[str], lines: Sequence[str]) -> list[str]:
    """An exception has to come after the pattern that it is an exception of, which may be new."""
    repeated = [line for line in lines if line.startswith("!") and any(not it.startswith("!") for it in missing)]
    return [line for line in lines if line in missing or line in repeated]


def _plain(line: str) -> str:
    return line.strip().removeprefix("**/").strip("/")
