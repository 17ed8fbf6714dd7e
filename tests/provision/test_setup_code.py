"""What is said of the modules that old set-up code imports, beside the standard libraries of the Pythons at hand."""

from __future__ import annotations

import pytest

from seatrial.provision.interpreter import Interpreter, interpreters_at_hand
from seatrial.provision.setup_code import asks_for, lacking

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
