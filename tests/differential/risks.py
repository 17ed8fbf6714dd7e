"""Code that raises: each risk is an expression or a statement together with the exception it raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .imports import relative
from .model import Module, Writer, block
from .uses import misuse
from .words import MISSING, NOUNS, WORDS, misspell


@dataclass(frozen=True, slots=True)
class Risk:
    """`code` raises `exception` when executed; `before` must stand at module level ahead of it."""

    code: str
    exception: str
    expression: bool = False
    before: str = ""
    top_level_only: bool = False


Maker = Callable[[Writer], Risk]
IMPORTS: list[tuple[float, Maker]] = []
VALUES: list[tuple[float, Maker]] = []


def risk(group: list[tuple[float, Maker]], weight: float, *features: str) -> Callable[[Maker], Maker]:
    """Registers a maker of risks."""

    def register(make: Maker) -> Maker:
        def marked(w: Writer) -> Risk:
            w.mark(*features)
            return make(w)

        group.append((weight, marked))
        return marked

    return register


def choose(w: Writer, group: list[tuple[float, Maker]]) -> Risk:
    return w.rng.choices([make for _, make in group], [weight for weight, _ in group])[0](w)


def some_module(w: Writer) -> Module:
    """A module that may be imported here without closing a cycle, where there is one; else this one."""
    others = [module for module in w.module.imports if "replaced" not in module.traits]
    return w.rng.choice(others) if others else w.module


# Imports that fail.


@risk(IMPORTS, 4, "missing_module")
def missing_distribution(w: Writer) -> Risk:
    name = w.rng.choice(MISSING)
    code = w.pick(f"import {name}", f"from {name} import Client", f"import {name}.client", f"import {name} as fast", f"from {name}.aio import Session")
    return Risk(code, "ModuleNotFoundError")


@risk(IMPORTS, 4, "missing_module")
def missing_first_party(w: Writer) -> Risk:
    other = some_module(w)
    wrong = misspell(other.leaf, w.rng)
    parent = other.name.rpartition(".")[0]
    full = f"{parent}.{wrong}" if parent else wrong
    name = other.exports[0].name if other.exports else "helper"
    return Risk(w.pick(f"import {full}", f"from {full} import {name}", f"import {full} as other"), "ModuleNotFoundError")


@risk(IMPORTS, 5, "missing_symbol")
def missing_symbol(w: Writer) -> Risk:
    other = some_module(w)
    name = misspell(w.rng.choice(other.exports).name, w.rng) if other.exports else "helper"
    origin = (relative(w.module, other.name) if w.chance(0.4) else None) or other.name
    extra = f"{other.exports[0].name}, " if other.exports and w.chance(0.3) else ""
    return Risk(f"from {origin} import {extra}{name}", "ImportError")


@risk(IMPORTS, 2.5, "submodule_of_module")
def not_a_package(w: Writer) -> Risk:
    name = some_module(w).name if w.chance(0.75) else w.pick("json.decoder", "string", "os.path", "enum")
    return Risk(w.pick(f"import {name}.extra", f"from {name}.extra import thing", f"import {name}.extra as extra"), "ModuleNotFoundError")


@risk(IMPORTS, 2, "missing_submodule")
def missing_submodule(w: Writer) -> Risk:
    packages = [m.name for m in w.module.imports if m.is_package] + list(w.project.folders) + [w.module.package or "collections"]
    package = w.rng.choice(packages)
    word = w.pick("legacy", "internal", "compat", "v2")
    if w.chance(0.5):
        return Risk(f"from {package} import {word}", "ImportError")
    return Risk(w.pick(f"import {package}.{word}", f"from {package}.{word} import old"), "ModuleNotFoundError")


@risk(IMPORTS, 2.5, "relative_beyond")
def beyond_top(w: Writer) -> Risk:
    depth = len(w.module.package.split(".")) if w.module.package else 0
    dots = "." * (depth + w.rng.randint(1, 2))
    return Risk(w.pick(f"from {dots} import {w.rng.choice(NOUNS)}", f"from {dots}{w.rng.choice(NOUNS)} import name"), "ImportError")


@risk(IMPORTS, 1.5, "missing_relative")
def missing_relative(w: Writer) -> Risk:
    word = w.pick("legacy", "internal", "compat")
    return Risk(w.pick(f"from .{word} import old", f"from . import {word}"), "ImportError")


STANDARD = (
    "from collections import Mapping;ImportError from typing import NotTyped;ImportError import Collections;ModuleNotFoundError "
    "import ConfigParser;ModuleNotFoundError from json import dump_string;ImportError import urllib2;ModuleNotFoundError "
    "from asyncio import coroutine;ImportError from inspect import getargspec;ImportError import imp;ImportError "
    "from typing import override;ImportError from enum import StrEnum;ImportError from datetime import UTC;ImportError "
    "import tomllib;ImportError from warnings import deprecated;ImportError from itertools import batched;ImportError "
    "import telnetlib;ImportError import asynchat;ImportError from os import getcwdu;ImportError import os.paths;ImportError "
    "import json.tools;ImportError from fractions import gcd;ImportError from contextlib import nested;ImportError "
    "from functools import cached_properties;ImportError from collections.abc import Iterables;ImportError "
    "import xml.dom.mini;ImportError from email.mime.txt import MIMEText;ImportError from string import maketrans;ImportError"
).replace(";", "|")


@risk(IMPORTS, 4, "stdlib_missing")
def missing_standard(w: Writer) -> Risk:
    import re

    choices = re.findall(r"((?:from|import) [^|]+)\|(\w+)", STANDARD)
    code, exception = w.rng.choice(choices)
    if code[0] == "i" and code[7].isupper():
        w.mark("stdlib_case")
    return Risk(code.strip(), exception)


@risk(IMPORTS, 1, "stdlib_case")
def wrong_case(w: Writer) -> Risk:
    name = w.pick("Json", "OS", "Typing", "Logging", "Datetime", "Asyncio", "Enum", "Pathlib")
    return Risk(w.pick(f"import {name}", f"from {name} import thing"), "ModuleNotFoundError")


@risk(IMPORTS, 1.5, "import_module_missing")
def import_module(w: Writer) -> Risk:
    loader = w.std("importlib.import_module")
    other = some_module(w)
    ways = [
        (f"{loader}({w.rng.choice(MISSING)!r})", "ModuleNotFoundError"), (f"{loader}({misspell(other.name, w.rng)!r})", "ModuleNotFoundError"),
        (f"{loader}({'.' + other.leaf!r})", "TypeError"), (f"{loader}({other.name + '.inner'!r})", "ModuleNotFoundError"),
        (f"__import__({w.rng.choice(MISSING)!r})", "ModuleNotFoundError"),
        (f"{loader}('.missing', package={w.module.package or 'json'!r})", "ModuleNotFoundError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways), expression=True)


@risk(IMPORTS, 1.2, "star_all_missing")
def star_of_stdlib_missing(w: Writer) -> Risk:
    other = w.rng.choice([m for m in w.module.imports if "all_missing" in m.traits] or [None])
    if other is None:
        return missing_symbol(w)
    return Risk(f"from {other.name} import *", "AttributeError", top_level_only=True)


# Operations that fail.


@risk(VALUES, 2, "zero_division")
def zero_division(w: Writer) -> Risk:
    return Risk(w.pick("1 / 0", "10 // 0", "7 % 0", "divmod(1, 0)", "1.5 / 0", f"100 / len({w.pick('[]', '()', repr(''))})"), "ZeroDivisionError", True)


@risk(VALUES, 2, "int_parse")
def int_parse(w: Writer) -> Risk:
    return Risk(w.pick("int('x')", "int('')", "int('3.5')", "float('many')", "int(None)", "int('12px', 10)"), "(ValueError, TypeError)", True)


@risk(VALUES, 3, "environ_key")
def environ_key(w: Writer) -> Risk:
    key = w.pick("DATABASE_URL", "SECRET_KEY", "JWT_SECRET", "API_TOKEN", "SMTP_HOST")
    return Risk(w.pick(f"{w.std('os')}.environ[{key!r}]", f"{w.std('os.environ')}[{key!r}]"), "KeyError", True)


@risk(VALUES, 1, "environ_get")
def environ_none(w: Writer) -> Risk:
    key = w.pick("DATABASE_URL", "SECRET_KEY", "PORT", "API_TOKEN")
    get = w.pick(f"{w.std('os')}.environ.get({key!r})", f"{w.std('os.getenv')}({key!r})")
    return Risk(*w.rng.choice([(f"int({get})", "TypeError"), (f"{get}.split(',')", "AttributeError"), (f"{get} + '/db'", "TypeError"), (f"len({get})", "TypeError")]), True)


@risk(VALUES, 2, "indexing")
def indexing(w: Writer) -> Risk:
    return Risk(w.pick("[1, 2][5]", "()[0]", "'abc'[9]", "{'a': 1}['b']", "[][-1]", "{}[(1, 2)]", "'a,b'.split(',')[2]"), "LookupError", True)


@risk(VALUES, 2, "unpacking")
def unpacking(w: Writer) -> Risk:
    code = w.pick("a, b = [1]", "a, b = (1, 2, 3)", "a, b, *c = [1]", "(a, b), c = (1, 2), ()", "for a, b in [(1,)]:\n    pass", "a, b = 'xyz'", "a, b = None", "a, b = {'k': 1}")
    return Risk(code, "(ValueError, TypeError)")


@risk(VALUES, 2, "call_none")
def call_none(w: Writer) -> Risk:
    name = w.fresh("callback", "handler", "factory")
    return Risk(w.pick(f"{name}()", f"{name}.run()", f"{name}[0]", f"len({name})", f"{name} + 1", f"list({name})"), "(TypeError, AttributeError)", True, f"{name} = None")


@risk(VALUES, 2.5, "wrong_arity")
def wrong_arity(w: Writer) -> Risk:
    name = w.fresh("connect", "configure", "setup", "combine")
    head, calls = w.rng.choice([
        ("host, port", ["", "'h'", "1, 2, 3", "'h', host='x'"]), ("url, *, echo", ["'u'", "", "'u', True"]), ("", ["1", "a=1"]),
        ("first, /, second", ["first=1, second=2", "1"]), ("a, b, c=3", ["", "1", "1, 2, 3, 4"]), ("*, a, b", ["", "1, 2", "a=1"]),
        ("a, b, c, d", ["1", ""]),
    ])  # fmt: skip
    return Risk(f"{name}({w.rng.choice(calls)})", "TypeError", True, f"def {name}({head}):\n    return None")


@risk(VALUES, 2, "unexpected_keyword")
def unexpected_keyword(w: Writer) -> Risk:
    name = w.fresh("connect", "configure", "setup", "combine")
    return Risk(w.pick(f"{name}(pool=5)", f"{name}('x', timeout=3)", f"{name}(**{{'x': 1}})"), "TypeError", True, f"def {name}(url='', *, echo=False):\n    return url")


@risk(VALUES, 2, "abc")
def abstract(w: Writer) -> Risk:
    name, child = w.fresh("Port", "Repository"), w.fresh("Memory", "Partial")
    methods = w.pick("run", "run", "load save")
    body = "\n".join(f"    @{w.std('abc.abstractmethod')}\n    def {method}(self): ..." for method in methods.split())
    done = f"    def {methods.split()[0]}(self):\n        return 1" if " " in methods else "    pass"
    before = f"class {name}({w.std('abc.ABC')}):\n{body}\n\n\nclass {child}({name}):\n{done}"
    return Risk(w.pick(f"{name}()", f"{child}()"), "TypeError", True, before)


@risk(VALUES, 1.5, "dataclass")
def broken_dataclass(w: Writer) -> Risk:
    deco, name = w.std("dataclasses.dataclass"), w.fresh("Payload", "Row")
    ways = [
        (f"@{deco}\nclass {name}:\n    a: int = 0\n    b: str", "TypeError"), (f"@{deco}\nclass {name}:\n    tags: list = []", "ValueError"),
        (f"@{deco}(frozen=True)\nclass {name}:\n    a: int\n\n{name}(1).a = 2", "AttributeError"), (f"@{deco}\nclass {name}:\n    a: int\n\n{name}()", "TypeError"),
        (f"@{deco}\nclass {name}:\n    a: int\n\n{name}(1, 2)", "TypeError"), (f"@{deco}(slot=True)\nclass {name}:\n    a: int", "TypeError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways))


@risk(VALUES, 1.5, "enum")
def broken_enum(w: Writer) -> Risk:
    name = w.fresh("Color", "Level", "Mode")
    before = f"class {name}({w.std('enum.Enum')}):\n    RED = 'red'\n    BLUE = 'blue'"
    return Risk(*w.rng.choice([(f"{name}('green')", "ValueError"), (f"{name}['GREEN']", "KeyError"), (f"{name}.GREEN", "AttributeError"), (f"{name}.RED.valu", "AttributeError")]), True, before)


@risk(VALUES, 3, "undefined_name")
def undefined(w: Writer) -> Risk:
    known = w.rng.choice(w.module.exports).name if w.module.exports else "settings"
    name = w.pick(misspell(known, w.rng), "undefined_value", "db", "logger", "app_config")
    if name in w.bound:
        name += "_x"
    return Risk(w.pick(name, f"{name}.get('x')", f"{name}(1)", f"[{name}]", f"print({name})", f"{name} + 1", f"{name}[0]"), "NameError", True)


@risk(VALUES, 1.5, "undefined_name", "standard_not_imported")
def forgotten_import(w: Writer) -> Risk:
    module = w.pick("json.dumps({})", "re.compile('x')", "os.getcwd()", "datetime.now()", "Path('.')", "Optional[int]", "math.pi", "uuid4()")
    name = module.split(".")[0].split("(")[0].split("[")[0]
    if name in w.bound or name in w.known:
        return undefined(w)
    w.bound[name] = "forgotten"
    return Risk(module, "NameError", True)


@risk(VALUES, 3, "raise_builtin")
def raise_builtin(w: Writer) -> Risk:
    name = w.pick("RuntimeError", "ValueError", "KeyError", "OSError", "NotImplementedError", "TypeError", "LookupError", "ImportError")
    argument = w.pick("'database is not configured'", "f'bad port: {8000 + 1}'", "'limit is %d' % 3", "'a', 'b'", "404", "")
    if w.chance(0.12):
        return Risk(f"raise {name}", name)
    return Risk(f"raise {name}({argument})", name)


@risk(VALUES, 2.5, "raise_custom", "exception_class")
def raise_custom(w: Writer) -> Risk:
    name = w.fresh("ConfigError", "StartupFailure", "PolicyError")
    text = w.rng.choice(WORDS)
    before, call = w.rng.choice([
        (f"class {name}(Exception):\n    pass", f"{name}('no {text}')"), (f"class {name}(ValueError):\n    code = 3", f"{name}(f'{text} {{1 + 1}}')"),
        (f"class {name}(Exception):\n    def __init__(self, key):\n        super().__init__(f'missing {{key}}')\n        self.key = key", f"{name}({text!r})"),
        (f"class {name}(RuntimeError):\n    def __str__(self):\n        return 'always {text}'", f"{name}(1)"), (f"class {name}(Exception):\n    pass", name),
    ])  # fmt: skip
    return Risk(f"raise {call}", name, before=before)


@risk(VALUES, 2, "assert")
def failing_assert(w: Writer) -> Risk:
    return Risk(w.pick("assert False, 'never'", "assert 1 == 2", "assert not [1], f'{1 + 1} left'", "assert isinstance(1, str), ('int', 1)", "assert None is not None"), "AssertionError")


@risk(VALUES, 2, "unbound_local")
def unbound_local(w: Writer) -> Risk:
    name, counter = w.fresh("increase", "advance"), w.fresh("counter", "total")
    body = w.pick(f"{counter} += 1\n    return {counter}", f"print({counter})\n    {counter} = 2", f"if False:\n        {counter} = 1\n    return {counter}", f"for {counter} in []:\n        pass\n    return {counter}", f"del {counter}")
    return Risk(f"{name}()", "UnboundLocalError", True, f"{counter} = 0\n\n\ndef {name}():\n    {body}")


@risk(VALUES, 1.5, "closure", "undefined_name")
def unbound_free(w: Writer) -> Risk:
    name = w.fresh("outer", "build_later")
    return Risk(f"{name}()", "NameError", True, f"def {name}():\n    def inner():\n        return later\n\n    value = inner()\n    later = 1\n    return value")


@risk(VALUES, 2, "class_scope")
def class_scope(w: Writer) -> Risk:
    name = w.fresh("Defaults", "Table", "Options")
    ways = [
        (f"class {name}:\n    base = 2\n    values = [base * n for n in range(3)]", "NameError"), (f"class {name}:\n    size = 2\n\n    def area(self):\n        return size\n\n{name}().area()", "NameError"),
        (f"class {name}:\n    items = [1, 2]\n    doubled = list(map(lambda n: n * factor, items))\n    factor = 2", "NameError"), (f"class {name}:\n    total = count + 1\n    count = 1", "NameError"),
        (f"class {name}:\n    same = {name}", "NameError"), (f"class {name}:\n    limit = 3\n    pairs = {{n: limit for n in [1]}}", "NameError"), (f"class {name}:\n    x = 1\n    y = (lambda: x)()", "NameError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways))


@risk(VALUES, 2, "del_name")
def deleted(w: Writer) -> Risk:
    name = w.fresh("temporary", "scratch", "buffer")
    return Risk(w.pick(f"{name} = 1\ndel {name}\nprint({name})", f"for {name} in [1]:\n    pass\ndel {name}\n{name}", f"try:\n    1 / 0\nexcept ZeroDivisionError as {name}:\n    pass\nprint({name})"), "NameError")


@risk(VALUES, 2, "base_undefined")
def base_undefined(w: Writer) -> Risk:
    name, base = w.fresh("Entity", "View", "Router"), w.pick("BaseEntity", "DeclarativeBase", "GenericView")
    ways = [(f"class {name}({base}):\n    pass", "NameError"), (f"class {name}(metaclass={base}Meta):\n    pass", "NameError"), (f"class {name}(json.Model):\n    pass", "(NameError, AttributeError)"), (f"class {name}(None):\n    pass", "TypeError")]
    return Risk(*w.rng.choice(ways))


@risk(VALUES, 1.5, "bad_hierarchy")
def bad_hierarchy(w: Writer) -> Risk:
    a, b = w.fresh("Left", "Upper"), w.fresh("Right", "Lower")
    ways = [
        (f"class {a}:\n    pass\n\nclass {b}(object, {a}):\n    pass", "TypeError"), (f"class {a}({b}, {b}):\n    pass", "TypeError"),
        (f"class {a}(type):\n    pass\n\nclass {b}(type):\n    pass\n\nclass Both(metaclass={a}):\n    pass\n\nclass Clash(Both, metaclass={b}):\n    pass", "TypeError"),
        (f"class {a}(bool):\n    pass", "TypeError"), (f"class {a}(1):\n    pass", "TypeError"),
    ]  # fmt: skip
    code, exception = w.rng.choice(ways)
    return Risk(code, exception, before=f"class {b}:\n    pass" if f"({b}, {b})" in code else "")


@risk(VALUES, 1.5, "operator_mismatch")
def operator_mismatch(w: Writer) -> Risk:
    ways = ["'a' + 1", "1 + 'a'", "None + 1", "[] + ()", "len(5)", "'x' * 'y'", "{} | []", "-'x'", "1 < 'a'", "None > 0", "for_each = list(5)", "sorted([1, 'a'])", "sum(['a'])", "'%d' % 'x'", "'a' in 5", "{[]: 1}", "max([])", "'{missing}'.format()", "next(iter([]))", "(1).name", "'x'.upper.lower()", "object().x", "[1].push(2)", "{'a': 1}.a", "abs('x')", "set([[]])", "isinstance(1, 'int')", "'{0} {1}'.format(1)", "(1, 2)[0] = 3", "int.missing", "'a'.join([1])"]
    code = w.rng.choice(ways)
    plain = " = " not in code
    return Risk(code, "Exception", plain)


@risk(VALUES, 1.5, "attribute_missing")
def attribute_of_standard(w: Writer) -> Risk:
    module, name = w.rng.choice([("json", "dump_string"), ("os", "getcwdu"), ("string", "letters"), ("math", "square"), ("logging", "get_logger"), ("functools", "wrap"), ("collections", "Mapping"), ("re", "compil")])
    w.std(module)
    if f"import {module}" not in w.standard:
        w.standard.append(f"import {module}")
    if not w.claim(module, f"standard {module}"):
        return operator_mismatch(w)
    return Risk(w.pick(f"{module}.{name}", f"{module}.{name}('x')"), "AttributeError", True)


@risk(VALUES, 4, "misuse_of_first_party")
def misuse_first_party(w: Writer) -> Risk:
    from .imports import refer

    candidates = [(module, symbol) for module in w.module.imports for symbol in module.exports if symbol.kind in KNOWN]
    if not candidates:
        return operator_mismatch(w)
    module, symbol = w.rng.choice(candidates)
    return Risk(*misuse(w, refer(w, module, symbol), symbol), True)


@risk(VALUES, 1.5, "late_attribute")
def missing_attribute_of_module(w: Writer) -> Risk:
    module = some_module(w)
    top = module.name.partition(".")[0]
    if module is w.module or not w.claim(top, f"package {top}"):
        return undefined(w)
    statement = f"import {module.name}"
    if statement not in w.header:
        w.header.append(statement)
    name = misspell(module.exports[0].name if module.exports else "value", w.rng)
    return Risk(f"{module.name}.{name}", "AttributeError", True)


@risk(VALUES, 1, "system_exit")
def system_exit(w: Writer) -> Risk:
    return Risk(w.pick(f"{w.std('sys')}.exit(1)", "raise SystemExit('no configuration')", f"{w.std('sys')}.exit('bye')", "exit(2)"), "SystemExit")


@risk(VALUES, 1, "annotation_evaluated")
def annotation_evaluated(w: Writer) -> Risk:
    name = w.fresh("annotated", "typed")
    ways = [
        (f"def {name}(a: 'User' | None):\n    return a", "TypeError"), (f"{name}: 'User' | None = None", "TypeError"), (f"class {name.capitalize()}:\n    owner: 'User' | None = None", "TypeError"),
        (f"def {name}(a: list['User'], b: print[int]):\n    return a", "TypeError"), (f"def {name}(a: 5 | 'x') -> None:\n    return a", "TypeError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways))


KNOWN = {"int", "str", "list", "dict", "tuple", "func", "class", "dataclass", "enum", "exc", "instance", "decorator", "factory", "context", "namedtuple", "abc", "generic"}


def as_statement(w: Writer, risk: Risk) -> str:
    """The risk as statements."""
    if not risk.expression:
        return block(risk.code)
    return w.pick(risk.code, f"{w.fresh('value', 'found', 'answer')} = {risk.code}", f"{w.fresh('value', 'found')} = [{risk.code}]")
