"""uv's words for an unsatisfiable set of requirements, turned into a kind of problem and a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.provision.distributions import normalise
from seatrial.provision.problems import Kind, Line

_N = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
_MISSING = re.compile(
    _N + r"(?:\[\S*\])? (?:was|were) not found in the (?:package registry|provided package locations)"
)
# The name may carry an extra or, in the releases of old, a marker: httptools{sys_platform != 'win32'}==0.0.13
_RELEASE = _N + r"(?:\[[^\]]*\])?(?:\{[^}]*\})?(\S*)"
_BUILD = re.compile(_RELEASE + r" ha(?:s|ve) no usable wheels")
_TAG = re.compile(_RELEASE + r" ha(?:s|ve) no wheels with a matching")
_PYTHON = re.compile(r"current Python version \(([\d.]+)\) does not satisfy Python(\S+?)(?= and|,)")
_NO_VERSION = re.compile(
    r"there (?:is|are) no versions? of " + _N + r"|only " + _N + r"(?:\[\S*\])?[<>=]\S* (?:is|are) available"
)
_DEPENDS = re.compile(r"(" + _N + r"\S*) depends? on " + _N + r"((?:\[\S*\])?[^\s]*)")
_REQUIRED = re.compile(r"you require ((?:(?!, we can| is | are |\. ).)+)")
_NETWORK = re.compile(
    r"network was disabled|not found in the cache|failed to fetch|request failed|error sending request|dns error"
    r"|authentication|unauthorized|forbidden|timed out|certificate|gave no answer|cannot be started|failed to download",
    re.IGNORECASE,
)
_POSITION = re.compile(r"Couldn't parse requirement in `\S+` at position (\d+)\s+cause: ([^\n]+)")


@dataclass(frozen=True, slots=True)
class Explained:
    """What uv says: the kind, a sentence, the distribution at the root of it, and the declared names to change first.

    `release` is the release without a usable wheel, as a requirement. `position` is an offset into the requirements
    given to uv, of a line that cannot be read.
    """

    kind: Kind
    message: str
    subject: str = ""
    suspects: tuple[str, ...] = ()
    position: int | None = None
    release: str = ""


def explain(error: str, lines: Sequence[Line], python: str) -> Explained:
    """Judge what uv wrote when it could not resolve `lines` for an interpreter of version `python` (`3.12.1`)."""
    unread = _POSITION.search(error)
    if unread:
        return Explained("invalid-requirement", unread[2].strip(), position=int(unread[1]))
    text = " ".join(error.split())
    if "we can conclude" not in text or _NETWORK.search(text):
        return _unreachable(text)
    names = {line.name for line in lines}
    suspects = _suspects(text, names)
    kind, message, subject = _judge(text, suspects, _spelt(lines), python)
    unbuilt = _BUILD.search(text) or _TAG.search(text)
    return Explained(kind, message, subject, suspects, release=f"{unbuilt[1]}{unbuilt[2]}" if unbuilt else "")


def _unreachable(text: str) -> Explained:
    if "network was disabled" in text or "not found in the cache" in text:
        return Explained(
            "unreachable-index", "The package index was not asked, and uv's cache does not hold all of it."
        )
    failed = re.search(r"(?:Failed to fetch|url)[:\s(]*`?(https?://[^/\s`)]+)", text)
    where = f" ({failed[1]})" if failed else ""
    cause = text.rsplit("cause:", 1)[-1].strip() if "cause:" in text else text.removeprefix("error:").strip()
    return Explained("unreachable-index", f"The package index cannot be reached{where}: {cause.rstrip('.')}.")


def _suspects(text: str, names: set[str]) -> tuple[str, ...]:
    """The declared names in uv's explanation: those that others depend on first, as it is their pins that bind."""
    required = [normalise(name) for clause in _REQUIRED.findall(text) for name in _names_in(clause)]
    depended = [normalise(match[3]) for match in _DEPENDS.finditer(text)]
    ordered = [name for name in depended if name in required] + required
    found = [name for name in dict.fromkeys(ordered) if name in names]
    return tuple(
        found or [name for name in sorted(names) if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)]
    )


def _names_in(clause: str) -> list[str]:
    return re.findall(r"(?:^|,| and |\s)\s*" + _N + r"(?=[\[<>=~!\s,]|$)", clause)


def _spelt(lines: Sequence[Line]) -> dict[str, str]:
    """How each name is asked for; twice, where it is asked for twice."""
    spelt: dict[str, str] = {}
    for line in lines:
        text = line.text.split(";")[0].strip()
        spelt[line.name] = f"{spelt[line.name]}` and `{text}" if line.name in spelt else text
    return spelt


def _judge(text: str, suspects: tuple[str, ...], spelt: dict[str, str], python: str) -> tuple[Kind, str, str]:
    minor = ".".join(python.split(".")[:2])
    asked = spelt.get(suspects[0], suspects[0]) if suspects else "a requirement"
    if match := _MISSING.search(text):
        name = normalise(match[1])
        return "no-such-distribution", f"No distribution is called `{name}`{_by(name, suspects, spelt)}.", name
    if len(suspects) > 1:
        return "conflict", _conflict(text, suspects, spelt), suspects[0]
    if match := _PYTHON.search(text):
        return "python-mismatch", f"`{asked}` needs Python {match[2]}; this is {python}.", _first(suspects)
    if match := _BUILD.search(text):
        name = normalise(match[1])
        what = f"`{match[1]}{match[2]}` has no wheel for Python {minor} on this platform{_by(name, suspects, spelt)}"
        return "build-needed", f"{what}; an installation has to build it from source.", name
    if match := _TAG.search(text):
        name = normalise(match[1])
        what = f"`{match[1]}{match[2]}` has no wheel for Python {minor} on this platform{_by(name, suspects, spelt)}"
        return "no-wheel", f"{what}, and no source to build one from.", name
    if match := _NO_VERSION.search(text):
        name = normalise(match[1] or match[2])
        there = re.search(rf"only ({re.escape(match[1] or match[2])}\S*) (?:is|are) available", text)
        known = f"; available is {there[1]}" if there else ""
        return "no-such-version", f"`{asked}` asks for a version that does not exist{known}.", name
    return "conflict", _conflict(text, suspects, spelt), _first(suspects)


def _first(suspects: tuple[str, ...]) -> str:
    return suspects[0] if suspects else ""


def _by(name: str, suspects: tuple[str, ...], spelt: dict[str, str]) -> str:
    others = [spelt.get(other, other) for other in suspects if other != name]
    return f", which `{others[0]}` depends on" if others and name not in suspects else ""


def _conflict(text: str, suspects: tuple[str, ...], spelt: dict[str, str]) -> str:
    named = [f"`{spelt.get(name, name)}`" for name in suspects] or ["The requirements"]
    edges = dict.fromkeys(f"{m[1]} needs {m[3]}{m[4].rstrip(',.')}" for m in _DEPENDS.finditer(text) if m[3] != "one")
    why = "; ".join(list(edges)[:3])
    together = ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else named[0]
    return f"{together} cannot be installed together" + (f": {why}." if why else ".")
