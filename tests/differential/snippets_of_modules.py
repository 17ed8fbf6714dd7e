"""Guarded, conditional and function-level imports, and what a module knows of itself."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .imports import refer_inside
from .model import Writer, indent
from .snippets import importable, snippet
from .uses import use


@snippet(3, "try_import")
def optional_dependency(w: Writer, bad: bool) -> str:
    module, standard = w.rng.choice(
        [
            ("ujson", "json"),
            ("tomli", "json"),
            ("orjson", "json"),
            ("regex", "re"),
            ("simplejson", "json"),
            ("cPickle", "pickle"),
        ]
    )
    alias = w.fresh("jsonlib", "fast", "engine_lib")
    kind = w.pick("ImportError", "ModuleNotFoundError", "Exception", "(ImportError, AttributeError)")
    flag = f"\n    {w.fresh('HAS_FAST', 'FAST')} = False" if w.chance(0.4) else ""
    return f"try:\n    import {module} as {alias}\nexcept {kind}:\n    import {standard} as {alias}{flag}"


@snippet(2, "try_import", "conditional_use")
def optional_feature(w: Writer, bad: bool) -> str:
    name, flag = (
        w.pick("redis", "sentry_sdk", "uvloop", "prometheus_client"),
        w.fresh("HAS_REDIS", "ENABLED", "AVAILABLE"),
    )
    w.bound.setdefault(name, "optional")
    test = "" if bad else f"if {flag}:\n    {name}.install()"
    if bad:
        test = f"if not {flag}:\n    {name}.install()"
    return f"try:\n    import {name}\n\n    {flag} = True\nexcept ImportError:\n    {flag} = False\n\n{test}"


@snippet(2, "version_info")
def version_import(w: Writer, bad: bool) -> str:
    sys = w.std("sys")
    options = [
        (">= (3, 11)", "import tomllib", "import tomli as tomllib"), (">= (3, 12)", "from typing import override", "from typing import final as override"),
        (">= (3, 9)", "from functools import cache", "from functools import lru_cache as cache"), ("< (3, 8)", "import importlib_metadata", "import importlib.metadata"),
        (">= (3, 10)", "from typing import ParamSpec", "ParamSpec = None"), (">= (3, 13)", "from warnings import deprecated", "deprecated = None"),
    ]  # fmt: skip
    test, new, old = w.rng.choice(options)
    if bad:
        new, old = old, new
    return f"if {sys}.version_info {test}:\n    {new}\nelse:\n    {old}"


@snippet(1.5, "platform")
def platform_import(w: Writer, bad: bool) -> str:
    sys = w.std("sys")
    if bad:
        return w.pick(
            f"if {sys}.platform != 'win32':\n    import winreg", f"if {w.std('os')}.name == 'posix':\n    import msvcrt"
        )
    return w.pick(
        f"if {sys}.platform == 'win32':\n    import winreg",
        f"if {w.std('os')}.name == 'nt':\n    import msvcrt\nelse:\n    import posixpath as native_path",
    )


@snippet(3, "function_import", "called_at_import")
def function_level(w: Writer, bad: bool) -> str:
    chosen = importable(w)
    if chosen is None:
        return ""
    statements, expression = refer_inside(w, *chosen)
    name = w.fresh("load_defaults", "get_service", "resolve_one", "late_setup")
    call = f"\n\n\n{w.fresh('prepared', 'lazy')} = {name}()" if w.chance(0.7) else ""
    if bad and chosen[1].name in expression:
        expression = expression.replace(chosen[1].name, chosen[1].name + "_gone")
    return f"def {name}():\n{indent(statements)}\n\n    return {use(w, expression, chosen[1])}{call}"


@snippet(2, "main_guard")
def main_guard(w: Writer, bad: bool) -> str:
    return "if __name__ == '__main__':\n" + indent(
        w.pick(
            "import uvicorn\n\nuvicorn.run('main:app', port=8000)",
            "raise SystemExit(main())",
            "print(undefined_name)",
            "run()",
        )
    )


@snippet(1.5, "module_globals")
def module_globals(w: Writer, bad: bool) -> str:
    name = w.fresh("log", "here", "where")
    wrong = "lambda_" if bad else "__name__"
    return f"{name} = " + w.pick(
        f"{w.std('logging')}.getLogger({wrong if bad else '__name__'})", f"{w.std('os.path.dirname')}({'__fill__' if bad else '__file__'})", f"__name__.split('.')[{3 if bad else 0}]",
        f"globals()[{wrong!r}]", f"{w.std('pathlib.Path')}(__file__).resolve().parent / 'data'" + (" / 3" if bad else ""), f"(__package__ or 'root').upper(){'()' if bad else ''}",
        f"vars()[{wrong!r}]", f"__spec__.name{'s' if bad else ''}", f"[key for key in dir() if key == '__name__'][{1 if bad else 0}]",
    )  # fmt: skip


@snippet(1, "standard_library")
def standard_library(w: Writer, bad: bool) -> str:
    name = w.fresh("computed", "parsed", "stamp")
    if bad:
        return f"{name} = " + w.pick(
            f"{w.std('json')}.dump({{}})",
            f"{w.std('datetime.timedelta')}(day=1)",
            f"{w.std('os.path.join')}('a', None)",
            f"{w.std('collections.OrderedDict')}(1)",
            f"{w.std('functools.partial')}()",
        )
    return f"{name} = " + w.pick(
        f"{w.std('json')}.dumps({{'a': 1}})",
        f"{w.std('datetime.timedelta')}(days=1)",
        f"{w.std('os.path.join')}('a', 'b')",
        f"{w.std('collections.defaultdict')}(list)",
        f"{w.std('collections.Counter')}('abc')",
        f"{w.std('re.compile')}(r'\\d+')",
        f"{w.std('functools.partial')}(int, base=2)",
        f"{w.std('itertools.chain')}([1], [2])",
        f"{w.std('types.SimpleNamespace')}(a=1).a",
        f"{w.std('pathlib.Path')}('data') / 'x.db'",
        f"{w.std('collections.deque')}(maxlen=3)",
        f"{w.std('threading.Lock')}()",
        f"{w.std('string.Template')}('$x')",
        f"{w.std('operator.attrgetter')}('name')",
    )


@snippet(0.25, "exec")
def executed(w: Writer, bad: bool) -> str:
    name = w.fresh("generated", "dynamic")
    return (
        f"exec({f'{name} = 1 / 0' if bad else f'{name} = 1'!r})\nprint({name})"
        if w.chance(0.6)
        else f"{name} = eval({'1 + 1' if not bad else '1 +'!r})"
    )
