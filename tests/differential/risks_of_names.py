"""Names and attributes that are not there, and first-party names that are misused."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .imports import refer
from .model import Writer
from .risks import VALUES, Risk, risk, some_module
from .risks_of_values import operator_mismatch
from .uses import misuse
from .words import misspell


@risk(VALUES, 3, "undefined_name")
def undefined(w: Writer) -> Risk:
    known = w.rng.choice(w.module.exports).name if w.module.exports else "settings"
    name = w.pick(misspell(known, w.rng), "undefined_value", "db", "logger", "app_config")
    if name in w.bound:
        name += "_x"
    return Risk(
        w.pick(name, f"{name}.get('x')", f"{name}(1)", f"[{name}]", f"print({name})", f"{name} + 1", f"{name}[0]"),
        "NameError",
        True,
    )


@risk(VALUES, 1.5, "undefined_name", "standard_not_imported")
def forgotten_import(w: Writer) -> Risk:
    module = w.pick(
        "json.dumps({})",
        "re.compile('x')",
        "os.getcwd()",
        "datetime.now()",
        "Path('.')",
        "Optional[int]",
        "math.pi",
        "uuid4()",
    )
    name = module.split(".")[0].split("(")[0].split("[")[0]
    if name in w.bound or name in w.known:
        return undefined(w)
    w.bound[name] = "forgotten"
    return Risk(module, "NameError", True)


@risk(VALUES, 2, "unbound_local")
def unbound_local(w: Writer) -> Risk:
    name, counter = w.fresh("increase", "advance"), w.fresh("counter", "total")
    body = w.pick(
        f"{counter} += 1\n    return {counter}",
        f"print({counter})\n    {counter} = 2",
        f"if False:\n        {counter} = 1\n    return {counter}",
        f"for {counter} in []:\n        pass\n    return {counter}",
        f"del {counter}",
    )
    return Risk(f"{name}()", "UnboundLocalError", True, f"{counter} = 0\n\n\ndef {name}():\n    {body}")


@risk(VALUES, 1.5, "closure", "undefined_name")
def unbound_free(w: Writer) -> Risk:
    name = w.fresh("outer", "build_later")
    return Risk(
        f"{name}()",
        "NameError",
        True,
        f"def {name}():\n    def inner():\n        return later\n\n    value = inner()\n    later = 1\n    return value",
    )


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
    return Risk(
        w.pick(
            f"{name} = 1\ndel {name}\nprint({name})",
            f"for {name} in [1]:\n    pass\ndel {name}\n{name}",
            f"try:\n    1 / 0\nexcept ZeroDivisionError as {name}:\n    pass\nprint({name})",
        ),
        "NameError",
    )


@risk(VALUES, 2, "base_undefined")
def base_undefined(w: Writer) -> Risk:
    name, base = w.fresh("Entity", "View", "Router"), w.pick("BaseEntity", "DeclarativeBase", "GenericView")
    ways = [
        (f"class {name}({base}):\n    pass", "NameError"),
        (f"class {name}(metaclass={base}Meta):\n    pass", "NameError"),
        (f"class {name}(json.Model):\n    pass", "(NameError, AttributeError)"),
        (f"class {name}(None):\n    pass", "TypeError"),
    ]
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


@risk(VALUES, 1.5, "attribute_missing")
def attribute_of_standard(w: Writer) -> Risk:
    module, name = w.rng.choice(
        [
            ("json", "dump_string"),
            ("os", "getcwdu"),
            ("string", "letters"),
            ("math", "square"),
            ("logging", "get_logger"),
            ("functools", "wrap"),
            ("collections", "Mapping"),
            ("re", "compil"),
        ]
    )
    w.std(module)
    if f"import {module}" not in w.standard:
        w.standard.append(f"import {module}")
    if not w.claim(module, f"standard {module}"):
        return operator_mismatch(w)
    return Risk(w.pick(f"{module}.{name}", f"{module}.{name}('x')"), "AttributeError", True)


@risk(VALUES, 4, "misuse_of_first_party")
def misuse_first_party(w: Writer) -> Risk:

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


@risk(VALUES, 1, "annotation_evaluated")
def annotation_evaluated(w: Writer) -> Risk:
    name = w.fresh("annotated", "typed")
    ways = [
        (f"def {name}(a: 'User' | None):\n    return a", "TypeError"), (f"{name}: 'User' | None = None", "TypeError"), (f"class {name.capitalize()}:\n    owner: 'User' | None = None", "TypeError"),
        (f"def {name}(a: list['User'], b: print[int]):\n    return a", "TypeError"), (f"def {name}(a: 5 | 'x') -> None:\n    return a", "TypeError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways))


KNOWN = {
    "int",
    "str",
    "list",
    "dict",
    "tuple",
    "func",
    "class",
    "dataclass",
    "enum",
    "exc",
    "instance",
    "decorator",
    "factory",
    "context",
    "namedtuple",
    "abc",
    "generic",
}
