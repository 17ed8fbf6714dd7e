"""Places in which code is executed while a module is imported, and ways to survive code that raises there."""

from __future__ import annotations

from collections.abc import Callable

from .model import Writer, block, indent
from .words import WORDS, literal

Carrier = Callable[[Writer, str], str]
CARRIERS: list[tuple[float, Carrier]] = []
EXPRESSION_CARRIERS: list[tuple[float, Carrier]] = []
Guard = Callable[[Writer, str, str], str]
GUARDS: list[tuple[float, Guard]] = []


def carrier(weight: float, *features: str) -> Callable[[Carrier], Carrier]:
    return _registering(CARRIERS, weight, features)


def expression_carrier(weight: float, *features: str) -> Callable[[Carrier], Carrier]:
    return _registering(EXPRESSION_CARRIERS, weight, features)


def _registering(group: list[tuple[float, Carrier]], weight: float, features: tuple[str, ...]) -> Callable[[Carrier], Carrier]:
    def register(make: Carrier) -> Carrier:
        def marked(w: Writer, code: str) -> str:
            w.mark(*features)
            return block(make(w, code))

        group.append((weight, marked))
        return marked

    return register


def guard(weight: float, *features: str) -> Callable[[Guard], Guard]:
    def register(make: Guard) -> Guard:
        def marked(w: Writer, code: str, exception: str) -> str:
            w.mark("try_except", *features)
            return block(make(w, code, exception))

        GUARDS.append((weight, marked))
        return marked

    return register


def carry(w: Writer, code: str) -> str:
    """Statements, executed from somewhere else than the top level."""
    return w.rng.choices([make for _, make in CARRIERS], [weight for weight, _ in CARRIERS])[0](w, code)


def carry_expression(w: Writer, expression: str) -> str:
    return w.rng.choices([make for _, make in EXPRESSION_CARRIERS], [weight for weight, _ in EXPRESSION_CARRIERS])[0](w, expression)


def protect(w: Writer, code: str, exception: str) -> str:
    """Statements that raise `exception`, survived."""
    return w.rng.choices([make for _, make in GUARDS], [weight for weight, _ in GUARDS])[0](w, code, exception)


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
    kind, call = w.rng.choice([("", f"{name}().run()"), ("    @staticmethod\n", f"{name}.run()"), ("    @classmethod\n", f"{name}.run()")])
    argument = {"": "self", "    @classmethod\n": "cls"}.get(kind, "")
    return f"class {name}:\n{kind}    def run({argument}):\n{indent(code, 2)}\n\n\n{call}"


@carrier(1.5, "property")
def in_property(w: Writer, code: str) -> str:
    name = w.fresh("Lazy", "Settings", "Proxy")
    return f"class {name}:\n    @property\n    def engine(self):\n{indent(code, 2)}\n        return 1\n\n\n{w.fresh('engine')} = {name}().engine"


@carrier(2, "decorator")
def in_decorator(w: Writer, code: str) -> str:
    name, func = w.fresh("registered", "traced", "route"), w.fresh("endpoint", "task", "listing")
    kind = w.pick(f"def {func}():\n    return 1", f"class {func.capitalize()}:\n    pass", f"async def {func}():\n    return 1")
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
    first, last = (indent(code, 2), "        return False") if w.chance(0.5) else ("        return self", indent(code, 2))
    return f"class {name}:\n    def __enter__(self):\n{first}\n\n    def __exit__(self, *details):\n{last}\n\n\nwith {name}():\n    {w.fresh('opened')} = True"


@carrier(1.5, "context_generator", "generator")
def in_context_generator(w: Writer, code: str) -> str:
    name = w.fresh("session", "span", "transaction")
    before, after = w.rng.choice([(code, "pass"), ("pass", code)])
    return f"@{w.std('contextlib.contextmanager')}\ndef {name}():\n{indent(before)}\n    yield 1\n{indent(after)}\n\n\nwith {name}() as {w.fresh('number')}:\n    {w.fresh('opened')} = True"


