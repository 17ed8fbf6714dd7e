"""Places in which code is executed while a module is imported."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from collections.abc import Callable

from .model import Writer, block, indent
from .words import WORDS, literal

Carrier = Callable[[Writer, str], str]


CARRIERS: list[tuple[float, Carrier]] = []


EXPRESSION_CARRIERS: list[tuple[float, Carrier]] = []


def carrier(weight: float, *features: str) -> Callable[[Carrier], Carrier]:
    return _registering(CARRIERS, weight, features)


def expression_carrier(weight: float, *features: str) -> Callable[[Carrier], Carrier]:
    return _registering(EXPRESSION_CARRIERS, weight, features)


def _registering(
    group: list[tuple[float, Carrier]], weight: float, features: tuple[str, ...]
) -> Callable[[Carrier], Carrier]:
    def register(make: Carrier) -> Carrier:
        def marked(w: Writer, code: str) -> str:
            w.mark(*features)
            return block(make(w, code))

        group.append((weight, marked))
        return marked

    return register


def carry(w: Writer, code: str) -> str:
    """Statements, executed from somewhere else than the top level."""
    return w.rng.choices([make for _, make in CARRIERS], [weight for weight, _ in CARRIERS])[0](w, code)


def carry_expression(w: Writer, expression: str) -> str:
    return w.rng.choices([make for _, make in EXPRESSION_CARRIERS], [weight for weight, _ in EXPRESSION_CARRIERS])[0](
        w, expression
    )


@carrier(5, "called_at_import")
def in_function(w: Writer, code: str) -> str:
    name = w.fresh("setup", "prepare", "bootstrap", "init_app", "configure_all")
    end = f"\n    return {literal(w.rng)}" if w.chance(0.5) else ""
    call = w.pick(f"{name}()", f"{w.fresh('ready', 'state')} = {name}()", f"if {name}() is None:\n    pass")
    return f"def {name}():\n{indent(code)}{end}\n\n\n{call}"


@carrier(2, "called_at_import", "nested_calls")
def in_nested_call(w: Writer, code: str) -> str:
    inner, outer = w.fresh("_load", "_connect"), w.fresh("start_all", "wire")
    return f"def {inner}(flag=True):\n    if flag:\n{indent(code, 2)}\n\n\ndef {outer}():\n    return {inner}()\n\n\n{outer}()"


@carrier(2, "class_body")
def in_class_body(w: Writer, code: str) -> str:
    return f"class {w.fresh('Wiring', 'Container', 'Bootstrap')}:\n{indent(code)}"


@carrier(2, "init_method")
def in_init(w: Writer, code: str) -> str:
    name = w.fresh("Service", "Gateway", "Pool")
    return f"class {name}:\n    def __init__(self):\n        self.ready = True\n{indent(code, 2)}\n\n\n{w.fresh('service', 'gateway')} = {name}()"


@carrier(1.5, "method_call")
def in_method(w: Writer, code: str) -> str:
    name = w.fresh("Loader", "Importer", "Starter")
    kind, call = w.rng.choice(
        [("", f"{name}().run()"), ("    @staticmethod\n", f"{name}.run()"), ("    @classmethod\n", f"{name}.run()")]
    )
    argument = {"": "self", "    @classmethod\n": "cls"}.get(kind, "")
    return f"class {name}:\n{kind}    def run({argument}):\n{indent(code, 2)}\n\n\n{call}"


@carrier(1.5, "property")
def in_property(w: Writer, code: str) -> str:
    name = w.fresh("Lazy", "Settings", "Proxy")
    return f"class {name}:\n    @property\n    def engine(self):\n{indent(code, 2)}\n        return 1\n\n\n{w.fresh('engine')} = {name}().engine"


@carrier(2, "decorator")
def in_decorator(w: Writer, code: str) -> str:
    name, func = w.fresh("registered", "traced", "route"), w.fresh("endpoint", "task", "listing")
    kind = w.pick(
        f"def {func}():\n    return 1", f"class {func.capitalize()}:\n    pass", f"async def {func}():\n    return 1"
    )
    return f"def {name}(target):\n{indent(code)}\n    return target\n\n\n@{name}\n{kind}"


@carrier(2, "decorator", "decorator_args", "closure")
def in_decorator_factory(w: Writer, code: str) -> str:
    name, func = w.fresh("route", "command", "listens"), w.fresh("endpoint", "task", "listing")
    return f"def {name}(path):\n    def apply(target):\n{indent(code, 2)}\n        return target\n\n    return apply\n\n\n@{name}('/{w.rng.choice(WORDS)}')\ndef {func}():\n    return 1"


@carrier(1, "decorator", "wraps")
def in_wrapped(w: Writer, code: str) -> str:
    name, func = w.fresh("logged", "timed"), w.fresh("compute", "refresh_all")
    return f"def {name}(func):\n    @{w.std('functools.wraps')}(func)\n    def inner(*args, **kwargs):\n{indent(code, 2)}\n        return func(*args, **kwargs)\n\n    return inner\n\n\n@{name}\ndef {func}(a, b=2):\n    return a\n\n\n{func}(1)"


@carrier(1.5, "init_subclass")
def in_init_subclass(w: Writer, code: str) -> str:
    name, child = w.fresh("Plugin", "Node"), w.fresh("Mail", "Leaf")
    keyword = w.pick("", ", tag='x'")
    parameter = ", tag=None" if keyword else ""
    return f"class {name}:\n    def __init_subclass__(cls{parameter}, **kwargs):\n        super().__init_subclass__(**kwargs)\n{indent(code, 2)}\n\n\nclass {child}({name}{keyword}):\n    pass"


@carrier(1.5, "metaclass")
def in_metaclass(w: Writer, code: str) -> str:
    name, child = w.fresh("Meta", "RegistryMeta"), w.fresh("Model", "Document")
    if w.chance(0.3):
        return f"class {name}(type):\n    def __call__(cls, *args):\n{indent(code, 2)}\n        return super().__call__(*args)\n\n\nclass {child}(metaclass={name}):\n    pass\n\n\n{child}()"
    return f"class {name}(type):\n    def __new__(mcs, name, bases, namespace):\n{indent(code, 2)}\n        return super().__new__(mcs, name, bases, namespace)\n\n\nclass {child}(metaclass={name}):\n    table = 'x'"


@carrier(1.5, "context_class")
def in_context(w: Writer, code: str) -> str:
    name = w.fresh("Session", "Scope", "Span")
    first, last = (
        (indent(code, 2), "        return False") if w.chance(0.5) else ("        return self", indent(code, 2))
    )
    return f"class {name}:\n    def __enter__(self):\n{first}\n\n    def __exit__(self, *details):\n{last}\n\n\nwith {name}():\n    {w.fresh('opened')} = True"


@carrier(1.5, "context_generator", "generator")
def in_context_generator(w: Writer, code: str) -> str:
    name = w.fresh("session", "span", "transaction")
    before, after = w.rng.choice([(code, "pass"), ("pass", code)])
    return f"@{w.std('contextlib.contextmanager')}\ndef {name}():\n{indent(before)}\n    yield 1\n{indent(after)}\n\n\nwith {name}() as {w.fresh('number')}:\n    {w.fresh('opened')} = True"


@carrier(1.5, "generator")
def in_generator(w: Writer, code: str) -> str:
    name = w.fresh("rows", "chunks", "pages")
    call = w.pick(
        f"list({name}())",
        f"next({name}())",
        f"for {w.fresh('row')} in {name}():\n    pass",
        f"sum({name}())",
        f"tuple(n + 1 for n in {name}())",
    )
    return f"def {name}():\n{indent(code)}\n    yield 1\n    yield 2\n\n\n{call}"


@carrier(1.5, "loop_for")
def in_loop(w: Writer, code: str) -> str:
    kind = w.pick("range(1)", "[1]", "('x',)", "{'k': 1}", "range(3)")
    stop = w.pick("\n    break", "", "\nelse:\n    pass", "\n    continue")
    return f"for {w.fresh('step', 'item')} in {kind}:\n{indent(code)}{stop}"


@carrier(1, "loop_while")
def in_while(w: Writer, code: str) -> str:
    name = w.fresh("tries", "left")
    return f"{name} = 2\nwhile {name} > 0:\n    {name} -= 1\n{indent(code)}"


@carrier(1.5, "version_info")
def under_version(w: Writer, code: str) -> str:
    condition = w.pick(
        " >= (3, 8)", " >= (3, 12)", " < (3, 13)", " >= (3, 11)", "[:2] == (3, 12)", " < (3, 9)", "[0] == 3", "[1] >= 12",
        ".minor >= 11", ".major > 2",
    )  # fmt: skip
    other = f"\nelse:\n    {w.fresh('legacy')} = True" if w.chance(0.5) else ""
    return f"if {w.std('sys')}.version_info{condition}:\n{indent(code)}{other}"


@carrier(1.5, "platform")
def under_platform(w: Writer, code: str) -> str:
    sys, os = w.std("sys"), w.std("os")
    condition = w.pick(
        f"{sys}.platform == 'win32'",
        f"{sys}.platform != 'win32'",
        f"{sys}.platform.startswith('linux')",
        f"{os}.name == 'posix'",
        f"{os}.name == 'nt'",
        f"{sys}.platform in ('linux', 'darwin')",
        f"not {sys}.platform.startswith('win')",
    )
    return f"if {condition}:\n{indent(code)}" + (f"\nelse:\n    {w.fresh('other_system')} = 1" if w.chance(0.4) else "")


@carrier(1, "main_guard")
def under_main(w: Writer, code: str) -> str:
    return f"if __name__ {w.pick('==', '==', '!=')} {w.pick(repr('__main__'), repr('__main__'), repr(w.module.name))}:\n{indent(code)}"


@carrier(1, "type_checking")
def under_type_checking(w: Writer, code: str) -> str:
    return f"if {w.pick('', '', 'not ')}{w.std('typing.TYPE_CHECKING')}:\n{indent(code)}"


@carrier(1, "conditional")
def under_condition(w: Writer, code: str) -> str:
    name = w.fresh("ENABLED", "DEBUG", "USE_CACHE")
    value, test = w.rng.choice(
        [
            ("True", name),
            ("False", f"not {name}"),
            ("0", name),
            ("'yes'", f"{name} == 'yes'"),
            ("None", f"{name} is None"),
            ("3", f"1 < {name} <= 3"),
            ("[]", name),
            ("'a'", f"{name} in ('a', 'b')"),
        ]
    )
    return f"{name} = {value}\nif {test}:\n{indent(code)}" + (f"\nelif {name}:\n    pass" if w.chance(0.3) else "")


@carrier(1, "environ_get", "conditional")
def under_environment(w: Writer, code: str) -> str:
    get = w.pick(
        f"{w.std('os')}.environ.get('FEATURE')",
        f"{w.std('os.getenv')}('FEATURE', '')",
        f"'FEATURE' in {w.std('os')}.environ",
        f"{w.std('os')}.environ.get('DEBUG', '0') == '1'",
    )
    return f"if {w.pick('', 'not ')}{get}:\n{indent(code)}"


@carrier(1, "match")
def in_match(w: Writer, code: str) -> str:
    mode = w.fresh("mode", "stage_name")
    value, pattern = w.rng.choice(
        [
            ("'prod'", "'prod' | 'live'"),
            ("('tcp', 80)", "('tcp', port)"),
            ("{'kind': 'a', 'n': 1}", "{'kind': kind}"),
            ("5", "int(number) if number > 3"),
            ("[1, 2, 3]", "[first, *rest]"),
            ("None", "None"),
            ("'x'", "_"),
            ("'dev'", "'prod'"),
        ]
    )
    return f"{mode} = {value}\nmatch {mode}:\n    case {pattern}:\n{indent(code, 2)}" + (
        f"\n    case _:\n        {w.fresh('unmatched')} = True" if pattern != "_" else ""
    )


@carrier(1, "finally")
def in_finally(w: Writer, code: str) -> str:
    return f"try:\n    {w.fresh('attempt')} = {literal(w.rng)}\nfinally:\n{indent(code)}"


@carrier(0.8, "special_method")
def in_special_method(w: Writer, code: str) -> str:
    name = w.fresh("Registry", "Box", "Token")
    method, use = w.rng.choice([
        ("__getattr__(self, name)", f"{name}().anything"), ("__getitem__(self, key)", f"{name}()['k']"), ("__call__(self)", f"{name}()()"), ("__len__(self)", f"len({name}())"),
        ("__bool__(self)", f"bool({name}())"), ("__str__(self)", f"f'{{{name}()}}'"), ("__iter__(self)", f"list({name}())"), ("__contains__(self, item)", f"1 in {name}()"),
        ("__add__(self, other)", f"{name}() + 1"), ("__eq__(self, other)", f"{name}() == 1"), ("__class_getitem__(cls, item)", f"{name}[int]"), ("__set_name__(self, owner, name)", ""), ("__get__(self, instance, owner)", ""),
    ])  # fmt: skip
    result = {"__len__": "3", "__bool__": "True", "__str__": "'text'", "__iter__": "iter([1])"}.get(
        method.partition("(")[0], "1"
    )
    head = f"class {name}:\n    def {method}:\n{indent(code, 2)}\n        return {result}\n\n\n"
    if use:
        return head + use
    owner = w.fresh("Owner", "Form")
    return head + f"class {owner}:\n    field = {name}()\n\n\n{owner}.field"


@carrier(0.8, "global_statement")
def with_global(w: Writer, code: str) -> str:
    name, flag = w.fresh("activate", "switch_on"), w.fresh("active", "started")
    return f"{flag} = False\n\n\ndef {name}():\n    global {flag}\n    {flag} = True\n{indent(code)}\n\n\n{name}()\nassert {flag}"


@carrier(0.8, "nonlocal_statement", "closure")
def with_nonlocal(w: Writer, code: str) -> str:
    name = w.fresh("make_counter", "accumulate")
    return f"def {name}():\n    count = 0\n\n    def step():\n        nonlocal count\n        count += 1\n{indent(code, 2)}\n        return count\n\n    return step\n\n\n{w.fresh('ticks')} = {name}()()"


@carrier(1, "recursion")
def in_recursion(w: Writer, code: str) -> str:
    name = w.fresh("descend", "walk", "countdown")
    return f"def {name}(depth):\n    if depth == 0:\n{indent(code, 2)}\n        return 0\n    return 1 + {name}(depth - 1)\n\n\n{w.fresh('depth')} = {name}({w.rng.randint(1, 4)})"


@carrier(0.6, "functools_tools")
def in_cached(w: Writer, code: str) -> str:
    name = w.fresh("get_engine", "get_config")
    wrap, call = w.rng.choice(
        [
            (f"@{w.std('functools.lru_cache')}", f"{name}()"),
            (f"@{w.std('functools.lru_cache')}(maxsize=None)", f"{name}()\n{name}()"),
            ("", f"{w.std('functools.partial')}({name})()"),
        ]
    )
    return f"{wrap}\ndef {name}():\n{indent(code)}\n    return 1\n\n\n{call}".strip("\n")


@carrier(0.6, "callback")
def in_callback(w: Writer, code: str) -> str:
    name = w.fresh("visit", "transform", "keep")
    call = w.pick(
        f"list(map({name}, [1, 2]))",
        f"sorted([2, 1], key={name})",
        f"[{name}(n) for n in range(2)]",
        f"any({name}(n) for n in [1])",
        f"max([1], key={name})",
        f"list(filter({name}, [1]))",
        f"(lambda f: f(1))({name})",
        f"dict(a={name}(1))",
        f"{{1: {name}}}[1](2)",
    )
    return f"def {name}(n):\n{indent(code)}\n    return n\n\n\n{w.fresh('visited')} = {call}"
