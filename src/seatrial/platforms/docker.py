"""What Docker does with an image's start command and with a build context.

The process that CMD and ENTRYPOINT make is process 1 and gets SIGTERM. In shell form that process is `/bin/sh -c`,
which in Debian images is dash and does not hand the signal on, unless the command begins with `exec`; in exec form
there is no shell, so nothing fills `$PORT` in. (Tried with Docker on Debian 12: bash execs the last command of `bash
-c`, dash does not.)
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from seatrial.project.dockerfile import Image, Instruction, Words

_FIXED_PORT = re.compile(r"--(?:port|bind)[= ]+(?:[\w.\[\]]+:)*(\d{2,5})\b|-b[= ]+(?:[\w.]+:)*(\d{2,5})\b")
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})


@dataclass(frozen=True, slots=True)
class ContainerStart:
    """How a container's first process comes about.

    `text` is the command as a person would type it. `shell` says whether a shell reads it, so that variables are
    filled in; `server_is_first` whether the server itself gets SIGTERM; `fixed_port` is a port written into it.
    """

    text: str
    line: int
    shell: bool
    server_is_first: bool
    fixed_port: int | None
    uses_port: bool

    @property
    def literal_port(self) -> bool:
        """Whether `$PORT` reaches the server as these five characters, because no shell reads it."""
        return self.uses_port and not self.shell


def container_start(image: Image) -> ContainerStart | None:
    """How the image's container starts; None when its base image decides."""
    words = image.command or image.entrypoint
    if words is None:
        return None
    argv = (image.entrypoint.argv if image.entrypoint else ()) + (image.command.argv if image.command else ())
    text = _shell_text(argv, words)
    shell = text is not None
    shown = text if text is not None else " ".join(argv)
    port = _FIXED_PORT.search(shown)
    number = int(port[1] or port[2]) if port else None
    uses = re.search(r"\$\{?PORT\b", shown) is not None
    return ContainerStart(shown, words.line, shell, not shell or _execs(shown, argv), number, uses)


def _shell_text(argv: tuple[str, ...], words: Words) -> str | None:
    """The text that a shell reads, in either form; None when none does."""
    if words.shell is not None:
        return words.shell
    for index, word in enumerate(argv[:-1]):
        if posixpath.basename(word) in _SHELLS and re.fullmatch(r"-[a-z]*c", argv[index + 1]):
            return argv[index + 2] if index + 2 < len(argv) else None
    return None


def _execs(text: str, argv: tuple[str, ...]) -> bool:
    """Whether the shell ends by becoming the server. Bash does so with a last command; dash only when told to."""
    last = re.split(r"&&|;|\|\|", text)[-1].strip()
    with_bash = any(posixpath.basename(word) == "bash" for word in argv)
    return last.startswith("exec ") or (with_bash and "trap" not in text)


def user_of(instructions: tuple[Instruction, ...]) -> str:
    """The user of the last stage's process; "root" where none is named."""
    user = "root"
    for item in instructions:
        if item.keyword == "FROM":
            user = "root"
        elif item.keyword == "USER":
            user = item.value.split(":")[0].strip()
    return "root" if user == "0" else user


@dataclass(frozen=True, slots=True)
class Ignore:
    """A `.dockerignore`: patterns in order, the last that matches decides."""

    patterns: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, text: str) -> Ignore:
        """Read by the rules of moby/patternmatcher: `#` comments, `!` exceptions, `**`, no leading slash."""
        patterns = []
        for line in map(str.strip, text.split("\n")):
            if line and not line.startswith("#"):
                keep = line.startswith("!")
                pattern = posixpath.normpath(line.lstrip("!").strip()).lstrip("/")
                if pattern and pattern != ".":
                    patterns.append((_expression(pattern), keep))
        return cls(tuple(patterns))

    def leaves_out(self, path: str) -> bool:
        """Whether a file of the build context is not sent."""
        parents = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 2)]
        left_out = False
        for expression, keep in self.patterns:
            if any(re.fullmatch(expression, parent) for parent in parents):
                left_out = not keep
        return left_out


def _expression(pattern: str) -> str:
    out, index = "", 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:.*/)?", index + 3
        elif pattern.startswith("**", index):
            out, index = out + ".*", index + 2
        elif pattern[index] == "*":
            out, index = out + "[^/]*", index + 1
        elif pattern[index] == "?":
            out, index = out + "[^/]", index + 1
        elif pattern[index] == "[" and "]" in pattern[index + 1 :]:
            end = pattern.index("]", index + 1)
            out, index = out + pattern[index : end + 1], end + 1
        else:
            out, index = out + re.escape(pattern[index]), index + 1
    return out