@carrier(1.5, "generator")
def in_generator(w: Writer, code: str) -> str:
    name = w.fresh("rows", "chunks", "pages")
    call = w.pick(f"list({name}())", f"next({name}())", f"for {w.fresh('row')} in {name}():\n    pass", f"sum({name}())", f"tuple(n + 1 for n in {name}())")
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
    condition = w.pick(">= (3, 8)", ">= (3, 12)", "< (3, 13)", ">= (3, 11)", "[:2] == (3, 12)", "< (3, 9)", "[0] == 3", ".minor >= 11" if False else "[1] >= 12")
    other = f"\nelse:\n    {w.fresh('legacy')} = True" if w.chance(0.5) else ""
    return f"if {w.std('sys')}.version_info{condition if condition[0] != '.' else condition}:\n{indent(code)}{other}" if condition[0] in ".[" else f"if {w.std('sys')}.version_info {condition}:\n{indent(code)}{other}"


@carrier(1.5, "platform")
def under_platform(w: Writer, code: str) -> str:
    sys, os = w.std("sys"), w.std("os")
    condition = w.pick(f"{sys}.platform == 'win32'", f"{sys}.platform != 'win32'", f"{sys}.platform.startswith('linux')", f"{os}.name == 'posix'", f"{os}.name == 'nt'", f"{sys}.platform in ('linux', 'darwin')", f"not {sys}.platform.startswith('win')")
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
    value, test = w.rng.choice([("True", name), ("False", f"not {name}"), ("0", name), ("'yes'", f"{name} == 'yes'"), ("None", f"{name} is None"), ("3", f"1 < {name} <= 3"), ("[]", name), ("'a'", f"{name} in ('a', 'b')")])
    return f"{name} = {value}\nif {test}:\n{indent(code)}" + (f"\nelif {name}:\n    pass" if w.chance(0.3) else "")


@carrier(1, "environ_get", "conditional")
def under_environment(w: Writer, code: str) -> str:
    get = w.pick(f"{w.std('os')}.environ.get('FEATURE')", f"{w.std('os.getenv')}('FEATURE', '')", f"'FEATURE' in {w.std('os')}.environ", f"{w.std('os')}.environ.get('DEBUG', '0') == '1'")
    return f"if {w.pick('', 'not ')}{get}:\n{indent(code)}"


@carrier(1, "match")
def in_match(w: Writer, code: str) -> str:
    mode = w.fresh("mode", "stage_name")
    value, pattern = w.rng.choice([("'prod'", "'prod' | 'live'"), ("('tcp', 80)", "('tcp', port)"), ("{'kind': 'a', 'n': 1}", "{'kind': kind}"), ("5", "int(number) if number > 3"), ("[1, 2, 3]", "[first, *rest]"), ("None", "None"), ("'x'", "_"), ("'dev'", "'prod'")])
    return f"{mode} = {value}\nmatch {mode}:\n    case {pattern}:\n{indent(code, 2)}" + (f"\n    case _:\n        {w.fresh('unmatched')} = True" if pattern != "_" else "")


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
    result = {"__len__": "3", "__bool__": "True", "__str__": "'text'", "__iter__": "iter([1])"}.get(method.partition("(")[0], "1")
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


@carrier(0.8, "recursion")
def in_recursion(w: Writer, code: str) -> str:
    name = w.fresh("descend", "walk", "countdown")
    return f"def {name}(depth):\n    if depth == 0:\n{indent(code, 2)}\n        return 0\n    return 1 + {name}(depth - 1)\n\n\n{w.fresh('depth')} = {name}({w.rng.randint(1, 4)})"


@carrier(0.6, "functools_tools")
def in_cached(w: Writer, code: str) -> str:
    name = w.fresh("get_engine", "get_config")
    wrap, call = w.rng.choice([(f"@{w.std('functools.lru_cache')}", f"{name}()"), (f"@{w.std('functools.lru_cache')}(maxsize=None)", f"{name}()\n{name}()"), ("", f"{w.std('functools.partial')}({name})()")])
    return f"{wrap}\ndef {name}():\n{indent(code)}\n    return 1\n\n\n{call}".strip("\n")


