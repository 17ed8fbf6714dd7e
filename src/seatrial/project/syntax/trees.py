"""The trees and facts of all files of a backend, made when asked for, and checked meanwhile by another process.

To see every fault that an import would, a file has to be compiled, which takes about as long as parsing it. `Trees` has
the backend's own Python do that in the background, while trees are used as if it found nothing; `settle`
waits for it, and names the files for which that was wrong.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Mapping

from seatrial.issue import NotAnalysed
from seatrial.project.files import Source, Undecodable
from seatrial.project.syntax.facts import FileFacts, Function
from seatrial.project.syntax.outline import is_cut, outline
from seatrial.project.syntax.parsing import (
    MAX_BYTES,
    Parsed,
    SyntaxFault,
    compiler_fault,
    raw_bytes,
    read_elsewhere,
    read_tree,
    settle,
    too_large,
)
from seatrial.project.syntax.scanner import scan_facts, worth_a_visit
from seatrial.provision.foreign import Foreign, ForeignReader

Facts = FileFacts | SyntaxFault | NotAnalysed

SMALL = 400_000
"""Bytes of source up to which a second process is not worth its start."""


class Trees:
    """The files of one backend under one Python; every answer is kept.

    Do not use it from several threads.
    """

    def __init__(
        self, sources: Mapping[str, Source | Undecodable], version: tuple[int, int], reader: ForeignReader | None = None
    ) -> None:
        """Take the files by path; with a `reader`, begin to have them checked by Python `version`.

        Without one they are checked here, each when it is asked for; for another version than the running
        one that means: what cannot be read here is NotAnalysed.
        """
        self.sources = sources
        self.version = version
        self._same = version == sys.version_info[:2]
        self._trees: dict[str, Parsed] = {}
        self._outlines: dict[str, Parsed] = {}
        self._facts: dict[str, Facts] = {}
        self._verdicts: dict[str, SyntaxFault | NotAnalysed | None] = {}
        self._check: _Check | None = None
        self._reader = reader
        if reader is not None and (not self._same or sum(map(_size, sources.values())) > SMALL):
            files = {path: self.raw(path) for path in sources}
            self._check = _Check(reader, {path: raw for path, raw in files.items() if len(raw) <= MAX_BYTES})

    def raw(self, path: str) -> bytes:
        """The bytes of a file."""
        return raw_bytes(self.sources[path])

    def tree(self, path: str) -> Parsed:
        """The whole tree of a file, or why it cannot be imported; provisional until `settle`."""
        if path not in self._trees:
            self._trees[path] = self._judged(path, whole=True)
        return self._trees[path]

    def outline(self, path: str) -> Parsed:
        """As `tree`, without function bodies save those with the words `import` or `global`; three times as fast.

        `body` has what was left out.
        """
        if path in self._trees:
            return self._trees[path]
        if path not in self._outlines:
            self._outlines[path] = self._judged(path, whole=False)
        return self._outlines[path]

    def body(self, path: str, function: Function) -> list[ast.stmt]:
        """The statements of a function of this file's tree or outline."""
        if not is_cut(function):
            return function.body
        whole = self.tree(path)
        if not isinstance(whole, ast.Module):
            return []
        found = _function_at(whole, function.lineno, function.col_offset)
        return found.body if found is not None else function.body

    def facts(self, path: str) -> Facts:
        """The facts of a file, or why it cannot be imported; provisional until `settle`."""
        if path not in self._facts:
            tree, source = self.outline(path), self.sources[path]
            if isinstance(tree, ast.Module) and isinstance(source, Source):
                self._facts[path] = scan_facts(tree, source)
            else:
                assert not isinstance(tree, ast.Module)
                self._facts[path] = tree
        return self._facts[path]

    def all_facts(self) -> dict[str, Facts]:
        """The facts of every file, in the order in which they were given; final."""
        for path in self.sources:
            self.facts(path)
        self.settle()
        return {path: self.facts(path) for path in self.sources}

    def settle(self) -> frozenset[str]:
        """Wait for the check. The files about which an answer given before was wrong; from now on all are final."""
        if self._check is None:
            return frozenset()
        answers, self._check = self._check.result(), None
        if all(answer.unread for answer in answers.values()):
            self._reader = None  # that Python cannot be asked at all
            return frozenset()
        wrong = {path for path, answer in answers.items() if self._correct(path, answer)}
        return frozenset(wrong)

    def _correct(self, path: str, answer: Foreign) -> bool:
        """Take in the answer for one file; true when something else was said of it before."""
        if answer.rejection is None and not answer.unread:
            self._verdicts[path] = None
            return False
        found = settle(path, self.raw(path), NotAnalysed(path, answer.unread), answer)
        assert not isinstance(found, ast.Module)
        self._verdicts[path] = found
        given = [kept.pop(path) for kept in (self._trees, self._outlines) if path in kept]
        self._facts.pop(path, None)
        return any(one != found for one in given)

    def _judged(self, path: str, *, whole: bool) -> Parsed:
        raw = self.raw(path)
        if len(raw) > MAX_BYTES:
            return too_large(path, len(raw))
        if self._verdicts.get(path) is not None:
            verdict = self._verdicts[path]
            assert verdict is not None
            return verdict
        tree = self._read(path, raw, whole=whole)
        if self._check is not None or path in self._verdicts:
            return tree if isinstance(tree, ast.Module) or self._same else self._theirs(path, raw, tree)
        if not self._same and self._reader is None:
            return tree if isinstance(tree, ast.Module) else read_elsewhere(path, raw, self.version, None)
        if isinstance(tree, ast.Module):
            self._verdicts[path] = compiler_fault(path, raw, tree if whole else None)
        return self._verdicts.get(path) or tree

    def _read(self, path: str, raw: bytes, *, whole: bool) -> Parsed:
        source = self.sources[path]
        if whole or isinstance(source, Undecodable):
            return read_tree(path, raw)
        return outline(path, raw, source.text, _keep)

    def _theirs(self, path: str, raw: bytes, ours: Parsed) -> Parsed:
        """A file that only the backend's own Python can read: its tree, or its fault."""
        self.settle()
        if self._verdicts.get(path) is not None:
            return self._verdicts[path] or ours
        assert self._reader is not None
        answer = self._reader({path: raw}, frozenset({path})).get(path)
        return settle(path, raw, ours, answer)


