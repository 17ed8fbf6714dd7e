"""Reading what earlier commits held, from repositories made by the real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from seatrial.provision.history import Added, History
from seatrial.provision.history import added_lines as read_history


def added_lines(folder: Path, pattern: str) -> History:
    return read_history(folder, pattern, patience_s=60)


def git(folder: Path, *arguments: str) -> str:
    who = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "x")
    mail = dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "x@example.com")
    environment = {**os.environ, **who, **mail, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, **files: str | None) -> str:
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", "x")
    return git(folder, "rev-parse", "--short", "HEAD")


def test_a_line_that_is_gone_again_is_found_with_its_commit_and_place(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    first = commit(tmp_path, settings_txt="a = 1\nkey = wanted-1\n")
    commit(tmp_path, settings_txt="a = 1\n")
    found = added_lines(tmp_path, "wanted-[0-9]")
    assert found.lines == (Added(first, "settings.txt", 2, "key = wanted-1"),)
    assert not found.problem


def test_only_the_folder_that_is_asked_about_counts(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "a.txt").write_text("wanted-1\n")
    (tmp_path / "b.txt").write_text("wanted-2\n")
    commit(tmp_path)
    assert [line.path for line in added_lines(tmp_path / "inside", "wanted").lines] == ["a.txt"]


def test_a_branch_that_is_not_checked_out_counts(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path, a_txt="1\n")
    git(tmp_path, "switch", "--quiet", "--create", "other")
    commit(tmp_path, a_txt="wanted\n")
    git(tmp_path, "switch", "--quiet", "main")
    assert [line.text for line in added_lines(tmp_path, "wanted").lines] == ["wanted"]


def test_programs_that_the_repository_names_are_not_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, a_txt="wanted\n", _gitattributes="* diff=evil\n")
    for name in (
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "core.pager",
        "core.fsmonitor",
        "gpg.program",
    ):
        git(tmp_path, "config", name, f"touch {tmp_path}/ran; true")
    git(tmp_path, "config", "log.showSignature", "true")
    assert added_lines(tmp_path, "wanted").lines
    assert not (tmp_path / "ran").exists()


def test_outside_git_there_is_no_history(tmp_path: Path) -> None:
    assert added_lines(tmp_path, "wanted").lines == ()


def test_a_broken_repository_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert added_lines(tmp_path, "wanted").problem
