"""Every way in which one module of a backend can reach a name of another."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from dataclasses import dataclass

from .model import Module, Symbol, Writer


@dataclass(frozen=True, slots=True)
class Way:
    """Statements that make a name available, the expression for it, and the names they bind (name, meaning)."""

    weight: float
    feature: str
    code: str
    expression: str
    binds: tuple[tuple[str, str], ...] = ()
    needs: str = ""  # a module of the standard library
    top_level_only: bool = False


def relative(importer: Module, target: str, extra: int = 0) -> str | None:
    """`target` as a relative module reference ("..core.config"), or None where the two share no package."""
    package = importer.package.split(".") if importer.package else []
    parts = target.split(".")
    common = 0
    while common < min(len(package), len(parts)) and package[common] == parts[common]:
        common += 1
    common -= extra
    if common < 1:
        return None
    return "." * (len(package) - common + 1) + ".".join(parts[common:])


def level(reference: str) -> int:
    return len(reference) - len(reference.lstrip("."))


def ways(w: Writer, target: Module, symbol: Symbol) -> list[Way]:
    """All ways that fit, with their weights; none is checked against names already bound."""
    name, full, leaf = symbol.name, target.name, target.leaf
    top = full.partition(".")[0]
    alias = f"{leaf}_module" if w.bound.get(leaf, "") not in ("", f"module {full}") else leaf
    own = ((name, f"{full}.{name}"),)
    found = [
        Way(9, "from_import", f"from {full} import {name}", name, own),
        Way(2, "from_import_as", f"from {full} import {name} as {name}_", f"{name}_", ((f"{name}_", f"{full}.{name}"),)),
        Way(4, "import_dotted" if "." in full else "import_plain", f"import {full}", f"{full}.{name}", ((top, f"package {top}"),)),
        Way(3, "import_as", f"import {full} as {alias}", f"{alias}.{name}", ((alias, f"module {full}"),)),
        Way(0.8, "import_module", f"{alias} = importlib.import_module({full!r})", f"{alias}.{name}", ((alias, f"module {full}"),), "importlib"),
        Way(0.6, "dunder_import", f"{alias} = __import__({full!r}, fromlist=[{name!r}])", f"{alias}.{name}", ((alias, f"module {full}"),)),
        Way(0.4, "dunder_import", f"{top} = __import__({full!r})", f"{full}.{name}", ((top, f"package {top}"),)),
        Way(0.4, "getattr_module", f"import {full}\n{name} = getattr({full}, {name!r})", name, (*own, (top, f"package {top}"))),
        Way(0.5, "sys_modules_read", f"import {full}\n{name} = sys.modules[{full!r}].{name}", name, (*own, (top, f"package {top}")), "sys"),
    ]  # fmt: skip
    if not name.startswith("_") and not target.traits & {"replaced", "narrow"}:
        found.append(Way(2.5, "star_import", f"from {full} import *", name, own, top_level_only=True))
    return found + _through_parent(w, target, symbol) + _relative_ways(w, target, symbol)


def _through_parent(w: Writer, target: Module, symbol: Symbol) -> list[Way]:
    parent, _, leaf = target.name.rpartition(".")
    if not parent:
        return []
    binds = ((leaf, f"module {target.name}"),)
    found = [
        Way(4, "from_package_submodule", f"from {parent} import {leaf}", f"{leaf}.{symbol.name}", binds),
        Way(
            1,
            "import_dotted_as",
            f"import {target.name} as {leaf}_mod",
            f"{leaf}_mod.{symbol.name}",
            ((f"{leaf}_mod", f"module {target.name}"),),
        ),
    ]
    package = w.project.get(parent)
    if package and f"reexports {target.name}.{symbol.name}" in package.traits and package is not w.module:
        found.append(
            Way(
                6,
                "reexport_used",
                f"from {parent} import {symbol.name}",
                symbol.name,
                ((symbol.name, f"{target.name}.{symbol.name}"),),
            )
        )
    return found


def _relative_ways(w: Writer, target: Module, symbol: Symbol) -> list[Way]:
    found: list[Way] = []
    own = ((symbol.name, f"{target.name}.{symbol.name}"),)
    for extra in (0, 1):
        reference = relative(w.module, target.name, extra)
        if reference is None or target is w.module:
            continue
        feature = f"relative_{min(level(reference), 5)}"
        found.append(Way(8 if extra == 0 else 1.5, feature, f"from {reference} import {symbol.name}", symbol.name, own))
        if extra == 0:
            found.append(
                Way(
                    0.5,
                    "import_module_relative",
                    f"{target.leaf} = importlib.import_module({reference!r}, package=__package__)",
                    f"{target.leaf}.{symbol.name}",
                    ((target.leaf, f"module {target.name}"),),
                    "importlib",
                )
            )
            dual = f"try:\n    from {reference} import {symbol.name}\nexcept ImportError:\n    from {target.name} import {symbol.name}"
            found.append(Way(0.7, "try_import", dual, symbol.name, own))
    parent, _, leaf = target.name.rpartition(".")
    reference = relative(w.module, parent) if parent else None
    if reference is not None:
        feature = "from_dot_sibling" if reference == "." else f"relative_{min(level(reference), 5)}"
        found.append(
            Way(
                5,
                feature,
                f"from {reference} import {leaf}",
                f"{leaf}.{symbol.name}",
                ((leaf, f"module {target.name}"),),
            )
        )
    return found


def refer(w: Writer, target: Module, symbol: Symbol) -> str:
    """An expression for the symbol at module level; its import goes to the header, or right before the next chunk."""
    key = f"{target.name}.{symbol.name}"
    if key in w.known and w.chance(0.8):
        return w.known[key]
    way = _choose(w, ways(w, target, symbol))
    if way is None:
        return w.known.get(key) or f"__import__({target.name!r}, fromlist=['*']).{symbol.name}"
    if way.needs:
        w.std(way.needs)
    code = _spread(w, way.code, symbol)
    place = w.header if w.chance(0.88) else w.pending
    if code not in w.header:
        place.append(code)
    if place is w.header:
        w.known[key] = way.expression
    return way.expression


def refer_inside(w: Writer, target: Module, symbol: Symbol) -> tuple[str, str]:
    """Statements for the body of a function, and the expression."""
    fitting = [way for way in ways(w, target, symbol) if not way.top_level_only]
    way = w.rng.choices(fitting, [way.weight for way in fitting])[0]
    w.mark(way.feature, "function_import")
    if way.needs:
        w.std(way.needs)
    return way.code, way.expression


def _choose(w: Writer, fitting: list[Way]) -> Way | None:
    deep = [way for way in fitting if way.feature in ("relative_3", "relative_4", "relative_5")]
    if deep and w.chance(0.5):
        fitting = deep
    while fitting:
        way = w.rng.choices(fitting, [way.weight for way in fitting])[0]
        if all(w.bound.get(name, meaning) == meaning for name, meaning in way.binds):
            for name, meaning in way.binds:
                w.claim(name, meaning)
            w.mark(way.feature)
            return way
        fitting = [other for other in fitting if other is not way]
    return None


def _spread(w: Writer, code: str, symbol: Symbol) -> str:
    """Some from-imports are written over several lines, or in parentheses."""
    if not code.startswith("from") or not code.endswith(f"import {symbol.name}") or "\n" in code or not w.chance(0.12):
        return code
    w.mark("multiline_import")
    head = code.rpartition(" import ")[0]
    return w.pick(
        f"{head} import (\n    {symbol.name},\n)",
        f"{head} import ({symbol.name})",
        f"{head} import \\\n    {symbol.name}",
    )
