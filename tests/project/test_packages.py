"""What is said of packages is what the interpreter finds when it imports them."""

from __future__ import annotations

import importlib.machinery
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.project.packages.installed import Parameter
from seatrial.provision.interpreter import Interpreter
from tests.project.importing import packages, real, write

STDLIB = """
abc argparse ast asyncio asyncio.events base64 bisect calendar collections collections.abc concurrent.futures
contextlib copy csv dataclasses datetime decimal email.message email.mime.text enum fractions functools glob
gzip hashlib heapq hmac html http.client http.cookies importlib.metadata importlib.resources inspect io
ipaddress itertools json logging logging.handlers math mimetypes multiprocessing numbers operator os os.path
pathlib pickle platform pprint queue random re secrets shlex shutil signal smtplib socket sqlite3 ssl
statistics string struct subprocess sys tempfile textwrap threading time tomllib traceback types typing
unicodedata unittest.mock urllib.parse urllib.request uuid warnings weakref xml.etree.ElementTree zipfile zlib
zoneinfo
""".split()
INSTALLED = """
_pytest.fixtures hypothesis hypothesis.strategies iniconfig packaging packaging.version packaging.markers
pluggy pygments pygments.lexers pytest rich rich.console typing_extensions yaml yaml.nodes
""".split()


def test_no_wrong_answer_about_real_modules(interpreter: Interpreter) -> None:
    site = [Path(entry) for entry in sys.path if "site-packages" in entry]
    known = packages(interpreter, site)
    answers = real({module: [] for module in (*STDLIB, *INSTALLED)})
    seen: Counter[str] = Counter()
    wrong = []
    for module, names in answers.items():
        missing = known.first_missing(module)
        if not isinstance(names, Mapping):
            assert missing is not None, (module, names)
            continue
        assert missing is None, missing
        for name, there in names.items():
            said = known.has(module, name)
            seen["unknown" if said is None else "told"] += 1
            seen["unknown but there"] += said is None and there is True
            if said is not None and said is not (there is True) and name != "_home":  # which only `site` sets
                wrong.append((module, name, there, said))
    assert wrong == []
    assert seen["told"] > 8000
    assert seen["unknown but there"] < 0.02 * seen["told"], seen
    assert seen["unknown"] < 0.12 * seen["told"], seen