@carrier(0.6, "callback")
def in_callback(w: Writer, code: str) -> str:
    name = w.fresh("visit", "transform", "keep")
    call = w.pick(f"list(map({name}, [1, 2]))", f"sorted([2, 1], key={name})", f"[{name}(n) for n in range(2)]", f"any({name}(n) for n in [1])", f"max([1], key={name})", f"list(filter({name}, [1]))", f"(lambda f: f(1))({name})", f"dict(a={name}(1))", f"{{1: {name}}}[1](2)")
    return f"def {name}(n):\n{indent(code)}\n    return n\n\n\n{w.fresh('visited')} = {call}"


# Expressions.


@expression_carrier(3, "default_args")
def as_default(w: Writer, expression: str) -> str:
    name = w.fresh("query", "paginate", "page")
    return w.pick(f"def {name}(limit={expression}):\n    return limit", f"def {name}(limit, *, offset={expression}):\n    return offset", f"{name} = lambda limit={expression}: limit")


@expression_carrier(2, "lambda")
def as_lambda(w: Writer, expression: str) -> str:
    name = w.fresh("compute", "resolve", "provide")
    return w.pick(f"{name} = lambda: {expression}\n{name}()", f"{w.fresh('picked')} = (lambda x: {expression})(1)", f"{w.fresh('ordered')} = sorted([2, 1], key=lambda n: {expression} or n)" if "\n" not in expression else expression)


@expression_carrier(3, "comprehension")
def as_comprehension(w: Writer, expression: str) -> str:
    name = w.fresh("items_", "table", "index_")
    return f"{name} = " + w.pick(f"[{expression} for _ in range(2)]", f"{{str(n): {expression} for n in [1]}}", f"{{n for n in [1, 2] if {expression}}}", f"list({expression} for _ in [1])", f"[n for n in [{expression}]]", f"[[{expression} for _ in 'a'] for _ in 'b']", f"any({expression} for _ in [1])")


@expression_carrier(2, "fstring")
def as_fstring(w: Writer, expression: str) -> str:
    safe = '"' not in expression and "'" not in expression and "\\" not in expression and "{" not in expression and "lambda" not in expression
    return f"{w.fresh('text', 'banner')} = f'v={{{expression}}}'" if safe else f"{w.fresh('text', 'banner')} = 'v=%s' % ({expression},)"


@expression_carrier(2, "class_body")
def as_class_attribute(w: Writer, expression: str) -> str:
    return f"class {w.fresh('Settings', 'Constants')}:\n    first = 1\n    value = {expression}"


@expression_carrier(1, "walrus")
def as_walrus(w: Writer, expression: str) -> str:
    name = w.fresh("hit", "size")
    return w.pick(f"if ({name} := {expression}):\n    pass", f"{w.fresh('pair')} = [{name} := {expression}, 1]", f"while not ({name} := {expression} or 1):\n    pass")


@expression_carrier(1.5, "conditional_expression")
def as_conditional(w: Writer, expression: str) -> str:
    return f"{w.fresh('choice', 'mode')} = " + w.pick(f"{expression} if 1 else 2", f"3 if [] else {expression}", f"0 or {expression}", f"1 and {expression}", f"not ({expression})", f"({expression}) is None", f"1 if {expression} else 2")


@expression_carrier(1.5, "literal_display")
def as_display(w: Writer, expression: str) -> str:
    return f"{w.fresh('registry', 'table')} = " + w.pick(f"{{'x': {expression}}}", f"[1, {expression}]", f"({expression}, 2)", f"dict(x={expression})", f"[*[{expression}]]", f"{{'a': 1, **{{'b': {expression}}}}}", f"list([\n    1,\n    {expression},\n])")


