"""Imports that close a cycle: the statement, its place, and when the name is used."""

from __future__ import annotations

from .imports import Way, refer_inside, ways
from .model import Module, Symbol, Writer, indent
from .uses import use
from .words import literal


def close(w: Writer, target: Module) -> None:
    """Adds code that imports `target`, which imports this module."""
    symbol = w.rng.choice(target.exports) if target.exports else None
    style = w.rng.choices(
        [_bare, _deferred, _immediate, _at_the_end, _inside, _checked_only, _guarded, _star],
        [13, 32, 15, 16, 18, 10, 8, 4],
    )[0]
    if symbol is None or style is _bare:
        _bare(w, target)
    else:
        style(w, target, symbol)


def _bare(w: Writer, target: Module, symbol: Symbol | None = None) -> None:
    parent, _, leaf = target.name.rpartition(".")
    options = [f"import {target.name}"]
    if w.claim(leaf + "_", f"module {target.name}"):
        options.append(f"import {target.name} as {leaf}_")
    if parent and w.claim(leaf, f"module {target.name}"):
        options += [f"from {parent} import {leaf}", f"import {target.name} as {leaf}"]
    _place(w, w.rng.choice(options))


def _way(w: Writer, target: Module, symbol: Symbol, by_module: bool = False) -> Way | None:
    fitting = [
        way
        for way in ways(w, target, symbol)
        if all(w.bound.get(name, meaning) == meaning for name, meaning in way.binds)
    ]
    if by_module:  # asks for the module and leaves the name for later, which mostly works
        fitting = [way for way in fitting if "." in way.expression] or fitting
    if not fitting:
        return None
    way = w.rng.choices(fitting, [way.weight for way in fitting])[0]
    for name, meaning in way.binds:
        w.claim(name, meaning)
    if way.needs:
        w.std(way.needs)
    w.mark(way.feature)
    return way


def _place(w: Writer, code: str) -> None:
    if w.chance(0.85):
        w.header.append(code)
    else:
        w.chunks.insert(w.rng.randint(0, len(w.chunks)), code)


def _deferred(w: Writer, target: Module, symbol: Symbol) -> None:
    way = _way(w, target, symbol, by_module=w.chance(0.6))
    if way is None:
        return _bare(w, target)
    w.mark("cycle_deferred")
    _place(w, way.code)
    name = w.fresh("use_later", "related", "parent_of", "back_reference")
    w.add(f"def {name}():\n    return {use(w, way.expression, symbol)}")
    return None


def _immediate(w: Writer, target: Module, symbol: Symbol) -> None:
    way = _way(w, target, symbol)
    if way is None:
        return _bare(w, target)
    w.mark("cycle_immediate", "partial_module")
    use_now = f"{w.fresh('borrowed', 'shared')} = {use(w, way.expression, symbol)}"
    if w.chance(0.4):
        use_now = f"{way.code}\n{use_now}"
    else:
        w.header.append(way.code)
    w.chunks.insert(w.rng.randint(0, len(w.chunks)), use_now)
    return None


def _at_the_end(w: Writer, target: Module, symbol: Symbol) -> None:
    way = _way(w, target, symbol)
    if way is None:
        return _bare(w, target)
    w.mark("cycle_import_at_end")
    w.tail.append(way.code + "  # noqa: E402" if "\n" not in way.code and w.chance(0.5) else way.code)
    if w.chance(0.4):
        w.tail.append(f"{w.fresh('linked')} = {use(w, way.expression, symbol)}")
    return None


def _inside(w: Writer, target: Module, symbol: Symbol) -> None:
    code, expression = refer_inside(w, target, symbol)
    name = w.fresh("resolve_back", "get_parent", "owner_of")
    w.mark("cycle_in_function")
    call = f"\n\n\n{w.fresh('resolved')} = {name}()" if w.chance(0.3) else ""
    w.add(f"def {name}():\n{indent(code)}\n\n    return {use(w, expression, symbol)}{call}")


def _checked_only(w: Writer, target: Module, symbol: Symbol) -> None:
    if not w.claim(symbol.name, f"type checking {target.name}"):
        return _bare(w, target)
    w.mark("type_checking")
    note = symbol.name if "future" in w.module.traits else repr(symbol.name)
    w.header.append(f"if {w.std('typing.TYPE_CHECKING')}:\n    from {target.name} import {symbol.name}")
    w.add(f"def {w.fresh('attach', 'belongs_to')}(item: {note}) -> {note}:\n    return item")
    return None


def _guarded(w: Writer, target: Module, symbol: Symbol) -> None:
    if not w.claim(symbol.name, f"{target.name}.{symbol.name}"):
        return _bare(w, target)
    w.mark("try_except", "cycle_guarded")
    kind = w.pick("ImportError", "Exception", "(ImportError, AttributeError)", "ModuleNotFoundError")
    w.header.append(
        f"try:\n    from {target.name} import {symbol.name}\nexcept {kind}:\n    {symbol.name} = {literal(w.rng)}"
    )
    return None


def _star(w: Writer, target: Module, symbol: Symbol) -> None:
    w.mark("star_import", "cycle_star")
    _place(w, f"from {target.name} import *")
    if w.chance(0.5):
        w.add(f"def {w.fresh('from_star')}():\n    return {symbol.name}")
