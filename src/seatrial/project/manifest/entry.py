"""One dependency entry, as PEP 508 and the installers spell it, into a `Requirement`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from seatrial.issue import Location
from seatrial.project.manifest.values import Problem, Requirement

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:==|!=|<=|>=|<|>|~=)\s*[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.post|\.dev)[0-9]+)*"
# The plain majority, which needs no library: everything else, and everything wrong, goes to `packaging`.
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*|==\s*[0-9.]+\.\*"
_EXTRAS = rf"(?:\[\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\])?"
_PLAIN = re.compile(rf"({_NAME})\s*{_EXTRAS}\s*(\(\s*(?:{_CLAUSES})\s*\)|{_CLAUSES})?")
_TEST = r"""[a-z_]+\s*(?:==|!=|<=|>=|<|>|~=)\s*(?:"[^"'\\]*"|'[^"'\\]*')"""
_MARKER = re.compile(rf"{_TEST}(?:\s+(?:and|or)\s+{_TEST})*")
_MARKER_NAMES = frozenset(
    {"python_version", "python_full_version", "sys_platform", "platform_system", "platform_machine", "os_name"}
    | {"platform_python_implementation", "implementation_name", "extra"}
)
_LOOSE_COMPATIBLE = re.compile(r"~=\s*[0-9]+(?![.0-9])")
_DIRECT = re.compile(rf"({_NAME})\s*(?:\[([^\]]*)\])?\s*@\s*(\S+)(?:\s+;\s*(.+))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """The parts of one entry."""

    name: str
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str | None = None


def parse_entry(text: str) -> Entry | str:
    """Take one PEP 508 requirement apart; the message of `packaging` where it is none."""
    plain, semicolon, marker = (part.strip() for part in text.partition(";"))
    match = _PLAIN.fullmatch(plain)
    if match and not _LOOSE_COMPATIBLE.search(plain) and (_is_plain_marker(marker) if semicolon else True):
        extras = tuple(extra.strip() for extra in match[2].split(",")) if match[2] else ()
        return Entry(match[1], _tidy((match[3] or "").strip("()")), extras, marker)
    return _parse_with_packaging(text.strip())


def _is_plain_marker(marker: str) -> bool:
    names = re.findall(r"([a-z_]+)\s*[=!<>~]", marker)
    return _MARKER.fullmatch(marker) is not None and set(names) <= _MARKER_NAMES


def _parse_with_packaging(text: str) -> Entry | str:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        parsed = Parsed(text)
    except InvalidRequirement as error:
        return str(error).splitlines()[0].strip() or "not a requirement"
    written = text.partition(";")[0] if parsed.url is None else ""
    specifier = re.sub(rf"^\s*{_NAME}\s*(\[[^\]]*\])?", "", written).strip(" ()\t") if written else ""
    marker = text.rpartition(";")[2].strip() if parsed.marker else ""
    return Entry(parsed.name, _tidy(specifier), tuple(sorted(parsed.extras)), marker, parsed.url)


def _tidy(specifier: str) -> str:
    """The specifier in the order in which it is written, without blanks."""
    return re.sub(r"\s+", "", specifier)


def entry_requirement(text: str, location: Location) -> Requirement | Problem:
    """One PEP 508 entry of a manifest."""
    entry = parse_entry(text)
    if isinstance(entry, str):
        return Problem("requirement", f"{text.strip()!r}: {entry}", location)
    return Requirement(
        entry.name, entry.specifier, location, entry.extras, entry.marker, entry.url, written=text.strip()
    )


def reference(url: str, location: Location, *, editable: bool, written: str) -> Requirement | Problem:
    """A requirement that names no distribution first: a path, a URL or a VCS reference, perhaps with `#egg=`."""
    if match := _DIRECT.fullmatch(url):
        direct = entry_requirement(url, location)
        return replace(direct, editable=editable, written=written) if isinstance(direct, Requirement) else direct
    url, _, marker = url.partition(" ;") if " ;" in url else (url, "", "")
    extras: tuple[str, ...] = ()
    name = _egg(url) or _name_of_archive(url)
    if match := re.fullmatch(r"(.*?)\[([^\]]+)\]", url if not _egg(url) else name):
        extras = tuple(extra.strip() for extra in match[2].split(","))
        url, name = (url, match[1]) if _egg(url) else (match[1], name)
    return Requirement(name, "", location, extras, marker.strip(), url.strip(), editable, written=written)


def _egg(url: str) -> str:
    match = re.search(r"[#&]egg=([^&\s]+)", url)
    return match[1] if match else ""


def _name_of_archive(url: str) -> str:
    """The name in `https://host/path/demo_pkg-1.0-py3-none-any.whl` and `demo-1.0.tar.gz`."""
    file = re.split(r"[/\\]", url.partition("#")[0].partition("?")[0])[-1]
    if file.endswith(".whl"):
        return file.split("-", 1)[0].replace("_", "-")
    match = re.fullmatch(rf"({_NAME})-\d[^-]*\.(?:tar\.\w+|tgz|zip)", file)
    return match[1] if match else ""
