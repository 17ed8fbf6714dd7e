"""A whole import fails as CPython's does: at the first import that cannot be satisfied, however deep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.provision.interpreter import Interpreter
from tests.project.importing import packages, real, write

FAILING = {
    "direct.py": "import not_installed_anywhere",
    "deep/__init__.py": "from . import a",
    "deep/a.py": "from .b import thing",
    "deep/b.py": "import os\nfrom not_installed_anywhere.part import thing",
    "child/__init__.py": "raise RuntimeError('needs more')",
    "child/leaf.py": "",
    "symbol.py": "from json import loadz",
    "wrong/__init__.py": "from .inner import gone",
    "wrong/inner.py": "here = 1",
    "hint.py": """
        try:
            import not_installed_anywhere
        except ImportError:
            raise ImportError("install hint[extra]")
    """,
    "chained.py": """
        try:
            import not_installed_anywhere
        except ModuleNotFoundError as error:
            raise RuntimeError("chained needs not-installed-anywhere") from error
    """,
    "reraised.py": "try:\n    import not_installed_anywhere\nexcept ImportError:\n    raise\n",
    "elsewhere.py": "try:\n    import not_installed_anywhere\nexcept ValueError:\n    pass\n",
    "checked.py": """
        try:
            import not_installed_anywhere
        except ImportError:
            not_installed_anywhere = None
        if not_installed_anywhere is None:
            raise ImportError("checked needs it")
    """,
    "ensured/__init__.py": "from .setup import ensure\nensure()\n",
    "ensured/setup.py": """
        MESSAGE = "Form data requires " "not-installed-anywhere."
        def ensure():
            try:
                from not_installed_anywhere import __version__
                assert __version__
            except ImportError:
                raise RuntimeError(MESSAGE) from None
    """,
    "shim/__init__.py": "from . import tools\ntools.shim.start()\ndel tools\n",
    "shim/tools.py": """
        class Shim:
            def start(self, *, raise_=True):
                if "engine" in globals():
                    return
                global engine
                try:
                    from not_installed_anywhere import engine
                except ImportError as error:
                    engine = None
                    if raise_:
                        raise ImportError("shim needs an engine") from error
        shim = Shim()
    """,
    "plain.py": "",
    "below.py": "import plain.sub",
    "round/__init__.py": "from .x import X",
    "round/x.py": "from .y import Y\nclass X: ...",
    "round/y.py": "import round\nimport not_installed_anywhere\nclass Y: ...",
    "guarded.py": "try:\n    import hint\nexcept ImportError:\n    hint = None\n",
    "typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import not_installed_anywhere\n",
    "inside.py": "def f():\n    import not_installed_anywhere\n",
    "platform_.py": """
        import sys
        if sys.platform == "win32":
            import winreg
        elif sys.version_info < (3, 8):
            import nope
    """,
    "star.py": "from plain import *\nfrom guarded import *\n",
    "klass.py": "class K:\n    import not_installed_anywhere\n",
    "starry.py": "from deep import *",
}


@pytest.mark.parametrize("module", sorted({name.removesuffix(".py").removesuffix("/__init__") for name in FAILING}))
def test_whole_imports(tmp_path: Path, interpreter: Interpreter, module: str) -> None:
    module = module.replace("/", ".")
    known = packages(interpreter, [write(tmp_path, FAILING)])
    truth = real({module: ["anything"]}, [tmp_path])[module]
    found = known.first_missing(module)
    if isinstance(truth, Mapping):
        assert found is None
    else:
        assert found is not None
        assert [found.exception, found.message] == list(truth)


def test_the_way_to_a_missing_import(tmp_path: Path, interpreter: Interpreter) -> None:
    found = packages(interpreter, [write(tmp_path, FAILING)]).first_missing("deep")
    assert found is not None
    assert (found.name, found.symbol) == ("not_installed_anywhere", None)
    assert [(step.module, step.line) for step in found.chain] == [("deep", 1), ("deep.a", 1), ("deep.b", 2)]


def test_a_failure_in_a_circle_is_every_members(tmp_path: Path, interpreter: Interpreter) -> None:
    known = packages(interpreter, [write(tmp_path, FAILING)])
    for module in ("round.y", "round.x", "round"):
        found = known.first_missing(module)
        assert found is not None
        assert found.name == "not_installed_anywhere"
