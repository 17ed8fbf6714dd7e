"""How each kind of name is defined, used rightly, and used wrongly.

A definition is a chunk of module-level code; a use is an expression that works when the name is bound; a misuse
is an expression that raises, with the name of the exception.
"""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from random import Random

from .model import Symbol, Writer, block, indent
from .words import NOUNS, PARAMETERS, VERBS, WORDS, camel, literal

KINDS = {
    "int": 10, "str": 10, "list": 7, "dict": 7, "tuple": 3, "func": 22, "class": 16, "dataclass": 6, "enum": 6, "exc": 6,
    "instance": 8, "decorator": 5, "factory": 4, "context": 5, "registry": 6, "namedtuple": 3, "abc": 4, "generic": 3,
}  # fmt: skip
NAMED_IN_CAPITALS = {"int", "str", "list", "dict", "tuple", "registry"}
NAMED_IN_CAMEL = {"class", "dataclass", "enum", "exc", "namedtuple", "abc", "generic"}


def invent(rng: Random, taken: set[str]) -> Symbol:
    """A new symbol whose name no other of the project has."""
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    while True:
        name = _name(kind, rng)
        if name not in taken:
            taken.add(name)
            return Symbol(name, kind, _spec(kind, rng))


def _name(kind: str, rng: Random) -> str:
    noun, other = rng.choice(NOUNS), rng.choice(NOUNS)
    if kind in NAMED_IN_CAPITALS:
        return f"{'_' if rng.random() < 0.05 else ''}{noun.upper()}_{rng.choice(['LIMIT', 'NAMES', 'KEYS', 'DEFAULT', 'TABLE', 'KINDS'])}"
    if kind in NAMED_IN_CAMEL:
        ending = {"exc": "Error", "enum": "Kind", "abc": "Base"}.get(
            kind, rng.choice(["", "Model", "Service", "Store"])
        )
        return camel(noun) + (camel(other) if rng.random() < 0.3 else "") + ending
    return f"{'_' if rng.random() < 0.05 else ''}{rng.choice(VERBS)}_{noun}{rng.choice(['', '', 's', '_' + other])}"


def _spec(kind: str, rng: Random) -> tuple[str, ...]:
    if kind == "enum":
        return tuple(word.upper() for word in rng.sample(WORDS, rng.randint(2, 4)))
    if kind in ("dict", "list", "tuple"):
        return tuple(rng.sample(WORDS, rng.randint(1, 4)))
    if kind == "int":
        return (str(rng.randint(1, 90)),)
    if kind == "str":
        return (rng.choice(WORDS) + rng.choice(["", "-" + rng.choice(WORDS)]),)
    least = 1 if kind in ("dataclass", "namedtuple", "instance") else 0
    return tuple(rng.sample(PARAMETERS, rng.randint(least, 3)))


def define(w: Writer, symbol: Symbol) -> str:
    """The module-level definition of a symbol."""
    return block(DEFINE[symbol.kind](w, symbol))


def _define_int(w: Writer, symbol: Symbol) -> str:
    number = int(symbol.spec[0])
    ways = [f"{number}", f"{number - 1} + 1", f"int({str(number)!r})", f"len([0] * {number})", f"max(0, {number})"]
    if w.chance(0.15):
        w.mark("environ_get")
        ways = [
            f"int({w.std('os')}.environ.get({symbol.name!r}, {str(number)!r}))",
            f"int({w.std('os.getenv')}({symbol.name!r}, '{number}'))",
        ]
    return f"{symbol.name}{w.pick('', '', ': int')} = {w.pick(*ways)}"


def _define_str(w: Writer, symbol: Symbol) -> str:
    value = symbol.spec[0]
    ways = [
        repr(value),
        f"{value.upper()!r}.lower()",
        f"'-'.join({value.split('-')!r})",
        f'f"{{{value!r}}}"',
        f"str({value!r})",
    ]
    if w.chance(0.15):
        w.mark("environ_get")
        ways = [
            f"{w.std('os')}.environ.get({symbol.name!r}, {value!r})",
            f"{w.std('os.getenv')}({symbol.name!r}) or {value!r}",
        ]
    return f"{symbol.name}{w.pick('', '', ': str')} = {w.pick(*ways)}"


