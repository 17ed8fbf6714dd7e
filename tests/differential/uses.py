"""Right and wrong uses of a symbol that is bound: expressions, and statements for the kinds that need them."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Symbol, Writer, block
from .words import WORDS, literal, misspell


def arguments(w: Writer, symbol: Symbol) -> str:
    """Right arguments: some by position, then some by name."""
    cut = w.rng.randint(0, len(symbol.spec))
    given = [literal(w.rng) for _ in symbol.spec[:cut]]
    if len(given) > 1 and w.chance(0.1):
        w.mark("star_args")
        given = [f"*({', '.join(given)},)"]
    named = [f"{name}={literal(w.rng)}" for name in symbol.spec[cut:]]
    if named and w.chance(0.1):
        w.mark("star_args")
        named = ["**{" + ", ".join(f"{name!r}: 1" for name in symbol.spec[cut:]) + "}"]
    return ", ".join(given + named)


def use(w: Writer, ref: str, symbol: Symbol) -> str:
    """An expression that works."""
    first = symbol.spec[0] if symbol.spec else ""
    call = f"{ref}({arguments(w, symbol)})"
    ways = {
        "int": [f"{ref} + 1", f"{ref} * 2", f"max({ref}, 3)", f"str({ref})", f"{ref} > 10", f"list(range({ref}))", f"-{ref} // 2"],
        "str": [f"{ref}.upper()", f"{ref} + '-x'", f"len({ref})", f"{ref}.split('-')", f"{ref}[0]", f"f'<{{{ref}}}>'", f"'%s!' % {ref}"],
        "list": [f"{ref}[0]", f"len({ref})", f"[item.title() for item in {ref}]", f"sorted({ref})", f"'-'.join({ref})", f"{ref} + ['x']"],
        "dict": [f"{ref}[{first!r}]", f"{ref}.get('none')", f"list({ref})", f"{{**{ref}, 'x': 1}}", f"sum({ref}.values())"],
        "tuple": [f"{ref}[-1]", f"len({ref})", f"set({ref})", f"{ref} * 2", f"{first!r} in {ref}"],
        "func": [call, call, ref, f"{ref}.__name__", f"callable({ref})", f"[{ref}]"],
        "class": [call, f"{call}.describe()", f"{ref}.__name__", f"{ref}.describe", f"isinstance({call}, {ref})"],
        "dataclass": [call, f"{call}.{first}", f"{call} == {call}"],
        "enum": [f"{ref}.{first}", f"{ref}.{first}.value", f"{ref}({first.lower()!r})", f"{ref}[{first!r}]", f"[kind.name for kind in {ref}]"],
        "exc": [f"issubclass({ref}, Exception)", f"{ref}('refused')", f"(KeyError, {ref})"],
        "instance": [f"{ref}.{first}", f"{ref}.{first} + 1", f"getattr({ref}, 'missing', None)", f"hasattr({ref}, {first!r})"],
        "decorator": [f"{ref}(lambda: 1)", f"callable({ref})"],
        "factory": [f"{ref}('x')", f"{ref}(label='y', strict=True)(lambda: 1).label"],
        "context": [f"{ref}", f"callable({ref})"],
        "registry": [f"len({ref})", f"list({ref})", f"{ref}.append(1)"],
        "namedtuple": [call, f"{call}.{first}", f"{call}[0]", f"{ref}._fields"],
        "abc": [f"{ref}.__name__", f"{ref}.name", f"issubclass({ref}, object)"],
        "generic": [call, f"{call}.items", f"{ref}[int]"],
    }  # fmt: skip
    return w.rng.choice(ways[symbol.kind])


def misuse(w: Writer, ref: str, symbol: Symbol) -> tuple[str, str]:
    """An expression that raises, and what it raises."""
    wrong = misspell(symbol.spec[0], w.rng) if symbol.spec else "missing"
    few = (f"{ref}()", "TypeError") if len(symbol.spec) > 1 else (f"{ref}(1, 2, 3, 4, 5)", "TypeError")
    arity = [
        few,
        (f"{ref}({arguments(w, symbol)}, unexpected=1)" if symbol.spec else f"{ref}(unexpected=1)", "TypeError"),
    ]
    if symbol.spec:
        arity.append((f"{ref}({', '.join('1' for _ in symbol.spec)}, {symbol.spec[0]}=2)", "TypeError"))
    attribute = (f"{ref}.{wrong.lower()}_x", "AttributeError")
    ways: dict[str, list[tuple[str, str]]] = {
        "int": [(f"{ref}()", "TypeError"), (f"{ref} + 'x'", "TypeError"), (f"{ref}[0]", "TypeError"), (f"len({ref})", "TypeError"), attribute],
        "str": [(f"int({ref})", "ValueError"), (f"{ref} + 1", "TypeError"), (f"{ref}[100]", "IndexError"), (f"{ref}['a']", "TypeError"), attribute],
        "list": [(f"{ref}[100]", "IndexError"), (f"{ref}['x']", "TypeError"), (f"{ref}.push(1)", "AttributeError"), (f"{ref}()", "TypeError")],
        "dict": [(f"{ref}[{wrong!r}]", "KeyError"), (f"{ref}.{wrong}", "AttributeError"), (f"{ref}.has_key('x')", "AttributeError"), (f"{{{ref}: 1}}", "TypeError")],
        "tuple": [(f"{ref}[9]", "IndexError"), (f"{ref}.append(1)", "AttributeError")],
        "func": [*arity, (f"{ref}.route", "AttributeError"), (f"{ref}[0]", "TypeError")],
        "class": [*arity, attribute, (f"{ref}({arguments(w, symbol)}).missing", "AttributeError"), (f"{ref}({arguments(w, symbol)})()", "TypeError")],
        "dataclass": [*arity, (f"{ref}({arguments(w, symbol)}).missing", "AttributeError")],
        "enum": [(f"{ref}('purple')", "ValueError"), (f"{ref}.PURPLE", "AttributeError"), (f"{ref}['PURPLE']", "KeyError")],
        "exc": [(f"{ref}.missing", "AttributeError")],
        "instance": [(f"{ref}.{wrong}", "AttributeError"), (f"{ref}()", "TypeError"), (f"{ref}['x']", "TypeError")],
        "decorator": [(f"{ref}()", "TypeError"), (f"{ref}(lambda: 1, 2)", "TypeError")],
        "factory": [(f"{ref}()", "TypeError"), (f"{ref}('x', 'y')", "TypeError"), (f"{ref}('x', strickt=True)", "TypeError")],
        "context": [(f"{ref}(1, 2)", "TypeError")],
        "registry": [(f"{ref}[3]", "IndexError"), (f"{ref}.register(1)", "AttributeError")],
        "namedtuple": [*arity, (f"{ref}({arguments(w, symbol)})[9]", "IndexError")],
        "abc": [(f"{ref}()", "TypeError"), (f"type('Partial', ({ref},), {{}})()", "TypeError")],
        "generic": [arity[1], (f"{ref}[int, str]", "TypeError")],
    }  # fmt: skip
    return w.rng.choice(ways[symbol.kind])


def statement(w: Writer, ref: str, symbol: Symbol) -> str:
    """Module-level code that uses the symbol as its kind is meant to be used."""
    special = STATEMENTS.get(symbol.kind)
    if special and w.chance(0.75):
        return block(special(w, ref, symbol))
    return f"{w.fresh('result', 'current', 'cached', 'default', 'summary', 'preset')} = {use(w, ref, symbol)}"


def _decorate(w: Writer, ref: str, symbol: Symbol) -> str:
    w.mark("decorator")
    name = w.fresh("ping", "handle", "refresh", "notify", "sync")
    call = f"\n\n\n{w.fresh('answer', 'outcome')} = {name}()" if w.chance(0.6) else ""
    return f"@{ref}\ndef {name}():\n    return {literal(w.rng)}{call}"


def _decorate_with(w: Writer, ref: str, symbol: Symbol) -> str:
    w.mark("decorator", "decorator_args")
    name = w.fresh("ping", "handle", "refresh", "notify", "sync")
    given = w.pick(f"'{w.rng.choice(WORDS)}'", f"'{w.rng.choice(WORDS)}', strict=True", "label='x'")
    call = f"\n\n\n{w.fresh('answer', 'outcome')} = {name}({literal(w.rng)})" if w.chance(0.6) else ""
    return f"@{ref}({given})\ndef {name}(request):\n    return request{call}"


def _enter(w: Writer, ref: str, symbol: Symbol) -> str:
    return f"with {ref}() as {w.fresh('scope', 'handle_', 'guard')}:\n    {w.fresh('inside')} = {literal(w.rng)}"


def _raise_and_catch(w: Writer, ref: str, symbol: Symbol) -> str:
    w.mark("try_except", "raise_custom")
    name = w.fresh("reason", "caught")
    return f"try:\n    raise {ref}('not today')\nexcept {ref} as error:\n    {name} = str(error)"


def _implement(w: Writer, ref: str, symbol: Symbol) -> str:
    name = w.fresh("Worker", "Runner", "Backend", "Driver")
    return f"class {name}({ref}):\n    def run(self):\n        return self.name()\n\n\n{w.fresh('runner', 'ran')} = {name}().run()"


def _derive(w: Writer, ref: str, symbol: Symbol) -> str:
    name = w.fresh("Special", "Extended", "Admin", "Local")
    if symbol.spec and w.chance(0.5):
        body = f"    def __init__(self, *args, **kwargs):\n        super().__init__({arguments(w, symbol)})\n        self.extra = args"
        w.mark("star_args", "super_call")
        return f"class {name}({ref}):\n{body}\n\n\n{w.fresh('extended')} = {name}(1, 2)"
    return f"class {name}({ref}):\n    level = {literal(w.rng)}"


def _register(w: Writer, ref: str, symbol: Symbol) -> str:
    w.mark("registry")
    if w.chance(0.5):
        return f"{ref}.append({literal(w.rng)})"
    name, done = w.fresh("register", "subscribe", "hook"), w.fresh("on_start", "on_event", "job")
    return f"""
def {name}(func):
    {ref}.append(func)
    return func


@{name}
def {done}():
    return {literal(w.rng)}
"""


def _check_enum(w: Writer, ref: str, symbol: Symbol) -> str:
    return f"for {w.fresh('kind')} in {ref}:\n    {w.fresh('last')} = {ref}({symbol.spec[0].lower()!r})"


STATEMENTS = {
    "decorator": _decorate, "factory": _decorate_with, "context": _enter, "exc": _raise_and_catch, "abc": _implement,
    "class": _derive, "registry": _register, "enum": _check_enum,
}  # fmt: skip
