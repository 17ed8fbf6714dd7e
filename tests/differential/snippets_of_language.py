"""Classes, functions, loops and the rest of the language, at work while a module is imported."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Writer
from .snippets import snippet
from .words import NOUNS, WORDS, camel, literal


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
    return (
        f"{table} = {{(x, y): x * y for x in range(3) for y in range(3) if x != y}}\n{w.fresh('total')} = 0\nfor (left, right), product in {table}.items():\n    if product > 1:\n        break\nelse:\n    left = None\n{w.fresh('pick')} = sorted({table})[{index}]"
        + ("" if index == "1" else "[4]")
    )


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
    end = (
        f"{w.fresh('moved')} = {w.std('dataclasses.replace')}({name}(1), y=3)"
        if w.chance(0.3)
        else f"assert {name}(1).total == {'2' if bad else '1'}"
    )
    return f"@{w.std('dataclasses.dataclass')}\nclass {name}:\n    x: int\n    y: int = 0\n    tags: list = {w.std('dataclasses.field')}(default_factory=list)\n\n    def __post_init__(self):\n        self.total = self.x + self.y\n\n\n{end}"


@snippet(1.2, "enum")
def enums(w: Writer, bad: bool) -> str:
    name = w.fresh("Status", "Priority")
    base = w.std(w.pick("enum.IntEnum", "enum.Enum"))
    return f"class {name}({base}):\n    LOW = 1\n    HIGH = 2\n\n    @property\n    def label(self):\n        return self.name.lower()\n\n    @classmethod\n    def default(cls):\n        return cls.LOW\n\n\nassert {name}.default().label == {'high' if bad else 'low'!r}\n{w.fresh('by_label')} = {{status.label: status for status in {name}}}"


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


@snippet(1, "async_definitions")
def coroutines(w: Writer, bad: bool) -> str:
    name = w.fresh("fetch_all", "poll")
    return (
        f"async def {name}(client=None):\n    async with client as session:\n        return [row async for row in session.rows() if await row.ready()]"
        + (f"\n\n\n{w.fresh('polled')} = {name}().result" if bad else "")
    )


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