def gather(
    sources: Mapping[str, Source | Undecodable], version: tuple[int, int], reader: ForeignReader | None = None
) -> dict[str, Facts]:
    """The facts of every file, or why it cannot be imported."""
    return Trees(sources, version, reader).all_facts()


class _Check:
    """A reader at work in a thread of its own; it waits for a process, and so costs this one next to nothing."""

    def __init__(self, reader: ForeignReader, files: Mapping[str, bytes]) -> None:
        self._reader = reader
        self._files = files
        self._answers: Mapping[str, Foreign] = {}
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        self._answers = self._reader(self._files, frozenset())

    def result(self) -> Mapping[str, Foreign]:
        self._thread.join()
        missing = Foreign(unread="its Python gave no answer")
        return {path: self._answers.get(path, missing) for path in self._files}


def _size(source: Source | Undecodable) -> int:
    return len(source.raw) if isinstance(source, Undecodable) else len(source.text)


def _keep(_indent: str, _name: str, body: str) -> bool:
    return worth_a_visit(body)


def _function_at(tree: ast.Module, line: int, column: int) -> Function | None:
    """The function that begins at a place; only what reaches over that line is entered."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (node.lineno, node.col_offset) == (
            line,
            column,
        ):
            return node
        if getattr(node, "lineno", line) <= line <= (getattr(node, "end_lineno", None) or line):
            waiting.extend(ast.iter_child_nodes(node))
    return None