def _define_list(w: Writer, symbol: Symbol) -> str:
    items = list(symbol.spec)
    if w.chance(0.3):
        w.mark("comprehension")
        return f"{symbol.name} = [word.strip() for word in {','.join(items)!r}.split(',')]"
    return w.pick(
        f"{symbol.name} = {items!r}", f"{symbol.name}: list = {items!r}", f"{symbol.name} = list({tuple(items)!r})"
    )


def _define_dict(w: Writer, symbol: Symbol) -> str:
    pairs = {word: number for number, word in enumerate(symbol.spec)}
    if w.chance(0.3):
        w.mark("comprehension")
        return f"{symbol.name} = {{word: number for number, word in enumerate({list(symbol.spec)!r})}}"
    if w.chance(0.2):
        return f"{symbol.name} = dict({', '.join(f'{word}={number}' for word, number in pairs.items())})"
    return f"{symbol.name} = {pairs!r}"


def _define_tuple(w: Writer, symbol: Symbol) -> str:
    return f"{symbol.name} = {tuple(symbol.spec)!r}"


def parameters(w: Writer, spec: tuple[str, ...]) -> str:
    """Parameters that may all be given by position or by name; the last may have a default."""
    shown = [f"{name}: {w.pick('int', 'str', 'object')}" if w.chance(0.25) else name for name in spec]
    if shown and w.chance(0.3):
        w.mark("default_args")
        shown[-1] += " = 1" if ":" in shown[-1] else "=1"
    return ", ".join(shown)


def _define_func(w: Writer, symbol: Symbol) -> str:
    given = list(symbol.spec)
    result = w.pick(
        literal(w.rng), f"[{', '.join(given)}]", f"({', '.join(given) + ',' if given else ''})",
        "{" + ", ".join(f"{name!r}: {name}" for name in given) + "}", given[0] if given else "None",
    )  # fmt: skip
    lines = [f"def {symbol.name}({parameters(w, symbol.spec)}){w.pick('', '', ' -> object')}:"]
    if w.chance(0.3):
        lines.append(f'    """{symbol.name.strip("_").replace("_", " ").capitalize()}."""')
    if w.chance(0.25):
        lines += ["    result = " + result, "    return result"]
    else:
        lines.append(f"    return {result}")
    return "\n".join(lines)


def _define_class(w: Writer, symbol: Symbol) -> str:
    noun = w.rng.choice(WORDS)
    lines = [f"class {symbol.name}{w.pick('', '', '(object)')}:"]
    if w.chance(0.4):
        lines += [f"    kind = {noun!r}", ""]
    if symbol.spec:
        lines.append(f"    def __init__(self, {parameters(w, symbol.spec)}):")
        lines += [f"        self.{name} = {name}" for name in symbol.spec] + [""]
    lines += [
        "    def describe(self):",
        f"        return {w.pick(repr(noun), 'type(self).__name__', 'self.__class__.__name__.lower()')}",
    ]
    if w.chance(0.25):
        w.mark("property")
        lines += ["", "    @property", "    def title(self):", "        return self.describe().upper()"]
    if w.chance(0.2):
        lines += [
            "",
            "    @classmethod",
            "    def empty(cls):",
            f"        return cls({', '.join('0' for _ in symbol.spec)})",
        ]
    if w.chance(0.2):
        lines += ["", "    @staticmethod", "    def label():", f"        return {noun!r}"]
    return "\n".join(lines)


def _define_dataclass(w: Writer, symbol: Symbol) -> str:
    w.mark("dataclass")
    options = w.pick("", "", "()", "(frozen=True)", "(order=True)")
    fields = [f"    {name}: {w.pick('int', 'str', 'object')}" for name in symbol.spec]
    if w.chance(0.4):
        fields[-1] += " = 1"
    return "\n".join([f"@{w.std('dataclasses.dataclass')}{options}", f"class {symbol.name}:", *fields])


def _define_enum(w: Writer, symbol: Symbol) -> str:
    w.mark("enum")
    base = w.pick(w.std("enum.Enum"), f"str, {w.std('enum.Enum')}")
    return "\n".join([f"class {symbol.name}({base}):", *(f"    {word} = {word.lower()!r}" for word in symbol.spec)])


