"""Chunks of module-level code about one feature each. With `bad` they raise, or may; without, they never do."""

from __future__ import annotations

from collections.abc import Callable

from .imports import refer_inside
from .model import Module, Symbol, Writer, block, indent
from .uses import use
from .words import NOUNS, WORDS, camel, literal

Maker = Callable[[Writer, bool], str]
SNIPPETS: list[tuple[float, Maker]] = []


def snippet(weight: float, *features: str) -> Callable[[Maker], Maker]:
    def register(make: Maker) -> Maker:
        def marked(w: Writer, bad: bool) -> str:
            w.mark(*features)
            return block(make(w, bad))

        SNIPPETS.append((weight, marked))
        return marked

    return register


def choose(w: Writer, bad: bool = False) -> str:
    return w.rng.choices([make for _, make in SNIPPETS], [weight for weight, _ in SNIPPETS])[0](w, bad)


def importable(w: Writer) -> tuple[Module, Symbol] | None:
    """A symbol of a module that this one may import."""
    found = [(module, symbol) for module in w.module.imports for symbol in module.exports if "replaced" not in module.traits]
    return w.rng.choice(found) if found else None


# Annotations.


@snippet(4, "annotation_function")
def annotated_function(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("save_one", "convert", "lookup_one"), w.pick("UserOut", "OrderRow", "Session", "Request")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    bare = bad or w.module.traits & {"future"}
    note = w.pick(missing, f"list[{missing}]", f"{missing} | None") if bare else w.pick(repr(missing), f"list[{missing!r}]", f"{w.std('typing.Optional')}[{missing!r}]")
    later = f"\n\n\nclass {missing}:\n    pass" if w.chance(0.5) and w.claim(missing, "own") else ""
    if later:
        w.mark("annotation_later")
    head = w.pick(f"def {name}(item: {note}):", f"def {name}(item, *, other: {note} = None):", f"def {name}(item=None) -> {note}:", f"async def {name}(*items: {note}):")
    return f"{head}\n    return None{later}"


@snippet(3, "annotation_class")
def annotated_class(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("Record", "Envelope", "Page"), w.pick("Author", "Money", "Address")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    bare = bad or w.module.traits & {"future"}
    note = missing if bare else repr(missing)
    value = w.pick("", " = None")
    deco = f"@{w.std('dataclasses.dataclass')}\n" if w.chance(0.35) else ""
    later = f"\n\n\nclass {missing}:\n    pass" if w.chance(0.5) and w.claim(missing, "own") else ""
    own = f"\n    following: {name if bare else repr(name)} = None" if w.chance(0.3) else ""
    return f"{deco}class {name}:\n    first: {note}{value}\n    second: int = 0{own if value or not deco else own}{later}"


@snippet(2.5, "annotation_module")
def annotated_variable(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("current_user", "pool", "mailer_client"), w.pick("Engine", "Mailer", "AsyncPool")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    note = missing if bad or w.module.traits & {"future"} else repr(missing)
    return f"{name}: {note}{w.pick('', ' = None')}"


@snippet(1, "annotation_local")
def annotated_local(w: Writer, bad: bool) -> str:
    name = w.fresh("collect_rows", "tally")
    return f"def {name}():\n    rows: UndefinedRow = []\n    total: Undefined.Total\n    return rows\n\n\n{w.fresh('rows_')} = {name}()"


@snippet(4, "type_checking")
def type_checking(w: Writer, bad: bool) -> str:
    chosen = importable(w) or next(((module, symbol) for module in w.module.back for symbol in module.exports), None)
    if chosen is None or chosen[1].name in w.bound:
        return ""
    module, symbol = chosen
    w.bound[symbol.name] = f"type checking {module.name}"
    name = w.fresh("describe_one", "apply_to")
    if bad:
        w.mark("type_checking_runtime")
        after = w.pick(f"{w.fresh('made')} = {use(w, symbol.name, symbol)}", f"def {name}(item: {symbol.name}):\n    return item", f"def {name}():\n    return {symbol.name}\n\n\n{name}()", f"class {w.fresh('Child')}:\n    kind: {symbol.name} = None")
    else:
        w.mark("annotation_string")
        note = symbol.name if "future" in w.module.traits else repr(symbol.name)
        guarded = f"try:\n    {w.fresh('now')} = {use(w, symbol.name, symbol)}\nexcept NameError:\n    {w.fresh('not_now')} = True"
        if w.chance(0.3):
            w.mark("type_checking_runtime")
            return f"if {w.std('typing.TYPE_CHECKING')}:\n    from {module.name} import {symbol.name}\n\n{guarded}"
        after = w.pick(f"def {name}(item: {note}) -> {note}:\n    return item", f"def {name}():\n    return {symbol.name}", f"class {w.fresh('Holder')}:\n    item: {note} = None")
    test = w.std("typing.TYPE_CHECKING")
    return f"if {test}:\n    from {module.name} import {symbol.name}\n\n\n{after}"


@snippet(1, "type_checking", "type_checking_missing")
def type_checking_of_missing(w: Writer, bad: bool) -> str:
    return f"if {w.std('typing.TYPE_CHECKING')}:\n    from {w.pick('sqlalchemy.orm', 'redis', 'starlette.requests')} import {w.pick('Session', 'Client', 'Request')}"


@snippet(1.2, "get_type_hints")
def type_hints(w: Writer, bad: bool) -> str:
    name = w.fresh("typed_one", "hinted")
    note = "'NotDefinedAnywhere'" if bad else w.pick("'int'", "int", "'list[int]'")
    return f"def {name}(item: {note}):\n    return item\n\n\n{w.fresh('hints')} = {w.std('typing.get_type_hints')}({name})"


# Guarded and conditional imports that work.


@snippet(3, "try_import")
def optional_dependency(w: Writer, bad: bool) -> str:
    module, standard = w.rng.choice([("ujson", "json"), ("tomli", "json"), ("orjson", "json"), ("regex", "re"), ("simplejson", "json"), ("cPickle", "pickle")])
    alias = w.fresh("jsonlib", "fast", "engine_lib")
    kind = w.pick("ImportError", "ModuleNotFoundError", "Exception", "(ImportError, AttributeError)")
    flag = f"\n    {w.fresh('HAS_FAST', 'FAST')} = False" if w.chance(0.4) else ""
    return f"try:\n    import {module} as {alias}\nexcept {kind}:\n    import {standard} as {alias}{flag}"


@snippet(2, "try_import", "conditional_use")
def optional_feature(w: Writer, bad: bool) -> str:
    name, flag = w.pick("redis", "sentry_sdk", "uvloop", "prometheus_client"), w.fresh("HAS_REDIS", "ENABLED", "AVAILABLE")
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
        return w.pick(f"if {sys}.platform != 'win32':\n    import winreg", f"if {w.std('os')}.name == 'posix':\n    import msvcrt")
    return w.pick(f"if {sys}.platform == 'win32':\n    import winreg", f"if {w.std('os')}.name == 'nt':\n    import msvcrt\nelse:\n    import posixpath as native_path")


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
    return "if __name__ == '__main__':\n" + indent(w.pick("import uvicorn\n\nuvicorn.run('main:app', port=8000)", "raise SystemExit(main())", "print(undefined_name)", "run()"))


# The language.


@snippet(1.5, "class_body", "inheritance")
def hierarchy(w: Writer, bad: bool) -> str:
    a, b, c = w.fresh("Base", "Timestamped"), w.fresh("Named", "Mixin"), w.fresh("Article", "Thing")
    attribute = "created_by" if bad else "created"
    w.mark("super_call")
    return f"""
class {a}:
    created = {literal(w.rng)}

    def __init__(self, name="x", **rest):
        super().__init__(**rest)
        self.name = name


class {b}:
    def label(self):
        return [self.name, self.{attribute}]


class {c}({b}, {a}):
    def __init__(self, title, **rest):
        super().__init__(name=title, **rest)
        self.title = title


{w.fresh("sample")} = {c}("first").label()
"""


@snippet(1.5, "metaclass", "registry")
def registering_metaclass(w: Writer, bad: bool) -> str:
    meta, base, child = w.fresh("ModelMeta", "TableMeta"), w.fresh("Model", "Entity"), w.fresh("Person", "Ticket")
    store = w.fresh("MODELS", "TABLES")
    key = "missing" if bad else child
    return f"""
{store} = {{}}


class {meta}(type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        {store}[name] = cls


class {base}(metaclass={meta}):
    pass


class {child}({base}):
    columns = ("id", "name")


assert {store}[{key!r}].columns == ("id", "name")
"""


@snippet(1.5, "init_subclass", "registry")
def registering_subclass(w: Writer, bad: bool) -> str:
    base, child = w.fresh("Command", "Strategy"), w.fresh("Create", "Remove")
    given = ", code='c'" if not bad else ""
    return f"""
class {base}:
    registry = {{}}

    def __init_subclass__(cls, code, **rest):
        super().__init_subclass__(**rest)
        {base}.registry[code] = cls


class {child}({base}{given}):
    pass


{w.fresh("registered")} = {base}.registry["c"]()
"""


@snippet(2, "decorator", "registry", "closure")
def route_table(w: Writer, bad: bool) -> str:
    name, table, one = w.fresh("route", "on"), w.fresh("ROUTES", "EVENTS"), w.fresh("index", "created")
    path = w.rng.choice(WORDS)
    wanted = "nowhere" if bad else path
    return f"""
{table} = {{}}


def {name}(path, methods=("GET",)):
    def add(func):
        if path in {table}:
            raise ValueError(f"duplicate route {{path}}")
        {table}[path] = (func, list(methods))
        return func

    return add


@{name}({path!r}, methods=["GET", "POST"])
def {one}(request=None):
    return {literal(w.rng)}


{w.fresh("response")} = {table}[{wanted!r}][0]()
"""


@snippet(1.5, "closure", "lambda")
def closures(w: Writer, bad: bool) -> str:
    name = w.fresh("multiplier", "adder")
    argument = "" if bad else "3"
    return f"def {name}(factor):\n    def apply(value, *more):\n        return value * factor + sum(more)\n\n    return apply\n\n\n{w.fresh('triple', 'by_three')} = {name}({argument})\n{w.fresh('nine')} = {w.pick('list(map(lambda f: f(3, 1), [' + name + '(2)]))', name + '(3)(3, 1, 2)')}"


@snippet(1.2, "generator", "loop_while")
def generators(w: Writer, bad: bool) -> str:
    name = w.fresh("numbers", "batches")
    end = "next(gen)" if bad else "next(gen, None)"
    return f"def {name}(limit):\n    current = 0\n    while current < limit:\n        yield current\n        current += 1\n\n\ndef {name}_all():\n    gen = {name}(2)\n    first = next(gen)\n    rest = list(gen)\n    yield from {name}(1)\n    return first, rest, {end}\n\n\n{w.fresh('drained')} = list({name}_all())"


@snippet(1.5, "comprehension", "loop_for")
def loops(w: Writer, bad: bool) -> str:
    table = w.fresh("matrix", "rows_by_key")
    index = "7" if bad else "1"
    return f"{table} = {{(x, y): x * y for x in range(3) for y in range(3) if x != y}}\n{w.fresh('total')} = 0\nfor (left, right), product in {table}.items():\n    if product > 1:\n        break\nelse:\n    left = None\n{w.fresh('pick')} = sorted({table})[{index}]" + ("" if index == "1" else "[4]")


@snippet(1.2, "match")
def matching(w: Writer, bad: bool) -> str:
    name = w.fresh("classify", "dispatch")
    argument = "{'other': 1}" if bad else w.pick("{'type': 'a'}", "[1, 2]", "'text'", "7")
    return f"""
def {name}(event):
    match event:
        case {{"type": kind}}:
            return kind
        case [first, *_]:
            return first
        case str() | int():
            return event
        case _:
            raise ValueError(f"cannot handle {{event!r}}")


{w.fresh("handled")} = {name}({argument})
"""


@snippet(1.2, "walrus", "conditional")
def walrus(w: Writer, bad: bool) -> str:
    name = w.fresh("length", "parts")
    return f"if ({name} := len({'None' if bad else repr(w.rng.choice(WORDS))})) > 3:\n    {w.fresh('long')} = {name}\nelse:\n    {w.fresh('short')} = -{name}"


@snippet(1.5, "context_class")
def transaction(w: Writer, bad: bool) -> str:
    name, log = w.fresh("Transaction", "Lock"), w.fresh("journal", "opened")
    order = "['exit', 'enter']" if bad else "['enter', 'exit']"
    return f"{log} = []\n\n\nclass {name}:\n    def __enter__(self):\n        {log}.append('enter')\n        return self\n\n    def __exit__(self, kind, error, trace):\n        {log}.append('exit')\n\n\nwith {name}() as current, {name}():\n    pass\n\nif {log}[::3] != {order}:\n    raise RuntimeError(str({log}))"


@snippet(1.2, "nonlocal_statement", "global_statement")
def scopes(w: Writer, bad: bool) -> str:
    name, state = w.fresh("counter", "sequence"), w.fresh("issued", "calls")
    declare = "" if bad else f"        global {state}\n"
    return f"{state} = 0\n\n\ndef {name}():\n    count = 0\n\n    def step():\n        nonlocal count\n        count += 1\n        return count\n\n    def total():\n{declare}        {state} += step()\n        return {state}\n\n    return total\n\n\nassert {name}()() == 1"


@snippet(1.2, "dataclass")
def dataclasses(w: Writer, bad: bool) -> str:
    name = w.fresh("Point", "Window")
    end = f"{w.fresh('moved')} = {w.std('dataclasses.replace')}({name}(1), y=3)" if w.chance(0.3) else f"assert {name}(1).total == {'2' if bad else '1'}"
    return f"@{w.std('dataclasses.dataclass')}\nclass {name}:\n    x: int\n    y: int = 0\n    tags: list = {w.std('dataclasses.field')}(default_factory=list)\n\n    def __post_init__(self):\n        self.total = self.x + self.y\n\n\n{end}"


@snippet(1.2, "enum")
def enums(w: Writer, bad: bool) -> str:
    name = w.fresh("Status", "Priority")
    base = w.std(w.pick("enum.IntEnum", "enum.Enum"))
    return f"class {name}({base}):\n    LOW = 1\n    HIGH = 2\n\n    @property\n    def label(self):\n        return self.name.lower()\n\n    @classmethod\n    def default(cls):\n        return cls.LOW\n\n\nassert {name}.default().label == {'high' if bad else 'low'!r}\n{w.fresh('by_label')} = {{status.label: status for status in {name}}}"


@snippet(1.2, "typing_generics")
def typing_use(w: Writer, bad: bool) -> str:
    typing = {name: w.std(f"typing.{name}") for name in ("Optional", "Union", "Callable", "Any")}
    name = w.fresh("Handler", "Payload_")
    ways = [f"{typing['Callable']}[[int, str], bool]", f"{typing['Optional']}[{typing['Union']}[int, str]]", "dict[str, list[int]]", f"{typing['Union']}[int, 'Later', None]", f"tuple[{typing['Any']}, ...]", "int | None"]
    if bad:
        ways = [f"{typing['Optional']}[int, str]", "int | 'Later'", "list[int].missing", f"{typing['Union']}[()]", "[int] | None"]
    return f"{name} = {w.rng.choice(ways)}\n\n\ndef {w.fresh('takes')}(value: {name}) -> {typing['Any']}:\n    return value"


@snippet(1, "protocol", "abc")
def protocols(w: Writer, bad: bool) -> str:
    name, impl = w.fresh("Repository", "Notifier"), w.fresh("InMemory", "Console")
    call = f"{name}()" if bad else f"{impl}().get(1)"
    return f"class {name}({w.std('typing.Protocol')}):\n    def get(self, key: int) -> object: ...\n\n\nclass {impl}:\n    def get(self, key):\n        return key\n\n\n{w.fresh('got')} = {call}"


@snippet(1, "property", "special_method")
def descriptors(w: Writer, bad: bool) -> str:
    name, owner = w.fresh("Positive", "Column"), w.fresh("Invoice", "Sheet")
    value = "-1" if bad else "5"
    return f"""
class {name}:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return self if instance is None else getattr(instance, self.name, 0)

    def __set__(self, instance, value):
        if value < 0:
            raise ValueError(f"{{self.name[1:]}} must be positive, not {{value}}")
        setattr(instance, self.name, value)


class {owner}:
    amount = {name}()

    def __init__(self, amount):
        self.amount = amount


assert {owner}({value}).amount == 5
"""


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
        return f"{name} = " + w.pick(f"{w.std('json')}.dump({{}})", f"{w.std('datetime.timedelta')}(day=1)", f"{w.std('os.path.join')}('a', None)", f"{w.std('collections.OrderedDict')}(1)", f"{w.std('functools.partial')}()")
    return f"{name} = " + w.pick(f"{w.std('json')}.dumps({{'a': 1}})", f"{w.std('datetime.timedelta')}(days=1)", f"{w.std('os.path.join')}('a', 'b')", f"{w.std('collections.defaultdict')}(list)", f"{w.std('collections.Counter')}('abc')", f"{w.std('re.compile')}(r'\\d+')", f"{w.std('functools.partial')}(int, base=2)", f"{w.std('itertools.chain')}([1], [2])", f"{w.std('types.SimpleNamespace')}(a=1).a", f"{w.std('pathlib.Path')}('data') / 'x.db'", f"{w.std('collections.deque')}(maxlen=3)", f"{w.std('threading.Lock')}()", f"{w.std('string.Template')}('$x')", f"{w.std('operator.attrgetter')}('name')")


@snippet(1, "async_definitions")
def coroutines(w: Writer, bad: bool) -> str:
    name = w.fresh("fetch_all", "poll")
    return f"async def {name}(client=None):\n    async with client as session:\n        return [row async for row in session.rows() if await row.ready()]" + (f"\n\n\n{w.fresh('polled')} = {name}().result" if bad else "")


@snippet(0.25, "exec")
def executed(w: Writer, bad: bool) -> str:
    name = w.fresh("generated", "dynamic")
    return f"exec({f'{name} = 1 / 0' if bad else f'{name} = 1'!r})\nprint({name})" if w.chance(0.6) else f"{name} = eval({'1 + 1' if not bad else '1 +'!r})"


@snippet(1, "star_args", "call_forms")
def call_forms(w: Writer, bad: bool) -> str:
    name = w.fresh("build_query", "compose")
    call = w.pick("'t', 1, limit=2, extra=3", "*['t', 1], **{'limit': 2}", "'t', limit=1", "table='t', limit=5")
    if bad:
        call = w.pick("", "'t', table='x'", "'t'", "limit=1, extra=2")
    return f"def {name}(table, *values, limit, **options):\n    return [table, values, limit, options]\n\n\n{w.fresh('query_')} = {name}({call})"


@snippet(0.8, "slots")
def slots(w: Writer, bad: bool) -> str:
    name, noun = w.fresh("Compact", "Slim"), w.rng.choice(NOUNS)
    return f"class {name}:\n    __slots__ = ('{noun}',)\n\n    def __init__(self, value):\n        self.{noun + 's' if bad else noun} = value\n\n\n{w.fresh('slim')} = {name}({camel(noun)!r})"
