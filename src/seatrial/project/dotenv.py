"""Dotenv files, as each of the libraries that read them would, and rewritten in place.

`parse` follows python-dotenv 1.2, which pydantic-settings, environs and uvicorn's `--env-file` use as well.
python-decouple and Starlette have rules of their own: no `export`, no comment after a value, no interpolation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BINDING = re.compile(
    r"""[^\S\n]*(?:export[^\S\n]+)?(?P<key>'[^'\n]+'|[^=\#\s]+)[^\S\n]*
        (?:=[^\S\n]*(?:'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>(?!['"])[^\n]*)))?
        (?P<rest>[^\n]*)""",
    re.X | re.S,
)
_SINGLE_ESCAPE = re.compile(r"\\([\\'])")
_DOUBLE_ESCAPE = re.compile(r"\\[\\'\"abfnrtv]")
_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")
_PLAIN_END = re.compile(r"\s+#.*")
_CONTROL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Binding:
    """One `NAME=value`. `value` is None where there is no `=`; `start` and `end` bound its text, without quotes.

    `comment` is the comment beside or directly above it; `quote` is `'`, `"` or "".
    """

    name: str
    value: str | None
    line: int
    start: int
    end: int
    quote: str = ""
    comment: str = ""
    raw: str = ""


def parse(text: str) -> tuple[Binding, ...]:
    """The bindings of a dotenv text in order, values not yet interpolated. Lines that are none are left out."""
    found: list[Binding] = []
    offset, line, comment = 0, 1, ""
    while offset < len(text):
        end = text.find("\n", offset)
        end = len(text) if end < 0 else end
        physical = text[offset:end].strip()
        if not physical or physical.startswith("#"):
            comment = f"{comment}\n{physical[1:].strip()}".strip() if physical else ""
            offset, line = end + 1, line + 1
            continue
        match = _BINDING.match(text, offset)
        stop = end if match is None else match.end()
        if match is not None and (not match["rest"].strip() or match["rest"].lstrip().startswith("#")):
            found.append(_binding(match, line, comment))  # else python-dotenv warns, and goes on behind what it read
        line += text.count("\n", offset, stop) + 1
        offset, comment = stop + 1, ""
    return tuple(found)


def _binding(match: re.Match[str], line: int, comment: str) -> Binding:
    name = match["key"].strip("'")
    beside = match["rest"].strip().lstrip("#").strip()
    if match["single"] is not None:
        value = _SINGLE_ESCAPE.sub(r"\1", match["single"])
        return Binding(name, value, line, *match.span("single"), "'", beside or comment, match["single"])
    if match["double"] is not None:
        value = _DOUBLE_ESCAPE.sub(lambda found: _CONTROL.get(found[0][1], found[0][1]), match["double"])
        return Binding(name, value, line, *match.span("double"), '"', beside or comment, match["double"])
    plain = match["plain"]
    if plain is None:
        return Binding(name, None, line, match.end(), match.end(), "", comment)
    value = _PLAIN_END.sub("", plain).rstrip()
    beside = plain[len(value) :].strip().lstrip("#").strip()
    start = match.start("plain")
    return Binding(name, value, line, start, start + len(value), "", beside or comment, plain)


def values(text: str, environ: Mapping[str, str] | None = None, *, override: bool = False) -> dict[str, str | None]:
    """What python-dotenv makes of a text: references `${NAME}` filled in from the environment and from lines above.

    `override` gives the lines above precedence over the environment, as `load_dotenv(override=True)` and
    `dotenv_values` do.
    """
    outer = dict(environ or {})
    found: dict[str, str | None] = {}
    for binding in parse(text):
        known = {**outer, **_set(found)} if override else {**_set(found), **outer}
        found[binding.name] = None if binding.value is None else interpolate(binding.value, known)
    return found


def _set(found: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in found.items()}


def interpolate(value: str, known: Mapping[str, str]) -> str:
    """`${NAME}` and `${NAME:-default}` filled in; an unknown name is empty."""
    if "${" not in value:
        return value
    return _REFERENCE.sub(lambda match: known.get(match["name"], match["default"] or ""), value)


def decouple_values(text: str) -> dict[str, str]:
    """What python-decouple 3.8 reads: everything after `=`, one pair of quotes taken off."""
    found: dict[str, str] = {}
    for line in map(str.strip, text.split("\n")):
        if line and not line.startswith("#") and "=" in line:
            name, _, value = (part.strip() for part in line.partition("="))
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            found[name] = value
    return found


def starlette_values(text: str) -> dict[str, str]:
    """What `starlette.config.Config` 1.x reads: the same rules as python-decouple's."""
    return decouple_values(text)


def rewritten(text: str, replacements: Mapping[str, str]) -> str:
    """The text with the values of these names replaced and everything else, comments and order, as it was."""
    for binding in reversed(parse(text)):
        if binding.name not in replacements:
            continue
        value = replacements[binding.name]
        written = f"={value}" if binding.value is None else value
        text = text[: binding.start] + written + text[binding.end :]
    return text


def appended(text: str, pairs: Mapping[str, str]) -> str:
    """The text with further lines at its end."""
    if not pairs:
        return text
    start = text if not text or text.endswith("\n") else text + "\n"
    return start + "".join(f"{name}={value}\n" for name, value in pairs.items())
