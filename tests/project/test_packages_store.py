"""What has been read of libraries is kept until something is installed, and never believed when it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.provision.interpreter import Interpreter
from tests.project.importing import packages, write


def test_answers_outlive_the_run_until_something_is_installed(tmp_path: Path, interpreter: Interpreter) -> None:
    site, cache = tmp_path / "site", tmp_path / "cache"
    write(site, {"lib/__init__.py": "a = 1", "lib-1.0.dist-info/METADATA": "Name: lib\nVersion: 1.0\n"})
    first = packages(interpreter, [site], cache)
    assert first.has("lib", "a") is True
    assert first.has("lib", "b") is False
    first.save()
    kept = packages(interpreter, [site], cache)
    assert kept.has("lib", "b") is False
    assert not kept._library.read, "nothing had to be read again"
    (site / "lib-1.0.dist-info").rename(site / "lib-1.1.dist-info")
    (site / "lib/__init__.py").write_text("a = b = 1")
    assert packages(interpreter, [site], cache).has("lib", "b") is True


def test_what_the_backend_holds_itself_is_read_every_time(tmp_path: Path, interpreter: Interpreter) -> None:
    own, cache = tmp_path / "own", tmp_path / "cache"
    write(own, {"mine.py": "a = 1"})
    first = packages(interpreter, [own], cache)
    assert first.has("mine", "b") is False
    first.save()
    (own / "mine.py").write_text("a = b = 1")
    assert packages(interpreter, [own], cache).has("mine", "b") is True


@pytest.mark.parametrize("damage", [b"", b"not marshal", b"\xff" * 100, b"i\x01\x00\x00\x00"])
def test_a_damaged_cache_is_made_again(tmp_path: Path, interpreter: Interpreter, damage: bytes) -> None:
    write(tmp_path / "site", {"lib.py": "a = 1", "lib-1.0.dist-info/METADATA": ""})
    first = packages(interpreter, [tmp_path / "site"], tmp_path / "cache")
    assert first.has("lib", "a") is True
    first.save()
    for file in (tmp_path / "cache").rglob("*.bin"):
        file.write_bytes(damage)
    again = packages(interpreter, [tmp_path / "site"], tmp_path / "cache")
    assert again.has("lib", "a") is True
    again.save()