def _define_exc(w: Writer, symbol: Symbol) -> str:
    w.mark("exception_class")
    head = f"class {symbol.name}({w.pick('Exception', 'Exception', 'ValueError', 'RuntimeError', 'LookupError')}):"
    if w.chance(0.3):
        body = "def __init__(self, detail='refused'):\n    super().__init__(f\"not possible: {detail}\")\n    self.detail = detail"
        return head + "\n" + indent(body)
    return head + w.pick("\n    pass", '\n    """Raised by the domain."""', "\n    code = 400")


def _define_instance(w: Writer, symbol: Symbol) -> str:
    name = w.fresh("Settings", "_State", "Config", "Context")
    if w.chance(0.15):
        values = ", ".join(f"{word}={number}" for number, word in enumerate(symbol.spec))
        return f"{symbol.name} = {w.std('types.SimpleNamespace')}({values})"
    body = "\n".join(f"        self.{word} = {number}" for number, word in enumerate(symbol.spec))
    return f"class {name}:\n    def __init__(self):\n{body}\n\n\n{symbol.name} = {name}()"


def _define_decorator(w: Writer, symbol: Symbol) -> str:
    w.mark("decorator")
    if w.chance(0.5):
        w.mark("wraps", "star_args")
        return f"""
def {symbol.name}(func):
    @{w.std("functools.wraps")}(func)
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)

    return wrapper
"""
    return f"def {symbol.name}(func):\n    func.marked = True\n    return func"


def _define_factory(w: Writer, symbol: Symbol) -> str:
    w.mark("decorator_args", "closure")
    return f"""
def {symbol.name}(label, *, strict=False):
    def decorate(func):
        func.label = label
        func.strict = strict
        return func

    return decorate
"""


def _define_context(w: Writer, symbol: Symbol) -> str:
    if w.chance(0.5):
        w.mark("context_generator", "generator")
        return f"@{w.std('contextlib.contextmanager')}\ndef {symbol.name}():\n    yield {literal(w.rng)}"
    w.mark("context_class")
    return f"""
class {symbol.name}:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return {w.pick("False", "None", "kind is ZeroDivisionError")}
"""


def _define_registry(w: Writer, symbol: Symbol) -> str:
    return f"{symbol.name}{w.pick('', ': list', ': dict')} = []" if w.chance(0.6) else f"{symbol.name} = []"


def _define_namedtuple(w: Writer, symbol: Symbol) -> str:
    w.mark("namedtuple")
    if w.chance(0.3):
        return f"{symbol.name} = {w.std('collections.namedtuple')}({symbol.name!r}, {list(symbol.spec)!r})"
    fields = "\n".join(f"    {name}: object" for name in symbol.spec)
    return f"class {symbol.name}({w.std('typing.NamedTuple')}):\n{fields}"


def _define_abc(w: Writer, symbol: Symbol) -> str:
    w.mark("abc")
    return f"""
class {symbol.name}({w.std("abc.ABC")}):
    @{w.std("abc.abstractmethod")}
    def run(self):
        ...

    def name(self):
        return type(self).__name__
"""


def _define_generic(w: Writer, symbol: Symbol) -> str:
    w.mark("generic")
    variable = w.fresh("T", "K", "V")
    return f"""
{variable} = {w.std("typing.TypeVar")}({variable!r})


class {symbol.name}({w.std("typing.Generic")}[{variable}]):
    def __init__(self{"".join(", " + name for name in symbol.spec)}):
        self.items = [{", ".join(symbol.spec)}]
"""


DEFINE = {
    "int": _define_int, "str": _define_str, "list": _define_list, "dict": _define_dict, "tuple": _define_tuple,
    "func": _define_func, "class": _define_class, "dataclass": _define_dataclass, "enum": _define_enum, "exc": _define_exc,
    "instance": _define_instance, "decorator": _define_decorator, "factory": _define_factory, "context": _define_context,
    "registry": _define_registry, "namedtuple": _define_namedtuple, "abc": _define_abc, "generic": _define_generic,
}  # fmt: skip
