"""Walking folders and decoding files, held against the file system and CPython's own decoder."""

from __future__ import annotations

import io
import os
import tokenize
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.errors import UsageError
from seatrial.issue import NotAnalysed
from seatrial.project.files import MAX_BYTES, Source, Undecodable, decode, read, scan
from tests.project.trees import make


def test_lists_what_people_write_and_leaves_out_what_tools_make(tmp_path: Path) -> None:
    kept = ["main.py", "app/x.py", ".env.example", ".github/workflows/ci.yml", "lib/python.py", "env/settings.py"]
    kept += ["build/__init__.py", "dist.py", "build2/y.py", "src/env/__init__.py", "out/Dockerfile"]
    left = [
        ".git/config",
        "node_modules/a/x.py",
        "a/__pycache__/x.pyc",
        ".next/x.js",
        "dist/x.py",
        "build/../out2/build/z",
    ]
    left += ["app.egg-info/PKG-INFO", ".tox/py/x.py", "web/node_modules/y.js", "x/site-packages/y.py", ".mypy_cache/z"]
    make(tmp_path, dict.fromkeys([*kept, *left], ""))
    assert scan(tmp_path).files == tuple(sorted(kept))


def test_leaves_out_environments_under_any_name(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "main.py": "",
            ".venv/pyvenv.cfg": "",
            ".venv/lib/python3.12/site-packages/x.py": "",
            "my env/pyvenv.cfg": "",
            "my env/x.py": "",
            "venv/Lib/site-packages/y.py": "",
            "sub/ENV/lib64/python3.9/z.py": "",
        },
    )
    tree = scan(tmp_path)
    assert tree.files == ("main.py",)
    assert tree.environments == (".venv", "my env", "sub/ENV", "venv")


def test_follows_links_inside_the_project_once_and_no_others(tmp_path: Path) -> None:
    root = make(tmp_path / "project", {"app/main.py": "", "shared/db.py": ""})
    make(tmp_path / "elsewhere", {"secret.py": ""})
    (root / "app" / "shared").symlink_to("../shared")
    (root / "app" / "loop").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "outside").symlink_to(tmp_path / "elsewhere")
    (root / "app" / "link.py").symlink_to("main.py")
    (root / "dangling.py").symlink_to("nowhere.py")
    tree = scan(root)
    assert tree.files == ("app/link.py", "app/main.py", "shared/db.py")
    assert tree.not_analysed == (NotAnalysed("outside", "a link to a folder outside the project"),)


def test_a_folder_reached_only_by_a_link_is_listed_there(tmp_path: Path) -> None:
    root = make(tmp_path, {".git/HEAD": "", "backend/main.py": "", "shared/db.py": ""})
    (root / "backend" / "shared").symlink_to("../shared")
    assert scan(root / "backend").files == ("main.py", "shared/db.py")


def test_lists_thousands_of_files_and_deep_folders(tmp_path: Path) -> None:
    make(tmp_path, {f"p{index % 50}/m{index}.py": "" for index in range(5000)})
    deep = "/".join(["d"] * 200)
    make(tmp_path, {f"{deep}/x.py": ""})
    assert len(scan(tmp_path).files) == 5001


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are text")
def test_a_name_that_is_not_text_is_noted(tmp_path: Path) -> None:
    make(tmp_path, {"main.py": ""})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py")).touch()
    tree = scan(tmp_path)
    assert tree.files == ("main.py",)
    assert [found.reason for found in tree.not_analysed] == ["its name is not text"]


@pytest.mark.parametrize(
    ("files", "path", "said"),
    [
        ({}, ".", "is empty: give the folder"),
        ({"readme.md": ""}, ".", "holds no Python file: give the folder"),
        ({"venv/pyvenv.cfg": "", "venv/x.py": "", "a": ""}, ".", "no Python file outside its virtual environment"),
        ({"main.py": ""}, "main.py", "is not a folder: give the folder"),
        ({}, "nowhere", "does not exist: give the folder"),
        ({}, "a\0b", "cannot be opened"),
        ({}, "x" * 300, "cannot be opened"),
    ],
)
def test_says_in_one_sentence_what_is_wrong_with_a_path(
    tmp_path: Path, files: dict[str, str], path: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        scan(make(tmp_path, files) / path)


def test_tree_answers_what_lies_where(tmp_path: Path) -> None:
    tree = scan(make(tmp_path, {"a.py": "", "app/b.py": "", "app/c/d.txt": "", "application/e.py": ""}))
    assert tree.below("app") == ("app/b.py", "app/c/d.txt")
    assert tree.within(".") == ("a.py",)
    assert tree.within("app") == ("app/b.py",)
    assert tree.python == ("a.py", "app/b.py", "application/e.py")
    assert "app/b.py" in tree and "app/c" not in tree


cookies = st.sampled_from(
    ["", "# -*- coding: utf-8 -*-", "# coding: latin-1", "#!x\n# vim: set fileencoding=cp1252 :", "# coding=nonsense"]
    + ["x = 1 # coding: latin-1", "\n\n# coding: latin-1", "# coding: ascii", "# coding: utf-8-sig", "# coding:rot13"]
)
bodies = st.text("ab é\u20ac\r\n\f\x00\u2028", max_size=12).map(lambda text: text.encode())
contents = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe"]),
    cookies.map(str.encode),
    st.sampled_from([b"\n", b"\r\n", b"\r", b""]),
    bodies | st.binary(max_size=8) | bodies.map(lambda text: text.decode().encode("cp1252", "replace")),
).map(b"".join)


@settings(max_examples=3000, derandomize=True, deadline=None)
@given(contents)
@example(b"")
def test_decodes_what_cpython_decodes(raw: bytes) -> None:
    found = decode("x.py", raw)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = io.TextIOWrapper(io.BytesIO(raw), encoding).read()
    except (SyntaxError, UnicodeError, LookupError):
        assert isinstance(found, Undecodable)
        assert found.raw == raw
    else:
        assert isinstance(found, Source)
        assert found.text.replace("\r\n", "\n").replace("\r", "\n") == text
        assert found.bom == raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("raw", "newline"),
    [(b"a\nb\n", "\n"), (b"a\r\nb\r\nc\n", "\r\n"), (b"a\rb", "\r"), (b"", "\n"), (b"one line", "\n")],
)
def test_tells_the_usual_line_ending(raw: bytes, newline: str) -> None:
    found = decode("x.py", raw)
    assert isinstance(found, Source)
    assert (found.newline, found.text) == (newline, raw.decode())


def test_reads_no_file_that_is_gone_too_large_or_none(tmp_path: Path) -> None:
    make(tmp_path, {"folder/x.py": ""})
    with (tmp_path / "big.py").open("wb") as file:
        file.truncate(2 * MAX_BYTES)
    os.mkfifo(tmp_path / "pipe.py")
    reasons = {name: read(tmp_path, name) for name in ("gone.py", "big.py", "folder", "pipe.py", "a\0b")}
    assert all(isinstance(found, NotAnalysed) for found in reasons.values())
    assert reasons["big.py"] == NotAnalysed("big.py", "larger than the 10 MB looked at: 20 MB")
    assert reasons["gone.py"] == NotAnalysed("gone.py", "cannot be read: no such file or directory")
