"""What is said of the modules that old set-up code imports, beside the standard libraries of the Pythons at hand."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from seatrial.provision.interpreter import Interpreter, interpreters_at_hand
from seatrial.provision.setup_code import asks_for, goes_on_without, lacking
from seatrial.provision.sources import source_release

MODULES = (
    *("asynchat", "asyncore", "binhex", "cgi", "cgitb", "crypt", "formatter", "imghdr", "imp", "lib2to3", "mailcap"),
    *("nntplib", "parser", "pipes", "smtpd", "sndhdr", "symbol", "telnetlib", "uu"),
)


@pytest.mark.parametrize("python", interpreters_at_hand(), ids=lambda it: ".".join(map(str, it.minor)))
def test_as_the_standard_library_has_it(python: Interpreter) -> None:
    missing = {name for name in MODULES if lacking((name,), python.minor)}
    assert missing == {name for name in MODULES if name not in python.stdlib_modules}


def test_every_such_module_is_found() -> None:
    code = "".join(f"import {name}\n" for name in MODULES)
    assert asks_for({"setup.py": code.encode()}) == tuple(sorted(MODULES))


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import imp\nexcept ImportError:\n    imp = None\n",
        "def build():\n    import imp\n",
        "from . import imp\n",
        "import setuptools, importlib\n",
        "print 'Python 2'\nimport imp\n",
    ],
)
def test_what_is_not_imported_whatever_happens_is_not_asked_for(code: str) -> None:
    assert asks_for({"setup.py": code.encode()}) == ()


def test_a_module_of_the_archive_is_its_own() -> None:
    assert asks_for({"setup.py": b"import imp\n", "imp.py": b""}) == ()
    assert asks_for({"pyproject.toml": b""}) == ()


CATCHES = """
class BuildExt(build_ext):
    def build_extension(self, ext):
        try:
            build_ext.build_extension(self, ext)
        except CCompilerError:
            raise BuildFailed()
"""


@pytest.mark.parametrize(
    ("code", "goes_on"),
    [
        (CATCHES, True),
        ("setup(ext_modules=[Extension('a', ['a.c'], optional=os.environ.get('CI') != '1')])\n", True),
        ("setup(ext_modules=[Extension('a', ['a.c'], optional=False)])\n", False),
        ("setup(ext_modules=[Extension('a', ['a.c'])])\n", False),
        ("class Build(build_ext):\n    def run(self):\n        build_ext.run(self)\n", False),
        ("try:\n    import setuptools\nexcept ImportError:\n    import distutils\n", False),
    ],
)
def test_what_is_built_only_where_it_can_be(code: str, goes_on: bool) -> None:
    assert goes_on_without({"setup.py": code.encode()}) is goes_on


@pytest.mark.nightly
@pytest.mark.parametrize(
    "release",
    ["sqlalchemy==1.4.31", "markupsafe==2.0.1", "wrapt==1.12.1", "websockets==10.1", "greenlet==1.1.2", "cffi==1.14.6"],
)
def test_as_an_installation_without_a_compiler_goes(release: str, tmp_path: Path) -> None:
    """The real releases, installed by uv on a Python that they have no wheel for, where every compiler fails."""
    python = next((it for it in interpreters_at_hand() if it.minor == (3, 12)), None)
    if python is None:
        pytest.skip("there is no CPython 3.12 here")
    uv = [find_uv_bin(), "pip"]
    lock = [*uv, "compile", "--quiet", "--no-deps", "--python-version", "3.9", "--format", "pylock.toml", "-"]
    located = subprocess.run(lock, input=release, capture_output=True, text=True, check=True)
    found = source_release(located.stdout)
    assert found is not None
    subprocess.run(
        [find_uv_bin(), "venv", "--quiet", "--python", str(python.executable), str(tmp_path / "v")], check=True
    )
    install = [*uv, "install", "--quiet", "--no-cache", "--no-deps", "--python", str(tmp_path / "v"), release]
    done = subprocess.run(install, env={**os.environ, "CC": "/bin/false", "CXX": "/bin/false"}, capture_output=True)
    assert (done.returncode == 0) is found.optional
