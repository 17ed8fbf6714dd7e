"""Leg 5, MEND: edits become new file contents and unified diffs.

Pure: contents in, contents or text out. Everything that an edit does not name stays as it is, byte for byte:
encoding, byte order mark, line endings, a missing final newline.
"""

from __future__ import annotations

import codecs
import difflib
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seatrial.issue import Edit, Fix, Move, Position

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COMMENT = re.compile(rb"^[ \t\f]*(?:#|\r?$)")
_LINE_END = re.compile(r"\r\n|\r|\n")
# A PowerShell that redirects `pip freeze` writes UTF-16, and pip reads it.
_MARKED = (
    (codecs.BOM_UTF8, "utf-8", "surrogateescape"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "surrogatepass"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "surrogatepass"),
)
_CONTEXT = 3
_RENAME_LIKENESS = 0.5
_LONG_FILE = 5_000  # lines; past it, lines that recur often are not matched one by one

_Change = tuple[int, int, int, int]  # start and end of the lines that go, start and end of those that come


class FixConflict(Exception):
    """These fixes cannot be applied together, or not to these contents. The message names the file and the place."""


def apply(contents: Mapping[str, bytes], fixes: Sequence[Fix]) -> dict[str, bytes | None]:
    """Apply fixes to file contents and return the files that change.

    `contents` must hold every existing file that an edit or move names, as bytes keyed by path. Edits name the
    paths before any move. Identical edits of several fixes count once; different insertions at one place follow
    one another in the order of the fixes. The result maps a path to its new bytes, or to None where it goes away.
    Raises FixConflict where edits overlap, lie outside the file, or moves collide.
    """
    edits = _edits_by_path(fixes)
    moves = _moves(fixes, contents)
    after: dict[str, bytes | None] = {}
    for path, wanted in edits.items():
        after[path] = edit_bytes(contents[path], wanted) if path in contents else _created(path, wanted)
    for source, destination in moves.items():
        if destination in after:
            raise FixConflict(f"{destination}: two files would have this path")
        changed = after.get(source)
        after[destination] = contents[source] if changed is None else changed
        after[source] = None
    return {path: data for path, data in after.items() if data is None or data != contents.get(path)}


