"""A cache, a backend's folder and an index of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.provision.interpreter import Interpreter, find_interpreter, interpreters_at_hand
from tests.provision.local_index import LocalIndex


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache_directory(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(shared_cache))
    monkeypatch.setenv("UV_CACHE_DIR", str(shared_cache / "uv"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    return shared_cache


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "fresh-cache"
    monkeypatch.setenv("SEATRIAL_CACHE_DIR", str(directory))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "fresh-uv"))
    return directory


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    directory = tmp_path / "backend"
    directory.mkdir()
    return directory


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    served = LocalIndex()
    monkeypatch.setenv("UV_DEFAULT_INDEX", served.url)
    yield served
    served.close()


@pytest.fixture
def interpreter(cache_directory: Path) -> Interpreter:
    return find_interpreter(None)


@pytest.fixture
def at_hand(cache_directory: Path) -> tuple[Interpreter, ...]:
    return interpreters_at_hand()
