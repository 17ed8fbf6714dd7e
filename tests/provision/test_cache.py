"""What is kept on disk is whole or absent, and does not pile up."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.provision import cache
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.resolution import Request, resolve
from tests.provision.local_index import LocalIndex


def test_an_entry_comes_back_as_it_was(fresh_cache: Path) -> None:
    assert cache.read_entry("group", "key") is None
    cache.write_entry("group", "key", {"text": "ä", "list": [1, None]})
    assert cache.read_entry("group", "key") == {"text": "ä", "list": [1, None]}
    assert [path.name for path in (fresh_cache / "group").iterdir()] == ["key.json"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff\xfe", b"null"])
def test_a_spoilt_entry_is_absent(fresh_cache: Path, raw: bytes) -> None:
    cache.write_entry("group", "key", {})
    (fresh_cache / "group" / "key.json").write_bytes(raw)
    assert cache.read_entry("group", "key") is None


def test_of_two_that_make_the_same_folder_the_first_stays(fresh_cache: Path) -> None:
    place = fresh_cache / "made" / "one"
    for text in ("first", "second"):
        with cache.scratch() as folder:
            (folder / "made").mkdir()
            (folder / "made" / "file").write_text(text)
            cache.publish(folder / "made", place)
    assert (place / "file").read_text() == "first"
    assert list((fresh_cache / "scratch").iterdir()) == []


def test_the_place_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SEATRIAL_CACHE_DIR")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_directory() == tmp_path / "seatrial"


def test_a_named_place_that_cannot_be_written_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(UsageError, match="SEATRIAL_CACHE_DIR names"):
        cache.cache_directory()


def test_environments_that_nothing_uses_are_gone_after_a_month(
    fresh_cache: Path, backend: Path, interpreter: Interpreter, index: LocalIndex
) -> None:
    for name in ("old", "kept", "new"):
        index.wheel(name, "1.0")
    made = {name: resolve(Request(interpreter, backend, requirements=(name,))).directory for name in ("old", "kept")}
    for directory in made.values():
        assert directory is not None
        os.utime(directory, (time.time() - 40 * 86400,) * 2)
    resolve(Request(interpreter, backend, requirements=("kept",)))
    resolve(Request(interpreter, backend, requirements=("new",)))
    assert {name: bool(directory and directory.exists()) for name, directory in made.items()} == {
        "old": False,
        "kept": True,
    }
