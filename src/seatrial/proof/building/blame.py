"""Why an image does not build, from what the engine printed: the instruction, its own words, and whose fault it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.project.dockerfile import Instruction, read_dockerfile

FULL = "no space left on device"
# What pip, uv, Poetry, apt, curl and npm say when the network fails them. A refused connection alone may be the
# backend's own, to a database that no build has.
_LOST = re.compile(
    r"error sending request|All attempts to connect to|Temporary failure resolving|Could not resolve host"
    r"|E: Failed to fetch|error: Failed to fetch|Could not fetch URL|Max retries exceeded with url|Read timed out"
    r"|npm (?:ERR!|error)(?: code)? (?:EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND)"
)
_BROKEN, _NOTHING_THERE = "after connection broken by", "(from versions: none)"  # pip tries again before it gives up
_ABSENT = re.compile(r'"(/[^"]*)" not found|stat ([^\s:]+): file does not exist|lstat ([^\s:]+): no such file')
_ESCAPES = re.compile(r"\x1b\[[\d;]*m")
_POINTED = re.compile(r"^(?:\S*/)?Dockerfile\S*:(\d+)$|dockerfile parse error (?:on )?line (\d+)", re.MULTILINE)
_ERROR = re.compile(r"(ERROR|error|E:|.*Error\b|.*not found)")


@dataclass(frozen=True, slots=True)
class Mishap:
    """The instruction that fails, as it is written ("" where that is not said), its line (0), and the words of it.

    `said` are all the lines that the instruction printed.
    """

    instruction: str
    line: int
    said: tuple[str, ...]

    @property
    def lost_index(self) -> str:
        """The line that says that the network failed an installer; "" where it did not."""
        given_up = any(_NOTHING_THERE in line for line in self.said)
        return next((it for it in self.said[::-1] if _LOST.search(it) or (given_up and _BROKEN in it)), "")

    @property
    def absent(self) -> str:
        """The path that COPY or ADD does not find, relative to the build context; "" where it is another failure."""
        found = next((match for line in self.said if (match := _ABSENT.search(line))), None)
        copies = self.instruction.upper().startswith(("COPY", "ADD")) and "--from=" not in self.instruction
        return (found[1] or found[2] or found[3]).strip("/") if found and copies else ""

    @property
    def words(self) -> str:
        """The errors among what it said, and its last line."""
        errors = [line for line in self.said if _ERROR.match(line)]
        return " · ".join(dict.fromkeys([*errors[-4:], *self.said[-1:]]))[-900:]


def mishap_in(output: str, dockerfile: str) -> Mishap:
    """What failed, by what BuildKit or the classic builder printed of a Dockerfile of this text."""
    output = _ESCAPES.sub("", output)
    shown, said = _by_buildkit(output) or _by_classic(output) or ("", _lines(output.splitlines()))
    pointed = _POINTED.search(output)
    line = int(pointed[1] or pointed[2]) if pointed else 0
    instructions = read_dockerfile(dockerfile)
    found = next((it for it in instructions if shown and _as_shown(it) == _squeezed(shown)), None)
    if found is None and line:
        found = next((it for it in reversed(instructions) if it.line <= line), None)
    return Mishap(_as_shown(found) if found else _squeezed(shown), found.line if found else line, said)


def lost_index(output: str) -> str:
    """The line that says that the network failed an installer, whichever image it was; "" where it did not."""
    return Mishap("", 0, _lines(output.splitlines())).lost_index


def images_made(output: str) -> tuple[str, ...]:
    """The images that the classic builder made on the way, the last one first, by what it printed; not those of a base
    or of its cache. BuildKit makes none.
    """
    made: list[str] = []
    step, cached = "", False
    for line in _ESCAPES.sub("", output).splitlines():
        if match := re.match(r"Step \d+/\d+ : (\S+)", line):
            step, cached = match[1].upper(), False
        elif "Using cache" in line:
            cached = True
        elif (match := re.match(r" ---> ([0-9a-f]{12})$", line)) and step != "FROM" and not cached:
            made.append(match[1])
    return tuple(reversed(made))


def _as_shown(instruction: Instruction) -> str:
    return _squeezed(" ".join((instruction.keyword, *instruction.flags, instruction.value)))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _by_buildkit(output: str) -> tuple[str, tuple[str, ...]] | None:
    """The step in the block that BuildKit ends with, and what that step printed."""
    block = re.search(r"^ > \[[^\]]*\] (.*?):?$", output, re.MULTILINE)
    if block is None:
        return None
    step = next(
        (match[1] for match in re.finditer(r"^#(\d+) \[[^\]]*\] (.*)$", output, re.M) if match[2] == block[1]), ""
    )
    own = [match[1] for match in re.finditer(rf"^#{step or 'x'} (?:[\d.]+ )?(.*)$", output, re.MULTILINE)]
    return block[1], _lines(line for line in own if not re.match(r"(\[|sha256:|CACHED|DONE)", line))


def _by_classic(output: str) -> tuple[str, tuple[str, ...]] | None:
    """The last step that the classic builder began, and what came after it."""
    steps = list(re.finditer(r"^Step \d+/\d+ : (.*)$", output, re.MULTILINE))
    if not steps:
        return None
    rest = output[steps[-1].end() :].splitlines()
    return steps[-1][1], _lines(line for line in rest if not line.startswith((" --->", "Removing intermediate")))


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    plain = (re.sub(r"^#\d+ (?:[\d.]+ )?", "", line).strip() for line in lines)
    return tuple(line for line in plain if line and line != "------")
