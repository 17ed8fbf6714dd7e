"""Shell text -> the simple commands that it would run, with the folder and the variables each of them sees.

A small, forgiving reading of POSIX shell: enough for start commands, start scripts, recipes and README blocks.
Conditions are not decided; every branch is read. What cannot be read yields nothing.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

OPERATORS = frozenset({"&&", "||", ";", "|", "&", ";;", "|&"})
KEYWORDS = frozenset(
    {"then", "else", "elif", "do", "if", "while", "until", "{", "(", "!", "time", "fi", "done", "}", ")"}
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.S)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?:(:?[-=+?])([^{}]*))?\}|([A-Za-z_]\w*))")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_WORTH = re.compile(
    r"=|\b(?:cd|pushd|set-location|export|sh|bash|source|exec|\w*(?:uvicorn|corn|granian|fastapi|daphne|python|py)|\w+:\w+)\b|\.sh|\$@",
    re.I,
)
_OWN_FOLDER = re.compile(r"^.*(?:dirname|BASH_SOURCE|%~dp0|\$0|SCRIPT_DIR|PSScriptRoot)[^/]*")


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command. `cwd` is the folder it runs in, `env` what was exported or set for it, `line` from 1."""

    argv: tuple[str, ...]
    cwd: str
    env: tuple[tuple[str, str], ...]
    line: int
    text: str


@dataclass(slots=True)
class Shell:
    """The state that a script carries from line to line.

    `enter` answers where `cd FOLDER` leads from a folder; None means that there is no such folder, and `cd` is ignored.
    """

    cwd: str
    variables: dict[str, str] = field(default_factory=dict)
    exported: dict[str, str] = field(default_factory=dict)
    home: str = "."
    enter: Callable[[str, str], str | None] = lambda cwd, folder: posixpath.normpath(posixpath.join(cwd, folder))

    def run(self, text: str, line: int = 1) -> Iterator[Command]:
        """The commands of a script, in order. `line` is the number of its first line."""
        for number, logical in logical_lines(text, line):
            if not _WORTH.search(logical):
                continue
            for words in split_commands(logical):
                command = self._step(words, number, logical)
                if command is not None:
                    yield command

    def _step(self, words: list[str], line: int, text: str) -> Command | None:
        env = dict(self.exported)
        words = _without_keywords(words)
        while words and (match := _ASSIGNMENT.fullmatch(words[0])):
            env[match[1]] = self.expand(match[2])
            words = _without_keywords(words[1:])
            if not words:
                self._assign(match[1], env[match[1]])
        if not words:
            return None
        argv = [self.expand(word) for word in words]
        self._builtin(argv)
        return Command(tuple(argv), self.cwd, tuple(env.items()), line, text.strip())

    def _assign(self, name: str, value: str) -> None:
        self.variables[name] = value
        if name in self.exported:
            self.exported[name] = value

    def _builtin(self, argv: list[str]) -> None:
        """Take `cd` and `export` into account; they are harmless as commands afterwards."""
        if argv[0] in ("cd", "pushd", "Set-Location") and len(argv) > 1:
            self._change_folder([word for word in argv[1:] if word not in ("-P", "-L", "--", "/d")][:1])
        elif argv[0] in ("export", "set", "declare", "$env"):
            for word in argv[1:]:
                if match := _ASSIGNMENT.fullmatch(word):
                    self.variables[match[1]] = self.exported[match[1]] = match[2]

    def _change_folder(self, folders: list[str]) -> None:
        if not folders or folders[0] in ("-", "~"):
            return
        folder = folders[0].replace("\\", "/")
        start = self.cwd
        if own := _OWN_FOLDER.match(folder):
            start, folder = self.home, folder[own.end() :].lstrip('/)"') or "."
        entered = self.enter(start, folder)
        if entered is not None:
            self.cwd = entered

    def expand(self, word: str) -> str:
        """`$NAME` and `${NAME:-default}` replaced where the value is known."""
        if "$" not in word:
            return word
        known = {**self.exported, **self.variables}
        known.pop("PORT", None)  # whether a command listens on the platform's port is a fact to keep
        return expand(word, known) if "{PORT" not in word else word


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Shell parameters replaced by their values or defaults; an unknown one without default stays as it is."""

    def value(match: re.Match[str]) -> str:
        name, operator, word = match[1] or match[4], match[2] or "", match[3] or ""
        known = variables.get(name)
        if operator.endswith("+"):
            return word if known else ""
        if known or (known is not None and ":" not in operator):
            return known
        return word if operator in ("-", ":-", "=", ":=") else match[0]

    return _VARIABLE.sub(value, text)


def logical_lines(text: str, first: int = 1) -> Iterator[tuple[int, str]]:
    """Lines with continuations joined, comments, blanks and the bodies of here-documents left out."""
    pending, start, ends_at = "", 0, ""
    for number, line in enumerate(text.split("\n"), first):
        if ends_at:
            ends_at = "" if line.strip() == ends_at else ends_at
            continue
        start = start if pending else number
        stripped = line.strip()
        if stripped.endswith(("\\", "`")) and len(stripped) > 1 and stripped[-2] in " \t":
            pending += stripped[:-1] + " "
            continue
        whole = pending + stripped
        pending = ""
        if heredoc := _HEREDOC.search(whole):
            ends_at = heredoc[2]
        if whole and not whole.startswith("#"):
            yield start, whole
    if pending.strip():
        yield start, pending


def split_commands(line: str) -> list[list[str]]:
    """The words of each simple command of one logical line."""
    commands: list[list[str]] = [[]]
    for word in _words(line):
        if word in OPERATORS or (word and set(word) <= set("&|;")):
            commands.append([])
        elif set(word) <= set("()") and word:
            continue
        else:
            commands[-1].append(word)
    return [command for command in commands if command]


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        words = line.split()
    comment = next((index for index, word in enumerate(words) if word.startswith("#") and index), len(words))
    return words[:comment]


def _without_keywords(words: list[str]) -> list[str]:
    start = 0
    while start < len(words) and words[start] in KEYWORDS:
        start += 1
    return words[start:]