LIBRARY = {
    "lib/__init__.py": """
        from typing import TYPE_CHECKING
        from .core import Engine, make as build
        from .names import *
        from . import extras
        import sys
        if sys.version_info >= (3, 8):
            NEW = 1
        else:
            OLD = 1
        if TYPE_CHECKING:
            from .core import OnlyForCheckers
        if not TYPE_CHECKING:
            REAL = True
        try:
            import not_installed_anywhere
            FAST = True
        except ImportError:
            FAST = False
        if FAST:
            def quick(): ...
        else:
            def slow(): ...
        for _name in ("loop_a", "loop_b"):
            globals()[_name] = _name
        temporary = 1
        del temporary
        Alias = Engine
        try:
            unicode
        except NameError:
            unicode = str
        with open(__file__) as handle:
            READ = handle.read()
    """,
    "lib/core.py": """
        class Engine: ...
        def make(): ...
        _private = 1
    """,
    "lib/names.py": """
        __all__ = ["shown", "Made"]
        __all__ += ["added"]
        shown = hidden = 1
        added = 2
        Made = type("Made", (), {})
    """,
    "lib/extras.py": """
        from contextlib import suppress
        with suppress(ImportError):
            from not_installed_anywhere import something
        with suppress(ImportError):
            from .core import Engine as Suppressed
        match 1:
            case 1: matched = 1
        while True:
            looped = 1
            break
    """,
    "lib/sub/__init__.py": "",
    "lib/sub/leaf.py": "value = 1",
    "lazy/__init__.py": """
        import importlib
        _where = {"First": ".one", "Second": ".two", "Broken": ".three"}
        __version__ = "1"
        def __getattr__(name):
            if name == "old":
                import warnings
                warnings.warn("old is old", DeprecationWarning)
                return 1
            if name == "removed":
                from .errors import RemovedError
                raise RemovedError(f"{name} has been removed")
            if name in _where:
                module = importlib.import_module(_where[name], __name__)
                return getattr(module, name)
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    """,
    "lazy/one.py": "class First: ...",
    "lazy/two.py": "def Second(): ...",
    "lazy/three.py": "import not_installed_anywhere",
    "lazy/errors.py": "class RemovedError(Exception): ...",
    "ring/__init__.py": "from .a import A\nfrom .b import B",
    "ring/a.py": "import ring.b\nclass A: ...",
    "ring/b.py": "from . import a\nclass B: ...",
    "space/inner/mod.py": "x = 1",
    "swapped.py": "import sys, types\nsys.modules[__name__] = types.SimpleNamespace(made=1)",
    "dynamic.py": "exec('made = 1')\nseen = 1",
    "counting.py": "_names = globals()\nhere = 'there' in _names\nthere = [name for name in globals()]",
    "flagged.py": "import enum\n@enum.global_enum\nclass Flag(enum.IntFlag):\n    RED = 1\n    BLUE = 2\n",
    "setter.py": "def prepare():\n    global prepared\n    prepared = 1\nprepare()\n",
}
ASKED = {
    "lib": """Engine build make shown hidden added Made NEW OLD OnlyForCheckers REAL FAST quick slow loop_a loop_b
        temporary Alias unicode READ handle sub core names extras sys nothing TYPE_CHECKING _name not_installed_anywhere
        __name__ __path__ __file__ __all__ __doc__""".split(),
    "lib.core": ["Engine", "_private", "Enginex"],
    "lib.names": ["shown", "hidden", "added", "__all__"],
    "lib.extras": ["something", "Suppressed", "matched", "looped", "suppress"],
    "lib.sub": ["leaf", "other"],
    "lib.sub.leaf": ["value", "__path__"],
    "lazy": ["First", "Second", "Broken", "old", "removed", "never", "__version__", "one", "importlib"],
    "ring": ["A", "B", "a", "b", "c"],
    "space": ["inner", "outer"],
    "space.inner.mod": ["x", "y"],
    "swapped": ["made", "sys"],
    "dynamic": ["made", "seen", "other"],
    "counting": ["here", "there", "nowhere"],
    "flagged": ["Flag", "RED", "BLUE", "GREEN"],
    "setter": ["prepared", "unprepared"],
}
UNKNOWABLE = {
    ("lib", "loop_a"), ("lib", "loop_b"), ("lib.extras", "matched"), ("lib.extras", "looped"), ("swapped", "made"),
    ("swapped", "sys"), ("dynamic", "made"), ("dynamic", "other"), ("setter", "prepared"), ("lib", "_name"),
}  # fmt: skip
UNKNOWABLE |= {("lib", "__all__"), ("lib", "unicode")}


def test_what_modules_offer(tmp_path: Path, interpreter: Interpreter) -> None:
    write(tmp_path, LIBRARY)
    known = packages(interpreter, [tmp_path])
    answers = real(ASKED, [tmp_path])
    for module, names in answers.items():
        assert isinstance(names, Mapping), (module, names)
        for name, there in names.items():
            said = known.has(module, name)
            if (module, name) in UNKNOWABLE:
                assert said in (None, there is True), (module, name, there, said)
            else:
                assert said is (there is True), (module, name, there, said)


def test_a_refusal_is_told_with_its_exception(tmp_path: Path, interpreter: Interpreter) -> None:
    known = packages(interpreter, [write(tmp_path, LIBRARY)])
    refused = known.refusal("lazy", "removed")
    assert refused == ("lazy.errors.RemovedError", "removed has been removed")
    assert real({"lazy": ["removed"]}, [tmp_path])["lazy"] == {"removed": "lazy.errors.RemovedError"}
    assert known.refusal("lazy", "never") is None
    assert known.refusal("lazy", "First") is None


@pytest.mark.parametrize(
    ("module", "name", "definition"),
    [
        ("lib", "Engine", "lib.core.Engine"),
        ("lib", "build", "lib.core.make"),
        ("lib", "Alias", "lib.core.Engine"),
        ("lib", "shown", "lib.names.shown"),
        ("lib", "sub", "lib.sub"),
        ("lib", "slow", "lib.slow"),
        ("lazy", "First", "lazy.one.First"),
        ("lazy", "Second", "lazy.two.Second"),
        ("lazy", "never", None),
        ("ring", "A", "ring.a.A"),
        ("os", "path", "posixpath"),
        ("json", "JSONDecodeError", "json.decoder.JSONDecodeError"),
    ],
)
def test_definitions_behind_names(
    tmp_path: Path, interpreter: Interpreter, module: str, name: str, definition: str | None
) -> None:
    assert packages(interpreter, [write(tmp_path, LIBRARY)]).canonical(module, name) == definition