@expression_carrier(1, "assert")
def as_assert(w: Writer, expression: str) -> str:
    return w.pick(f"assert [{expression}]", f"assert True, {expression}", f"assert ({expression}, 1)[1] == 1")


@expression_carrier(1, "dataclass")
def as_field(w: Writer, expression: str) -> str:
    deco, field = w.std("dataclasses.dataclass"), w.std("dataclasses.field")
    name = w.fresh("Card", "Entry")
    return w.pick(f"@{deco}\nclass {name}:\n    value: object = {field}(default_factory=lambda: {expression})\n\n\n{name}()", f"@{deco}\nclass {name}:\n    value: object = {field}(default=None, metadata={{'x': {expression}}})")


@expression_carrier(1, "enum")
def as_member(w: Writer, expression: str) -> str:
    return f"class {w.fresh('Choice', 'Rank')}({w.std('enum.Enum')}):\n    ONE = 1\n    OTHER = [{expression}]"


@expression_carrier(1, "called_at_import")
def as_return(w: Writer, expression: str) -> str:
    name = w.fresh("lookup", "default_value", "current")
    return f"def {name}(*args, **kwargs):\n    return {expression}\n\n\n{w.fresh('looked')} = {name}({w.pick('', '1', 'a=1', '1, b=2')})"


@expression_carrier(1, "star_args")
def as_argument(w: Writer, expression: str) -> str:
    name = w.fresh("gather", "collect")
    return f"def {name}(*parts, **options):\n    return len(parts) + len(options)\n\n\n{w.fresh('size_')} = {name}(" + w.pick(f"*[{expression}]", f"1, x={expression}", f"{expression}", f"**{{'k': {expression}}}") + ")"


@expression_carrier(1, "augmented_assignment")
def as_augmented(w: Writer, expression: str) -> str:
    name = w.fresh("bag", "items_")
    return w.pick(f"{name} = []\n{name} += [{expression}]", f"{name} = {{}}\n{name}['x'] = {expression}", f"{name} = [0]\n{name}[0] = {expression}", f"{name} = {{}}\n{name}.setdefault('x', []).append({expression})", f"{name} = {{}}\n{name}.update(x={expression})")


@expression_carrier(1, "fstring")
def as_message(w: Writer, expression: str) -> str:
    return f"print({expression}, 'loaded', sep=', ')" if w.chance(0.5) else f"{w.std('logging')}.getLogger(__name__).debug('loaded %s', {expression})"


# Guards.


def _result(w: Writer) -> str:
    return f"{w.fresh('available', 'fallback', 'HAS_EXTRA')} = {w.pick('None', 'False')}"


@guard(6)
def matching(w: Writer, code: str, exception: str) -> str:
    return f"try:\n{indent(code)}\nexcept {exception}:\n    {_result(w)}"


@guard(3, "except_exception")
def any_exception(w: Writer, code: str, exception: str) -> str:
    if exception == "SystemExit":
        return matching(w, code, exception)
    name = w.fresh("problem", "reason")
    use = w.pick(f"{name} = str(error)", f"{name} = type(error).__name__", f"print('skipped:', error)", f"{name} = repr(error)", f"{name} = error.args")
    return f"try:\n{indent(code)}\nexcept Exception as error:\n    {use}"


@guard(3, "except_tuple")
def tuple_of_exceptions(w: Writer, code: str, exception: str) -> str:
    inner = exception.strip("()")
    return f"try:\n{indent(code)}\nexcept ({w.pick('KeyError, ', '')}{inner}, OSError){w.pick('', ' as error')}:\n    {_result(w)}"


@guard(2, "except_bare")
def bare(w: Writer, code: str, exception: str) -> str:
    return f"try:\n{indent(code)}\nexcept:  # noqa: E722\n    {_result(w)}"


