"""Packages that are nothing but imports: tiny modules that ask one another for names in every way and order.

Most statements are chosen without care for whether they work; what might fail is guarded often enough that about
half of the packages start.
"""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from .imports import relative
from .model import Module, indent
from .words import FOLDERS, MODULES, PACKAGES, misspell

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        try:
            start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
"""


@dataclass(slots=True)
class Knot:
    """One module being written: what it offers, and the expressions that its statements so far have bound."""

    module: Module
    offers: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    reach: list[tuple[str, str]] = field(default_factory=list)  # expression, and "module" or "value"


class Tangle:
    """All modules of one package."""

    def __init__(self, rng: Random, features: set[str]) -> None:
        self.rng = rng
        self.features = features
        self.knots: list[Knot] = []
        self.care = rng.choice([0.45, 0.75, 1.0])  # how often what might fail is guarded
        self.cyclic = rng.choice([0.02, 0.1, 0.35])  # how often an import may go against the order

    def mark(self, *features: str) -> None:
        self.features.update(features)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    # -- the tree --------------------------------------------------------------------------------------------------

    def grow(self) -> None:
        """Invent the modules; the first is the main one."""
        rng = self.rng
        size = round(rng.triangular(2, 14, 5))
        packages = [""]
        for _ in range(rng.choices([0, 1, 2, 3, 4], [22, 28, 22, 16, 12])[0]):
            parent = rng.choice(packages[-2:])
            name = rng.choice(PACKAGES if not parent else FOLDERS)
            full = f"{parent}.{name}" if parent else name
            if full not in packages:
                packages.append(full)
        names = rng.sample(MODULES, size)
        main = Module(_join(rng.choice(packages), "main"), False)
        modules = [main]
        for package in packages[1:]:
            if self.chance(0.88):
                modules.append(Module(package, True))
            else:
                self.mark("namespace_package")
        modules += [Module(_join(rng.choice(packages), name), False) for name in names[: max(1, size - len(modules))]]
        rng.shuffle(modules)
        modules.remove(main)
        self.knots = [Knot(module) for module in [main, *modules]]
        for number, knot in enumerate(self.knots):
            count = rng.choices([0, 1, 2, 3], [10, 35, 35, 20])[0]
            knot.offers = [
                f"{rng.choice(['alpha', 'beta', 'gamma', 'delta', 'omega'])}_{number}{letter}"
                for letter in "abc"[:count]
            ]
        if len(main.name.split(".")) > 2:
            self.mark("target_path")

    def order(self, knot: Knot) -> Knot:
        """A module to import: mostly a later one, now and then any, itself and the main one included."""
        place = self.knots.index(knot)
        later = self.knots[place + 1 :]
        if not later or self.chance(self.cyclic):
            return self.rng.choice(self.knots)
        return self.rng.choice(later)

    # -- statements ------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """The text of every module."""
        for knot in self.knots:
            waiting = list(knot.offers)
            steps = ["offer"] * len(waiting) + ["import"] * self.rng.randint(1, 3) + ["use"] * self.rng.randint(0, 2)
            steps += ["special"] * (self.rng.random() < 0.35)
            if knot.module.is_package and self.chance(0.4):
                steps = ["offer"] * len(waiting)
            self.rng.shuffle(steps)
            for step in steps:
                if step == "offer":
                    knot.lines.append(self.definition(knot, waiting.pop(0)))
                elif step == "import":
                    self.add(knot, self.import_statement(knot))
                elif step == "use":
                    self.add(knot, self.use_statement(knot))
                else:
                    self.add(knot, self.special(knot))

    def add(self, knot: Knot, code: str) -> None:
        """The statement as it stands, guarded, under a condition, or in a function."""
        if not code:
            return
        star = code.endswith("import *")
        style = self.rng.random()
        if style < self.care * 0.8:
            code = self.guarded(code)
        elif style > 0.93 and not star:
            code = self.in_function(code)
        elif style > 0.88:
            code = self.conditional(code)
        elif style > 0.86 and not star:
            self.mark("class_body")
            code = f"class Holder{len(knot.lines)}:\n{indent(code)}"
        knot.lines.append(code)

    def definition(self, knot: Knot, name: str) -> str:
        number = self.rng.randint(1, 9)
        helper = next((expression for expression, kind in reversed(knot.reach) if kind == "value"), "")
        ways = [f"{name} = {number}", f"def {name}():\n    return {number}", f"class {name}:\n    size = {number}"]
        if helper and self.chance(0.4):
            self.mark("called_at_import")
            ways = [
                f"def {name}():\n    return {helper}",
                f"{name} = [{helper}]",
                f"class {name}:\n    held = {helper}",
            ]
        elif self.chance(0.2):
            target = self.order(knot)
            wanted = self.name_of(target)
            self.mark("function_import")
            ways = [f"def {name}():\n    from {self.reference(knot, target)} import {wanted}\n\n    return {wanted}"]
        knot.reach.append((name, "value"))
        return self.rng.choice(ways)

    def name_of(self, target: Knot) -> str:
        """A name that the module offers, has from elsewhere, or lacks."""
        rng = self.rng
        below = [k.module.leaf for k in self.knots if k.module.name.rpartition(".")[0] == target.module.name]
        if below and self.chance(0.3):
            return rng.choice(below)
        if target.offers and self.chance(0.96):
            return rng.choice(target.offers)
        other = rng.choice(self.knots)
        if other.offers and self.chance(0.6):
            return rng.choice(other.offers)
        return misspell(rng.choice(target.offers), rng) if target.offers else "nothing_here"

    def reference(self, knot: Knot, target: Knot) -> str:
        """The module's dotted name, absolute or relative; seldom a wrong one."""
        near = relative(knot.module, target.module.name, 1 if self.chance(0.15) else 0)
        if near and near.strip(".") and self.chance(0.5):
            self.mark(f"relative_{min(len(near) - len(near.lstrip('.')), 5)}")
            if self.chance(0.06):
                near = "." + near
            return near
        if self.chance(0.04):
            self.mark("missing_module")
            return misspell(target.module.name, self.rng) if "." not in target.module.name else target.module.name + "x"
        return target.module.name

    def import_statement(self, knot: Knot) -> str:
        rng, target = self.rng, self.order(knot)
        name, reference = target.module.name, self.reference(knot, target)
        style = rng.choices(["from", "import", "as", "star", "parent", "dynamic"], [32, 24, 10, 12, 17, 5])[0]
        parent, _, leaf = name.rpartition(".")
        if style == "import":
            self.mark("import_dotted" if parent else "import_plain")
            knot.reach.append((name, "module"))
            return f"import {name}"
        if style == "as":
            self.mark("import_as", "import_dotted_as")
            knot.reach.append((f"{leaf}_m", "module"))
            return f"import {name} as {leaf}_m"
        if style == "star":
            self.mark("star_import")
            knot.reach += [(offer, "value") for offer in target.offers[:1]]
            return f"from {reference} import *"
        if style == "parent" and parent:
            return self._from_parent(knot, target, parent, leaf)
        if style == "dynamic":
            self.mark("import_module")
            knot.reach.append((f"{leaf}_d", "module"))
            call = rng.choice([f"importlib.import_module({name!r})", f"__import__({name!r}, fromlist=['x'])"])
            return f"import importlib\n\n{leaf}_d = {call}"
        return self._from(knot, target, reference)

    def _from_parent(self, knot: Knot, target: Knot, parent: str, leaf: str) -> str:
        near = relative(knot.module, parent)
        self.mark("from_dot_sibling" if near == "." else "from_package_submodule")
        knot.reach.append((leaf, "module"))
        return f"from {near if near and self.chance(0.6) else parent} import {leaf}"

    def _from(self, knot: Knot, target: Knot, reference: str) -> str:
        self.mark("from_import")
        wanted = self.name_of(target)
        knot.reach.append((wanted, "value"))
        if self.chance(0.15):
            second = self.name_of(target)
            knot.reach.append((second, "value"))
            return f"from {reference} import (\n    {wanted},\n    {second},\n)"
        if self.chance(0.12):
            self.mark("from_import_as")
            knot.reach[-1] = (f"{wanted}_x", "value")
            return f"from {reference} import {wanted} as {wanted}_x"
        return f"from {reference} import {wanted}"

    def use_statement(self, knot: Knot) -> str:
        """Something is done with what was imported, or with a name that comes later."""
        if not knot.reach:
            return ""
        expression, kind = self.rng.choice(knot.reach[-4:])
        if kind == "module":
            target = next(
                (
                    k
                    for k in self.knots
                    if k.module.leaf == expression.rpartition(".")[2].removesuffix("_m").removesuffix("_d")
                ),
                None,
            )
            wanted = self.name_of(target) if target else "__name__"
            expression = f"{expression}.{wanted}"
        number = self.rng.randint(10, 99)
        return self.rng.choice(
            [
                f"print({expression})", f"kept_{number} = {expression}", f"kept_{number} = [{expression}, 1]", expression,
                f"def use_{number}():\n    return {expression}", f"def use_{number}():\n    return {expression}\n\n\nuse_{number}()",
                f"def use_{number}(value={expression}):\n    return value", f"class Use{number}:\n    value = {expression}",
                f"def use_{number}(value: {expression}):\n    return value", f"class Use{number}:\n    value: {expression} = None",
                f"print(getattr({expression}, '__name__', None))", f"kept_{number} = lambda: {expression}",
                f"kept_{number} = {expression} if {expression} else None", f"print(callable({expression}) and {expression}())",
            ]
        )  # fmt: skip

    def special(self, knot: Knot) -> str:
        """A statement that changes what others see."""
        target = self.order(knot)
        name = target.module.name
        offer = self.name_of(target)
        style = self.rng.randrange(8)
        if style == 0:
            self.mark("late_bound")
            return f"import {name}\n\n{name}.{offer} = 5"
        if style == 1:
            self.mark("late_bound")
            return f"import {name} as bound_here\n\nsetattr(bound_here, 'late_{self.rng.randint(0, 3)}', 1)\nprint(bound_here.late_{self.rng.randint(0, 3)})"
        if style == 2 and knot.offers:
            self.mark("dunder_all")
            names = [
                *knot.offers[:2],
                *(["not_there"] if self.chance(0.2) else []),
                *([offer] if self.chance(0.2) else []),
            ]
            return f"__all__ = {names!r}"
        if style == 3:
            self.mark("sys_modules", "sys_modules_get")
            return f"import sys\n\nprint({name!r} in sys.modules, getattr(sys.modules.get({name!r}), {offer!r}, None))"
        if style == 4:
            self.mark("module_getattr")
            return f"def __getattr__(name):\n    if name.startswith('late_') or name == {offer!r}:\n        return name\n    raise AttributeError(f'{{__name__}} has no {{name}}')"
        if style == 5 and knot.offers:
            self.mark("del_name")
            return f"del {self.rng.choice(knot.offers)}"
        if style == 6:
            self.mark("sys_modules", "sys_modules_pop")
            return f"import sys\n\nsys.modules.pop({name!r}, None)"
        self.mark("type_checking")
        return f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from {name} import {offer}"

    # -- around a statement ----------------------------------------------------------------------------------------

    def guarded(self, code: str) -> str:
        self.mark("try_except")
        bound = self.rng.choice(["pass", "caught = True", "print('no')"])
        style = self.rng.choices(range(7), [40, 10, 16, 10, 5, 12, 7])[0]
        if style == 5:
            self.mark("suppress")
            return f"import contextlib\n\nwith contextlib.suppress(Exception):\n{indent(code)}"
        kind = [
            "(ImportError, AttributeError, NameError)",
            "ImportError",
            "Exception",
            "",
            "ModuleNotFoundError",
            "",
            "(ImportError, AttributeError)",
        ][style]
        end = "\nelse:\n    fine = True" if self.chance(0.2) else ""
        end += "\nfinally:\n    tried = True" if self.chance(0.15) else ""
        return f"try:\n{indent(code)}\nexcept{' ' if kind else ''}{kind}:\n    {bound}{end}"

    def in_function(self, code: str) -> str:
        number = self.rng.randint(100, 999)
        self.mark("function_import", "called_at_import")
        call = f"\n\n\nlater_{number}()" if self.chance(0.6) else ""
        return f"def later_{number}():\n{indent(code)}{call}"

    def conditional(self, code: str) -> str:
        self.mark("conditional")
        test = self.rng.choice(
            [
                "sys.version_info >= (3, 12)",
                "sys.platform == 'win32'",
                "__name__ == '__main__'",
                "'missing' not in globals()",
                "sys.version_info < (3, 12)",
            ]
        )
        return f"import sys\n\nif {test}:\n{indent(code)}"

    # -- the result ------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """The text of every file; the main module ends with the application."""
        main = self.knots[0]
        start = self.use_statement(main) if self.chance(0.5) else "pass"
        if self.chance(0.5):
            target = self.order(main)
            start = f"from {target.module.name} import {self.name_of(target)} as needed\n\n{start or 'pass'}"
        main.lines.append(f"def start():\n{indent(start or 'pass')}\n\n{APP}")
        future = "from __future__ import annotations\n\n"
        texts: dict[str, str] = {}
        for knot in self.knots:
            body = "\n\n".join(knot.lines)
            texts[knot.module.path] = (future if body and self.chance(0.1) else "") + (body + "\n" if body else "")
        return texts


def _join(package: str, name: str) -> str:
    return f"{package}.{name}" if package else name


def tangle(rng: Random, features: set[str]) -> tuple[dict[str, str], str]:
    """The files of such a package, and its launch target."""
    work = Tangle(rng, features)
    work.mark("knot", "app_function")
    work.grow()
    work.write()
    files = work.files()
    plan = rng.choices(["good", "attribute", "module", "application"], [76, 8, 8, 8])[0]
    if plan == "good":
        return files, f"{work.knots[0].module.name}:app"
    features.add(f"target_{plan}")
    if plan == "application":
        files[work.knots[0].module.path] += "\n\nserver = [app]\n"
        return files, f"{work.knots[0].module.name}:server"
    name = work.knots[0].module.name
    return files, f"{name}:{misspell('app', rng)}" if plan == "attribute" else f"{misspell(name, rng)}.entry:app"
