"""Fixes held against the tools that will apply them: git and patch."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.fixes import FixConflict, apply, compatible, touched, unified_diff
from seatrial.issue import Applicability, Edit, Fix, Move, Position


def fix(*edits: Edit, moves: tuple[Move, ...] = ()) -> Fix:
    return Fix(Applicability.SAFE, "because", edits, moves)


def edit(path: str, start: tuple[int, int], end: tuple[int, int], text: str) -> Edit:
    return Edit(path, Position(*start), Position(*end), text)


def lay(folder: Path, contents: Mapping[str, bytes]) -> None:
    for path, data in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def found(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


TOOLS = {
    "git": ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "../fix.patch"],
    "patch": ["patch", "-s", "-p1", "--no-backup-if-mismatch", "-i", "../fix.patch"],
}


def holds(folder: Path, tool: str, before: Mapping[str, bytes], after: Mapping[str, bytes | None]) -> None:
    """The tool turns `before` into `after` by our diff, byte for byte."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    lay(work, before)
    patch = unified_diff(before, after)
    (folder / "fix.patch").write_bytes(patch.encode("utf-8", "surrogateescape"))
    if patch:
        done = subprocess.run(TOOLS[tool], cwd=work, capture_output=True, check=False)
        assert done.returncode == 0, (done.stderr + done.stdout).decode() + patch
    expected = {path: data for path, data in {**before, **after}.items() if data is not None}
    assert found(work) == expected


def test_an_edit_touches_only_what_it_names() -> None:
    before = {"a.py": b"import os\r\nfrom x import y\r\nlast"}
    after = apply(before, [fix(edit("a.py", (2, 6), (2, 7), "z"), edit("a.py", (3, 5), (3, 5), "\nmore"))])
    assert after == {"a.py": b"import os\r\nfrom z import y\r\nlast\r\nmore"}


def test_byte_order_mark_and_declared_encoding_stay() -> None:
    before = {
        "bom.py": b"\xef\xbb\xbfx = '\xc3\xa4'  # a\n",
        "latin.py": b"# -*- coding: latin-1 -*-\nx = '\xe4'  # a\n",
        "odd.txt": b"\xe4\xfe a\n",
    }
    edits = [edit("bom.py", (1, 12), (1, 13), "ö"), edit("latin.py", (2, 12), (2, 13), "ö")]
    after = apply(before, [fix(*edits, edit("odd.txt", (1, 4), (1, 5), "b"))])
    assert after == {
        "bom.py": b"\xef\xbb\xbfx = '\xc3\xa4'  # \xc3\xb6\n",
        "latin.py": b"# -*- coding: latin-1 -*-\nx = '\xe4'  # \xf6\n",
        "odd.txt": b"\xe4\xfe b\n",
    }


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("tool", TOOLS)
def test_the_output_of_a_powershell_stays_as_it_is(tmp_path: Path, encoding: str, tool: str) -> None:
    mark = "\ufeff"
    before = {"requirements.txt": f"{mark}fastapi\r\nuvicorn\r\n".encode(encoding)}
    after = apply(before, [fix(edit("requirements.txt", (1, 8), (1, 8), "\npyjwt"))])
    assert after == {"requirements.txt": f"{mark}fastapi\r\npyjwt\r\nuvicorn\r\n".encode(encoding)}
    holds(tmp_path, tool, before, after)


def test_a_character_that_the_encoding_lacks_is_a_conflict() -> None:
    with pytest.raises(FixConflict, match="has no"):
        apply({"a.py": b"# coding: latin-1\n"}, [fix(edit("a.py", (1, 1), (1, 1), "→"))])


def test_identical_edits_count_once_and_insertions_follow_one_another() -> None:
    one, two = edit("r.txt", (1, 2), (1, 2), "\nb"), edit("r.txt", (1, 2), (1, 2), "\nc")
    assert apply({"r.txt": b"a"}, [fix(one), fix(one), fix(two)]) == {"r.txt": b"a\nb\nc"}


def test_overlapping_edits_are_refused() -> None:
    one, two = fix(edit("a", (1, 1), (1, 3), "x")), fix(edit("a", (1, 2), (1, 4), "y"))
    with pytest.raises(FixConflict, match="a:1: two fixes change the same text"):
        apply({"a": b"abcd\n"}, [one, two])
    assert compatible({"a": b"abcd\n"}, [one, two]) == (one,)


