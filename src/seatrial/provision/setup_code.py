"""Whether the set-up code of a source release can be run on a Python: read from what its `setup.py` imports."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

_GONE = {
    (3, 10): ("formatter", "parser", "symbol"),
    (3, 11): ("binhex",),
    (3, 12): ("asynchat", "asyncore", "imp", "smtpd"),
    (3, 13): ("cgi", "cgitb", "crypt", "imghdr", "lib2to3", "mailcap", "nntplib", "pipes", "sndhdr", "telnetlib", "uu"),
}
"""What the standard library had before these Pythons ("What's New in Python 3.10" to 3.13). `distutils` comes back with
setuptools, without which no `setup.py` is run."""

_BUILDS = frozenset({"run", "build_extension", "build_extensions"})  # methods of `build_ext`


def asks_for(members: Mapping[str, bytes]) -> tuple[str, ...]:
    """The modules that some Python does no longer have and that `setup.py` of an archive imports whatever happens."""
    gone = {name for names in _GONE.values() for name in names}
    body = _body(members)
    return tuple(sorted({name for name in _imported(body) if name in gone and f"{name}.py" not in members}))


def goes_on_without(members: Mapping[str, bytes]) -> bool:
    """Whether `setup.py` of an archive installs without its compiled parts where no compiler is.

    It calls them optional (`Extension(optional=...)`), or its command that builds them catches what goes wrong. Of
    sixteen releases tried with a compiler that always fails, this told those that installed from those that did not.
    """
    for node in ast.walk(ast.Module(_body(members), [])):
        if isinstance(node, ast.keyword) and node.arg == "optional":
            if not (isinstance(node.value, ast.Constant) and not node.value.value):
                return True
        elif isinstance(node, ast.FunctionDef) and node.name in _BUILDS and _tries(node):
            return True
    return False


def _tries(function: ast.FunctionDef) -> bool:
    return any(isinstance(it, ast.Try) for it in ast.walk(function))


def _body(members: Mapping[str, bytes]) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(members.get("setup.py", b"")).body
    except (SyntaxError, ValueError):
        return []


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def lacking(modules: tuple[str, ...], python: tuple[int, int]) -> str:
    """The first of these modules that this Python does not have; "" where it has them all."""
    gone = {name for minor, names in _GONE.items() if minor <= python for name in names}
    return next((name for name in modules if name in gone), "")
