"""The simulation against CPython on random packages: no disagreement, hardly an "unknown", a broad mix.

A bounded run; the long one is `python -m tests.differential.run`. The seeds are fixed, so a failure can be repeated.
"""

from __future__ import annotations

import os

import pytest

from .census import has_cycle
from .generator import generate
from .oracle import find_python
from .run import Tally, counterexamples, describe, examine_all
from .trial import Court

COUNT = int(os.environ.get("SEATRIAL_DIFFERENTIAL_COUNT", "1500"))
FIRST_SEED = 1_000_000
PYTHONS = [version for version in ("3.11", "3.12", "3.13") if find_python(version)]


@pytest.fixture(scope="module")
def tally() -> Tally:
    if not PYTHONS:
        pytest.skip("no CPython 3.11, 3.12 or 3.13 on this machine")
    return examine_all(FIRST_SEED, COUNT, PYTHONS, jobs=os.cpu_count() or 1)


def test_predictions_are_what_cpython_does(tally: Tally) -> None:
    """The bar is no disagreement at all; what differs is shown as small as it can be made."""
    if not tally.causes:
        return
    found = counterexamples(tally, PYTHONS, most=5)
    pytest.fail("\n\n".join(describe(example) for example in found), pytrace=False)


def test_mix_and_unknowns_meet_their_bars(tally: Tally) -> None:
    assert tally.shortcomings() == []


def test_a_seed_always_gives_the_same_package() -> None:
    assert [generate(seed) for seed in (1, 2, 3)] == [generate(seed) for seed in (1, 2, 3)]
    assert generate(1) != generate(2)


@pytest.mark.parametrize(("files", "expected"), [
    ({"a.py": "import b\n", "b.py": "from a import x\n"}, True),
    ({"a.py": "import b\n", "b.py": "def f():\n    import a\n"}, False),
    ({"p/__init__.py": "from .m import x\n", "p/m.py": "from . import y\n"}, True),
    ({"p/__init__.py": "from .m import x\n", "p/m.py": "x = 1\n"}, False),
])  # fmt: skip
def test_cycles_are_read_off_the_sources(files: dict[str, str], expected: bool) -> None:
    assert has_cycle(files) is expected


@pytest.mark.skipif(not PYTHONS, reason="no CPython to ask")
def test_the_oracle_reports_stage_exception_message_and_frames() -> None:
    startup = """\
async def app(scope, receive, send):
    await receive()
    try:
        import helper
    except ImportError:
        await send({"type": "lifespan.startup.failed"})
        raise
"""
    with Court(PYTHONS[-1:], oracle_only=True) as court:
        oracle = next(iter(court.oracles.values()))
        root = court.lay_out({"main.py": startup, "helper.py": "\nimport nowhere\n"})
        (boot,) = oracle.ask([(root, "main:app")])
    assert boot.failure is not None
    assert (boot.failure.stage, boot.failure.exception) == ("startup", "ModuleNotFoundError")
    assert boot.failure.message == "No module named 'nowhere'"
    assert [(frame.path, frame.line) for frame in boot.failure.frames] == [("main.py", 4), ("helper.py", 2)]