@pytest.mark.parametrize("place", [(5, 1), (1, 9), (0, 1), (1, 0)])
def test_a_place_outside_the_file_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(FixConflict):
        apply({"a": b"abcd\n"}, [fix(edit("a", place, place, "x"))])


def test_files_are_created_moved_and_named() -> None:
    create = edit("pkg/__init__.py", (1, 1), (1, 1), "")
    moved = fix(create, edit("email.py", (1, 1), (1, 2), "y"), moves=(Move("email.py", "mail.py"),))
    before = {"email.py": b"x = 1\n"}
    assert apply(before, [moved]) == {"pkg/__init__.py": b"", "email.py": None, "mail.py": b"y = 1\n"}
    assert touched([moved]) == ("email.py", "mail.py", "pkg/__init__.py")


def test_moves_that_collide_are_refused() -> None:
    with pytest.raises(FixConflict):
        apply({"a": b"", "b": b""}, [fix(moves=(Move("a", "b"),))])
    with pytest.raises(FixConflict):
        apply({}, [fix(moves=(Move("a", "b"),))])


def test_nothing_changed_is_an_empty_diff() -> None:
    assert unified_diff({"a": b"x"}, {"a": b"x"}) == ""


@pytest.mark.parametrize("tool", TOOLS)
def test_creation_rename_and_deletion_apply(tmp_path: Path, tool: str) -> None:
    before = {"email.py": b"a = 1\nb = 2\nc = 3\n", "same.py": b"x\r\n", "old.txt": b"gone"}
    after = {
        "email.py": None,
        "mail.py": b"a = 1\nb = 2\nc = 4",
        "same.py": None,
        "deep/er/name.py": b"x\r\n",
        "old.txt": None,
        "pkg/__init__.py": b"",
        "with space.txt": b"hello",
    }
    holds(tmp_path, tool, before, after)


def test_paths_that_need_quotes_apply(tmp_path: Path) -> None:
    before = {'we"ird.txt': b"a\n", "tab\there": b"a\n", "ümlaut é.txt": b"a\n", "back\\slash": b"a\n"}
    holds(tmp_path, "git", before, dict.fromkeys(before, b"b\n") | {'new "x.txt': b"n\n"})


LINE = st.sampled_from(
    [b"", b"x = 1", b"    y", b"\xe4\xff", b"-- a", b"++ b", b"\xef\xbb\xbf", b"\tz \r", b"@@", b"\x0c"]
)
CONTENT = st.builds(
    lambda bom, lines, newline, last: bom + newline.join(lines) + last,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(LINE, max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n", b"\r\n"]),
)


@pytest.mark.parametrize("tool", TOOLS)
@given(old=CONTENT, new=CONTENT, other=CONTENT)
@settings(max_examples=60, deadline=None)
def test_any_change_applies(
    tmp_path_factory: pytest.TempPathFactory, tool: str, old: bytes, new: bytes, other: bytes
) -> None:
    # patch removes a file that becomes empty, and takes an empty one for one to be created.
    if tool == "patch" and not (old and new):
        return
    holds(tmp_path_factory.mktemp("diff"), tool, {"a/b.py": old, "c": other}, {"a/b.py": new, "d": other + b"!"})


@given(data=st.data(), lines=st.lists(st.text("ab ä\x0c\u2028", max_size=5), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_edits_by_position_agree_with_slicing(data: st.DataObject, lines: list[str]) -> None:
    newline = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines)
    first = data.draw(st.integers(0, len(lines) - 1))
    second = data.draw(st.integers(first, len(lines) - 1))
    left = data.draw(st.integers(0, len(lines[first])))
    right = data.draw(st.integers(left if first == second else 0, len(lines[second])))
    start = sum(len(line) + len(newline) for line in lines[:first]) + left
    end = sum(len(line) + len(newline) for line in lines[:second]) + right
    change = edit("a", (first + 1, left + 1), (second + 1, right + 1), "NEW")
    expected = (text[:start] + "NEW" + text[end:]).encode()
    assert apply({"a": text.encode()}, [fix(change)]) == {"a": expected}