def compatible(contents: Mapping[str, bytes], fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Those of the fixes, the earlier ones first, that can all be applied together."""
    kept: list[Fix] = []
    for fix in fixes:
        try:
            apply(contents, [*kept, fix])
        except FixConflict:
            continue
        kept.append(fix)
    return tuple(kept)


def touched(fixes: Iterable[Fix]) -> tuple[str, ...]:
    """The paths that the fixes edit, move or create: what `apply` has to be given, where they exist."""
    paths = {edit.path for fix in fixes for edit in fix.edits}
    paths.update(path for fix in fixes for move in fix.moves for path in (move.source, move.destination))
    return tuple(sorted(paths))


def edit_bytes(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The contents of one file after edits of it; raises FixConflict as `apply` does."""
    bom, encoding, text = _decode(data)
    lines = _Lines.of(text)
    spans = sorted(((lines.offset(e.path, e.start), lines.offset(e.path, e.end), e) for e in edits), key=_by_place)
    pieces: list[str] = []
    done = 0
    for start, end, edit in spans:
        if start < done or end < start:
            raise FixConflict(f"{edit.path}:{edit.start.line}: two fixes change the same text")
        pieces += (text[done:start], edit.text.replace("\n", lines.ending(edit.start.line)))
        done = end
    return bom + _encode("".join((*pieces, text[done:])), encoding, edits[0].path if edits else "")


def _by_place(span: tuple[int, int, Edit]) -> tuple[int, int]:
    """Sort key: insertions at a place come before what replaces the text behind it; else as given."""
    return span[0], span[1]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where each line of a text begins, where its content stops, and how it ends."""

    starts: tuple[int, ...]
    stops: tuple[int, ...]
    endings: tuple[str, ...]

    @staticmethod
    def of(text: str) -> _Lines:
        found = list(_LINE_END.finditer(text))
        starts = (0, *(match.end() for match in found))
        stops = (*(match.start() for match in found), len(text))
        return _Lines(starts, stops, tuple(match.group() for match in found))

    def offset(self, path: str, position: Position) -> int:
        line, column = position.line, position.column
        if not 1 <= line <= len(self.starts):
            raise FixConflict(f"{path}:{line}: the file has no such line")
        offset = self.starts[line - 1] + column - 1
        if column < 1 or offset > self.stops[line - 1]:
            raise FixConflict(f"{path}:{line}:{column}: the line has no such column")
        return offset

    def ending(self, line: int) -> str:
        """The line ending at this line, or else the one above it, or else a plain newline."""
        if not self.endings:
            return "\n"
        return self.endings[min(line, len(self.endings)) - 1]


def _decode(data: bytes) -> tuple[bytes, str, str]:
    """Byte order mark, encoding and text; bytes that do not decode survive as lone surrogates."""
    for bom, encoding, errors in _MARKED:
        if data.startswith(bom):
            try:
                return bom, encoding, data[len(bom) :].decode(encoding, errors)
            except UnicodeDecodeError:
                raise FixConflict(f"this is no {encoding}, which it begins as") from None
    encoding = _declared_encoding(data)
    return b"", encoding, data.decode(encoding, "surrogateescape")


def _declared_encoding(data: bytes) -> str:
    """The encoding that PEP 263's comment on the first two lines names, UTF-8 where there is none."""
    for line in data.split(b"\n", 2)[:2]:
        if match := _COOKIE.match(line):
            try:
                return codecs.lookup(match.group(1).decode("ascii")).name
            except (LookupError, UnicodeDecodeError):
                return "utf-8"
        if not _COMMENT.match(line):
            break
    return "utf-8"


def _encode(text: str, encoding: str, path: str) -> bytes:
    try:
        return text.encode(encoding, "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape")
    except UnicodeEncodeError as error:
        raise FixConflict(f"{path}: {encoding} has no {error.object[error.start]!r}, which the fix writes") from None


def _edits_by_path(fixes: Sequence[Fix]) -> dict[str, list[Edit]]:
    edits: dict[str, list[Edit]] = {}
    for edit in dict.fromkeys(edit for fix in fixes for edit in fix.edits):
        edits.setdefault(edit.path, []).append(edit)
    return edits


def _created(path: str, edits: Sequence[Edit]) -> bytes:
    if len(edits) > 1:
        raise FixConflict(f"{path}: two fixes create this file differently")
    return edit_bytes(b"", edits)


def _moves(fixes: Sequence[Fix], contents: Mapping[str, bytes]) -> dict[str, str]:
    moves: dict[str, str] = {}
    taken: dict[str, Move] = {}
    for move in dict.fromkeys(move for fix in fixes for move in fix.moves):
        if move.source not in contents:
            raise FixConflict(f"{move.source}: there is no such file to move")
        if move.source in moves or move.destination in taken or move.destination in contents:
            raise FixConflict(f"{move.destination}: two files would have this path")
        moves[move.source] = move.destination
        taken[move.destination] = move
    return moves


def unified_diff(
    before: Mapping[str, bytes], after: Mapping[str, bytes | None], executable: Collection[str] = ()
) -> str:
    """A patch in git's format that turns `before` into `after`; `git apply` and `patch -p1` take it.

    `after` holds the changed files, None for those that go away; what it does not name stays. New files whose path is
    in `executable` are made so. Bytes that are not UTF-8 survive as lone surrogates: write the patch with
    `encode("utf-8", "surrogateescape")`, newlines as they are.
    """
    renames = _renames(before, after)
    paths = sorted(after.keys() - set(renames.values()))
    parts = [_file_diff(renames.get(path, path), path, before, after, path in executable) for path in paths]
    return b"".join(parts).decode("utf-8", "surrogateescape")


def _renames(before: Mapping[str, bytes], after: Mapping[str, bytes | None]) -> dict[str, str]:
    """New path -> the path that goes away and whose contents it carries on."""
    new = {path: data for path, data in after.items() if data is not None and path not in before}
    renames: dict[str, str] = {}
    for path in sorted(path for path, data in after.items() if data is None and path in before):
        candidates = {other: _likeness(before[path], data) for other, data in new.items() if other not in renames}
        best = max(sorted(candidates), key=lambda other: candidates[other], default=None)
        if best is not None and candidates[best] >= _RENAME_LIKENESS:
            renames[best] = path
    return renames


def _likeness(old: bytes, new: bytes) -> float:
    """Share of lines that both have: 1.0 for equal contents."""
    if old == new:
        return 1.0
    return difflib.SequenceMatcher(None, _split(old), _split(new), autojunk=False).ratio()


def _file_diff(
    source: str, path: str, before: Mapping[str, bytes], after: Mapping[str, bytes | None], executable: bool
) -> bytes:
    old, new = before.get(source), after[path]
    if old == new and source == path:
        return b""
    head = [b"diff --git " + _quoted("a/" + source) + b" " + _quoted("b/" + path)]
    if old is None:
        head.append(b"new file mode 100755" if executable else b"new file mode 100644")
    elif new is None:
        head.append(b"deleted file mode 100644")
    elif source != path:
        percent = int(_likeness(old, new) * 100)
        head += [b"similarity index %d%%" % percent, b"rename from " + _quoted(source), b"rename to " + _quoted(path)]
    hunks = list(_hunks(_split(old or b""), _split(new or b"")))
    if old is None or new is None:
        head.append(b"index " + _blob(old) + b".." + _blob(new))
    if hunks:
        head.append(b"--- " + (b"/dev/null" if old is None else _marked("a/" + source)))
        head.append(b"+++ " + (b"/dev/null" if new is None else _marked("b/" + path)))
    return b"\n".join(head) + b"\n" + b"".join(hunks)


def _quoted(path: str) -> bytes:
    """A path as git writes it in a patch: in C's quotes where it holds something that a line cannot carry."""
    raw = path.encode("utf-8", "surrogateescape")
    if not re.search(rb'[\x00-\x1f"\\\x7f]', raw):
        return raw
    return b'"' + re.sub(rb'[\x00-\x1f"\\\x7f]', lambda match: b"\\%03o" % match.group()[0], raw) + b'"'


def _marked(path: str) -> bytes:
    """A path of a `---` or `+++` line; a tab shows where one with spaces ends."""
    quoted = _quoted(path)
    return quoted + b"\t" if b" " in quoted and not quoted.startswith(b'"') else quoted


def _blob(data: bytes | None) -> bytes:
    """Git's name of these contents, shortened; zeros where there is no file."""
    if data is None:
        return b"0000000"
    # SHA-1 is how git names blobs; nothing is secured by it.
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()[:7].encode()


def _split(data: bytes) -> list[bytes]:
    """Lines as git sees them: ended by `\\n` alone, which they keep."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _hunks(old: list[bytes], new: list[bytes]) -> Iterator[bytes]:
    for group in _grouped(_changes(old, new)):
        (first, _, new_first, _), (_, last, _, new_last) = group[0], group[-1]
        before = min(_CONTEXT, first)
        behind = min(_CONTEXT, len(old) - last)
        yield b"@@ -%s +%s @@\n" % (
            _range(first - before, last + behind),
            _range(new_first - before, new_last + behind),
        )
        done = first - before
        for start, end, new_start, new_end in group:
            yield from (_line(b" ", line) for line in old[done:start])
            yield from (_line(b"-", line) for line in old[start:end])
            yield from (_line(b"+", line) for line in new[new_start:new_end])
            done = end
        yield from (_line(b" ", line) for line in old[done : last + behind])


def _changes(old: list[bytes], new: list[bytes]) -> list[_Change]:
    """What differs, looked for only between the first and the last line that do."""
    head = _common(old, new)
    tail = min(_common(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    between = old[head : len(old) - tail], new[head : len(new) - tail]
    opcodes = difflib.SequenceMatcher(None, *between, autojunk=len(old) > _LONG_FILE).get_opcodes()
    return [(a + head, b + head, c + head, d + head) for tag, a, b, c, d in opcodes if tag != "equal"]


def _grouped(changes: list[_Change]) -> list[list[_Change]]:
    """Changes so near one another that their context touches belong to one hunk."""
    groups: list[list[_Change]] = []
    for change in changes:
        if groups and change[0] - groups[-1][-1][1] <= 2 * _CONTEXT:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _common(old: list[bytes], new: list[bytes]) -> int:
    """How many lines both begin with."""
    length = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        length += 1
    return length


def _range(start: int, end: int) -> bytes:
    """`start,length` of a hunk; an empty range names the line before it."""
    length = end - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + b"\n\\ No newline at end of file\n"