SIGNATURES = '''
from dataclasses import dataclass
from functools import wraps
from typing import Generic, TypeVar, overload
T = TypeVar("T")
def f(a, /, b, *args, c, d=None, **kw): ...
def strict(x: int, *, y: int = 3): ...
class Base(Generic[T]):
    def __init__(self, url: str, *, echo: bool = False) -> None: ...
    @staticmethod
    def still(a): ...
    @classmethod
    def made(cls, b): ...
class Derived(Base[int]):
    """Takes what its base takes."""
class Meta(type): ...
class Special(metaclass=Meta):
    def __init__(self, a): ...
@dataclass
class Data:
    x: int
@overload
def o(a: int) -> int: ...
@overload
def o(a: str) -> str: ...
def o(a, b=1): ...
def decorator(g): return g
@decorator
def decorated(a): ...
class FromElsewhere(Exception): ...
'''


def test_signatures(tmp_path: Path, interpreter: Interpreter) -> None:
    write(
        tmp_path,
        {"sig/__init__.py": "from .deep import *\nfrom .deep import Derived as Client", "sig/deep.py": SIGNATURES},
    )
    known = packages(interpreter, [tmp_path])

    def shape(name: str) -> list[Parameter] | None:
        found = known.signature("sig", name)
        return list(found.parameters) if found is not None else None

    assert shape("f") == [
        ("a", "positional", None), ("b", "either", None), ("args", "rest", None), ("c", "keyword", None),
        ("d", "keyword", "None"), ("kw", "keywords", None),
    ]  # fmt: skip
    assert shape("Client") == [("url", "either", None), ("echo", "keyword", "False")]
    assert shape("Base.still") == [("a", "either", None)]
    assert shape("Derived.made") == [("b", "either", None)]
    assert shape("o") == [("a", "either", None), ("b", "either", "1")]
    assert shape("Data") is None
    assert shape("FromElsewhere") is None
    assert shape("nothing") is None
    client, special, decorated, strict = (
        known.signature("sig", n) for n in ("Client", "Special", "decorated", "strict")
    )
    assert client is not None
    assert client.owner == "sig.deep.Base"
    assert client.takes("echo") is True
    assert client.takes("convert_unicode") is False
    assert special is not None
    assert special.takes("b") is None
    assert decorated is not None
    assert not decorated.certain
    assert strict is not None
    assert strict.takes("x") is True


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"x = \x00", b"def f(:\n", b"x = " + b"-" * 100_000 + b"1", b"if a: pass\n" * 50_000]
)
def test_modules_that_cannot_be_read_have_no_certain_answers(
    tmp_path: Path, interpreter: Interpreter, raw: bytes
) -> None:
    (tmp_path / "odd.py").write_bytes(raw)
    known = packages(interpreter, [tmp_path])
    assert known.has("odd", "x") in (None, False)
    assert known.canonical("odd", "x") in (None, "odd.x")
    known.surface("odd")


def test_extension_modules_are_known_by_their_stub(tmp_path: Path, interpreter: Interpreter) -> None:
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    write(tmp_path, {f"fast{suffix}": "", f"blind{suffix}": "", "fast.pyi": "def run() -> None: ...\nX: int\n"})
    known = packages(interpreter, [tmp_path])
    assert known.has("fast", "run") is True
    assert known.has("fast", "walk") is None
    assert known.has("blind", "run") is None


def test_surfaces(tmp_path: Path, interpreter: Interpreter) -> None:
    surface = packages(interpreter, [write(tmp_path, LIBRARY)]).surface("lib.names")
    assert surface is not None
    assert surface.all == ("shown", "Made", "added")
    assert surface.opaque == ""
    assert set(surface.names) == {"__all__", "shown", "hidden", "added", "Made"}
    assert packages(interpreter, [tmp_path]).surface("nowhere") is None
    assert packages(interpreter, [tmp_path]).names("lib.sub") == ("leaf",)


def test_where_a_name_has_gone(tmp_path: Path, interpreter: Interpreter) -> None:
    known = packages(interpreter, [write(tmp_path, LIBRARY)])
    assert known.whereabouts("lib", "Engine") == ("lib", "lib.core")
    assert known.whereabouts("lib", "matched") == ()
    assert known.whereabouts("nowhere", "Engine") == ()
    assert known.whereabouts("json", "JSONDecodeError")[:2] == ("json", "json.decoder")
