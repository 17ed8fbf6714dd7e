"""Interpreters are found and described as they describe themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from seatrial.errors import UsageError
from seatrial.issue import Location
from seatrial.provision.interpreter import Interpreter, find_interpreter, read_interpreter
from seatrial.provision.versions import Wish, satisfies

HERE = Location("pyproject.toml", 4)


# The last four are written in Python, and bind names that their text does not show.
OPAQUE = ("math", "_socket", "_datetime", "itertools", "inspect", "ssl", "multiprocessing", "tokenize")


def ask(python: Path, expression: str) -> object:
    code = f"import sys, json, importlib.machinery; sys.stdout.write('\\n' + json.dumps({expression}))"
    ran = subprocess.run([str(python), "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


def test_every_interpreter_is_described_as_it_describes_itself(at_hand: tuple[Interpreter, ...]) -> None:
    for found in at_hand:
        assert ask(found.executable, "sys.version_info[:3]") == list(found.version)
        assert ask(found.executable, "sorted(sys.builtin_module_names)") == sorted(found.builtin_modules)
        paths = ask(found.executable, "[p for p in sys.path if not p.endswith('.zip')]")
        assert paths == [str(path) for path in found.stdlib]
        assert ask(found.executable, "importlib.machinery.EXTENSION_SUFFIXES") == list(found.extension_suffixes)


def test_opaque_modules_have_the_names_that_dir_gives(at_hand: tuple[Interpreter, ...]) -> None:
    for found in at_hand:
        for module in (*OPAQUE, "posix" if os.name == "posix" else "nt"):
            names = ask(found.executable, f"dir(importlib.import_module({module!r}))")
            assert set(found.opaque[module]) == set(names)  # type: ignore[call-overload]
        assert {"exit", "quit", "print"} <= found.opaque["builtins"]


def test_top_level_names_include_what_the_interpreter_lists(at_hand: tuple[Interpreter, ...]) -> None:
    for found in at_hand:
        listed = ask(found.executable, "sorted(getattr(sys, 'stdlib_module_names', ['json', 'asyncio', '_socket']))")
        assert set(listed) <= found.stdlib_modules  # type: ignore[call-overload]


def test_the_preferred_version_is_taken_where_nothing_is_declared(at_hand: tuple[Interpreter, ...]) -> None:
    found = find_interpreter(None)
    assert found.version == at_hand[0].version
    assert "no Python version is declared" in found.note


def test_a_declared_version_is_met(at_hand: tuple[Interpreter, ...]) -> None:
    for one in at_hand:
        major, minor = one.minor
        for spelling in (
            f"{major}.{minor}",
            f"=={major}.{minor}.*",
            f"python-{major}.{minor}",
            f"{major}.{minor}-slim",
        ):
            found = find_interpreter(None, [Wish(spelling, HERE)])
            assert (found.minor, found.note) == (one.minor, "")


def test_the_most_binding_wish_decides(at_hand: tuple[Interpreter, ...]) -> None:
    if len({one.minor for one in at_hand}) < 2:
        pytest.skip("only one version of Python is at hand")
    low, high = min(one.minor for one in at_hand), max(one.minor for one in at_hand)
    wishes = [Wish(f"{low[0]}.{low[1]}", HERE), Wish(f">={high[0]}.{high[1]}", Location("Dockerfile", 1))]
    found = find_interpreter(None, wishes)
    assert found.minor == low
    assert "Dockerfile:1" in found.note


def test_the_nearest_is_taken_and_said_where_a_version_is_not_at_hand(at_hand: tuple[Interpreter, ...]) -> None:
    found = find_interpreter(None, [Wish(">=3.99", HERE)])
    assert found.minor == max(one.minor for one in at_hand)
    assert ">=3.99 (pyproject.toml:4) is not at hand" in found.note


def test_an_explicit_interpreter_is_found_by_path_and_by_version(at_hand: tuple[Interpreter, ...]) -> None:
    for one in at_hand:
        spelt = f"{one.minor[0]}.{one.minor[1]}"
        assert find_interpreter(str(one.executable)).version == one.version
        assert find_interpreter(spelt).minor == one.minor
        assert find_interpreter(f"python{spelt}").minor == one.minor


@pytest.mark.parametrize("wanted", ["3.99", "2.7", "python9", "/no/such/python", "nonsense"])
def test_an_explicit_interpreter_that_is_not_there_is_refused_in_a_sentence(wanted: str) -> None:
    with pytest.raises(UsageError) as raised:
        find_interpreter(wanted)
    assert "--python" in str(raised.value)


def test_a_program_that_is_no_interpreter_is_none(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("a script is no program here")
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)
    assert read_interpreter(script) is None
    assert read_interpreter(tmp_path / "absent") is None


def test_what_an_interpreter_said_is_kept_and_asked_again_once_spoilt(fresh_cache: Path) -> None:
    first = read_interpreter(Path(sys.executable))
    kept = next(fresh_cache.glob("interpreters-*/*.json"))
    kept.write_text('{"version": [3')
    assert read_interpreter(Path(sys.executable)) == first
    assert json.loads(kept.read_text())["version"] == list(sys.version_info[:3])


def test_the_interpreter_of_a_virtual_environment_is_the_one_behind_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    folder = "Scripts" if os.name == "nt" else "bin"
    found = read_interpreter(tmp_path / "venv" / folder / ("python.exe" if os.name == "nt" else "python"))
    assert found is not None
    assert not found.executable.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "specifier",
    [">=3.11", ">=3.8,<3.12", "~=3.11", "~=3.11.2", "!=3.12.*", "==3.12.*", "<3.12", "<=3.12", ">3.11", "!=3.12.1"],
)
def test_specifiers_hold_as_packaging_says(specifier: str) -> None:
    for minor in range(7, 15):
        for micro in (0, 1, 2, 11):
            version = f"3.{minor}.{micro}"
            assert satisfies((3, minor, micro), specifier) is (version in SpecifierSet(specifier)), version


@pytest.mark.parametrize(
    ("specifier", "version", "answer"),
    [
        ("^3.9", (3, 12, 1), True),
        ("^3.9", (3, 8, 1), False),
        ("~3.11", (3, 11, 9), True),
        ("~3.11", (3, 12, 0), False),
        ("3.12", (3, 12, 7), True),
        ("3.12.1", (3, 12, 7), False),
        ("3", (3, 9, 0), True),
        (">= 3.8, < 3.12", (3, 11, 0), True),
        (">=3.8 <3.12", (3, 12, 0), False),
        ("^3.9 || ^3.12", (3, 13, 0), True),
        ("*", (3, 8, 0), True),
        ("python-3.11.4", (3, 11, 4), True),
        ("3.12-slim-bookworm", (3, 12, 2), True),
        ("whatever", (3, 12, 2), None),
        ("", (3, 12, 2), None),
    ],
)
def test_other_spellings(specifier: str, version: tuple[int, int, int], answer: bool | None) -> None:
    assert satisfies(version, specifier) is answer
