"""What git leaves out, held to `git check-ignore`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.project.documents import Documents
from seatrial.project.gitignore import ignored_by

PATHS = [
    ".env",
    "app/.env",
    "uv.lock",
    "app/uv.lock",
    "build/a.py",
    "a/build/b.py",
    "docs/a.txt",
    ".env.example",
    "#a",
    "a b",
]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".env\n",
        "/.env\n",
        ".env*\n",
        ".env*\n!.env.example\n",
        "*.lock\n",
        "app/\n!app/.env\n",
        "app/*\n!app/.env\n",
        "**/build/\n",
        "build\n",
        "build/\n",
        "a/**\n",
        "/docs/*.txt\n",
        "[au]*\n",
        "[!a]*\n",
        "# .env\n\\#a\n",
        ".env \n",
        ".env\r\n*.txt\r\n",
        "a?b\n",
        "app/**/uv.lock\n",
    ],
)
def test_it_leaves_out_what_git_leaves_out(text: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_bytes(text.encode())
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", *PATHS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    by_git = [line.strip('"') for line in done.stdout.splitlines()]
    documents = Documents.of(tmp_path)
    assert [path for path in PATHS if ignored_by(documents, path)] == by_git


def test_a_file_in_a_folder_below_counts_there_only(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".gitignore").write_text(".env\n")
    documents = Documents.of(tmp_path)
    found = ignored_by(documents, "app/.env")
    assert found is not None
    assert (found.path, found.line) == ("app/.gitignore", 1)
    assert ignored_by(documents, ".env") is None