@guard(2, "try_else", "finally")
def with_else_and_finally(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("loaded", "done")
    return f"try:\n{indent(code)}\nexcept {exception}:\n    {name} = False\nelse:\n    {name} = True\nfinally:\n    {w.fresh('checked')} = True"


@guard(2, "try_nested")
def nested(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {w.pick('ZeroDivisionError', 'StopIteration', 'UnicodeError')}:\n    pass"
    return f"try:\n{indent(inner)}\nexcept {exception}:\n    {_result(w)}"


@guard(1.5, "reraise", "try_nested")
def raised_again(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {exception}{w.pick('', ' as error')}:\n    {w.fresh('seen')} = True\n    raise"
    return f"try:\n{indent(inner)}\nexcept {exception}:\n    {_result(w)}"


@guard(1.5, "raise_from", "try_nested")
def raised_from(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {exception} as error:\n    raise RuntimeError('cannot load') from {w.pick('error', 'None', 'error')}"
    name = w.fresh("origin", "trigger")
    return f"try:\n{indent(inner)}\nexcept RuntimeError as final:\n    {name} = {w.pick('type(final.__cause__).__name__', 'str(final)', 'final.__cause__ is None')}"


@guard(2, "suppress")
def suppressed(w: Writer, code: str, exception: str) -> str:
    return f"with {w.std('contextlib.suppress')}({exception.strip('()')}):\n{indent(code)}\n    {w.fresh('reached')} = True"


@guard(1.5, "context_class", "context_suppressing")
def suppressed_by_own(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("Ignoring", "Tolerant")
    test = w.pick("kind is not None", "True", f"kind is not None and issubclass(kind, {exception})")
    return f"class {name}:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, kind, error, trace):\n        return {test}\n\n\nwith {name}():\n{indent(code)}"


@guard(1.5, "context_generator", "context_suppressing", "generator")
def suppressed_by_generator(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("ignoring", "tolerant")
    return f"@{w.std('contextlib.contextmanager')}\ndef {name}():\n    try:\n        yield\n    except {exception}:\n        pass\n\n\nwith {name}():\n{indent(code)}"


@guard(1.5, "import_error_name")
def by_name(w: Writer, code: str, exception: str) -> str:
    if exception not in ("ImportError", "ModuleNotFoundError"):
        return matching(w, code, exception)
    name = w.fresh("absent", "lacking")
    use = w.pick(f"{name} = error.name", f"if error.name == 'nothing_like_it':\n        raise\n    {name} = error.name", f"{name} = str(error)", f"{name} = error.msg", f"if not error.name:\n        raise\n    {name} = error.path")
    return f"try:\n{indent(code)}\nexcept ImportError as error:\n    {use}"


@guard(1.5, "called_at_import")
def in_function_with_return(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("try_load", "probe", "detect")
    if any(line.startswith("from") and line.endswith("*") for line in code.split("\n")):
        return matching(w, code, exception)
    return f"def {name}():\n    try:\n{indent(code, 2)}\n    except {exception}:\n        return None\n    return True\n\n\n{w.fresh('detected')} = {name}()"


@guard(0.7, "finally", "called_at_import")
def swallowed_by_finally(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("attempt_all", "quietly")
    if any(line.startswith("from") and line.endswith("*") for line in code.split("\n")):
        return matching(w, code, exception)
    return f"def {name}():\n    try:\n{indent(code, 2)}\n    finally:\n        return 1\n\n\n{w.fresh('swallowed')} = {name}()"


@guard(0.7, "loop_for")
def first_that_works(w: Writer, code: str, exception: str) -> str:
    return f"for {w.fresh('attempt')} in range(2):\n    try:\n{indent(code, 2)}\n    except {exception}:\n        continue\n    break\nelse:\n    {_result(w)}"


@guard(0.8, "chained_fallback")
def fallback_raises_too(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {exception}:\n    import {w.pick('orjson', 'ujson', 'simplejson')} as {w.fresh('backend_json')}"
    return f"try:\n{indent(inner)}\nexcept ImportError:\n    {_result(w)}"
