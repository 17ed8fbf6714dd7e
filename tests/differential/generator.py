"""Random small backends, deterministic by seed.

What is covered is said by the features that `generate` returns with each package; `run` prints their mix. In short:
every form of import of first-party and standard modules (plain, dotted, aliased, from, star with and without
`__all__`, relative of every level and beyond the top, through packages, `importlib`, `__import__`, inside functions,
guarded, conditional, for type checking only); cycles of all sizes, through `__init__` and the main module, at the top,
at the end, deferred and immediate; re-exports, clashes of submodules and attributes, module `__getattr__` and `__dir__`,
`sys.modules` and `sys.path` games, reload, `__path__`, namespace packages, shadows of the standard library; names bound
late, by other modules, never, or in another scope; annotations of every kind; decorators, classes, metaclasses,
context managers, generators, comprehensions and all other places where code runs at import; operations that raise, with
and without handlers; syntax errors; the launch target and the lifespan of the application.

A package is planned (`layout`), written (`symbols`, `imports`, `cycles`, `snippets`, `risks` in `carriers`, `scenes`,
`application`) and then, for a part of them, damaged as people damage programs (`mutations`, `faults_of_syntax`).
Some packages are nothing but imports, in every way and order (`knots`).
"""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from random import Random

from . import (
    application,
    carriers,
    carriers_of_expressions,
    cycles,
    guards,
    mutations_of_imports,
    risks,
    risks_of_imports,
    risks_of_names,
    risks_of_values,
    scenes,
    scenes_of_modules,
    scenes_of_packages,
    snippets,
    snippets_of_annotations,
    snippets_of_habits,
    snippets_of_language,
    snippets_of_modules,
    uses,
)
from .faults_of_syntax import break_syntax
from .imports import refer
from .knots import tangle
from .layout import plan
from .model import Package, Project, Symbol, Writer
from .mutations import mutate
from .symbols import define
from .words import literal

# Makers register themselves where they are defined, in this order.
PARTS = (
    carriers_of_expressions,
    mutations_of_imports,
    risks_of_imports,
    risks_of_values,
    risks_of_names,
    scenes_of_modules,
    scenes_of_packages,
    snippets_of_annotations,
    snippets_of_modules,
    snippets_of_habits,
    snippets_of_language,
)
KNOTS = 0.17  # the share of packages that are nothing but imports
PLANS = {"good": 57, "startup": 17, "attribute": 7, "application": 7, "factory": 9, "module": 7}


def generate(seed: int) -> Package:
    """The package of this seed: always the same, whatever was generated before."""
    rng = Random(f"seatrial differential {seed}")
    features: set[str] = set()
    if rng.random() < KNOTS:
        files, target = tangle(rng, features)
        return Package(seed, files, target, frozenset(features))
    project = plan(rng, features)
    damage = rng.choices(["none", "planted", "mutated", "both", "syntax"], [64, 12, 14, 3, 7])[0]
    features.add(f"damage_{damage}")
    writers = _write(rng, project, features, planted=damage in ("planted", "both"))
    stage = scenes.Stage(rng, project, writers, features)
    _play_scenes(rng, stage, bad=damage in ("planted", "both") and rng.random() < 0.4)
    target_plan = rng.choices(list(PLANS), list(PLANS.values()))[0]
    attribute = application.write(writers[project.main.name], target_plan)
    files = {writer.module.path: render(writer) for writer in writers.values()}
    files.update((path, text) for path, text in stage.extra.items() if path not in files)
    if damage in ("mutated", "both"):
        for _ in range(rng.choices([1, 2, 3], [70, 22, 8])[0]):
            mutate(rng, files, features)
    if damage == "syntax":
        break_syntax(rng, files, features)
    features.add(f"target_{target_plan}")
    target = application.target(rng, project.main.name, attribute, target_plan)
    if len(project.main.name.split(".")) > 2:
        features.add("target_path")
    return Package(seed, files, target, frozenset(features))


def _write(rng: Random, project: Project, features: set[str], planted: bool) -> dict[str, Writer]:
    writers = {module.name: Writer(rng, project, module, features) for module in project.modules}
    _plan_reexports(rng, project)
    unlucky = rng.choice(project.modules) if planted else None
    for module in project.modules:
        _fill(writers[module.name], planted=module is unlucky)
    return writers


def _plan_reexports(rng: Random, project: Project) -> None:
    for package in project.modules:
        if package.is_package and package is not project.main and rng.random() < 0.6:
            for module in package.imports:
                if module.name.startswith(package.name + ".") and module.public():
                    package.traits.update(f"reexports {module.name}.{symbol.name}" for symbol in module.public())


def _fill(w: Writer, planted: bool) -> None:
    """Writes one module: definitions, uses, snippets and risks in a random order."""
    module, rng = w.module, w.rng
    if module.is_package:
        _reexport(w)
    tasks: list[str] = ["define"] * len(module.exports) + ["use"] * len(module.imports)
    tasks += ["snippet"] * rng.choices([0, 1, 2, 3], [25, 40, 25, 10])[0]
    tasks += ["risk"] * rng.choices([0, 1, 2], [35, 43, 22])[0]
    tasks += ["benign"] * rng.choices([0, 1], [60, 40])[0] + ["planted"] * planted
    if module.is_package and not module.exports and not planted:
        tasks = [task for task in tasks if task == "use" and rng.random() < 0.3]
    rng.shuffle(tasks)
    undefined = list(module.exports)
    for task in tasks:
        _perform(w, task, undefined)
    _offer_all(w)
    for target in module.back:
        cycles.close(w, target)


def _perform(w: Writer, task: str, undefined: list[Symbol]) -> None:
    if task == "define":
        symbol = w.module.exports[len(w.module.exports) - len(undefined)]
        undefined.pop()
        w.add(define(w, symbol))
        if w.chance(0.25):
            w.add(uses.statement(w, symbol.name, symbol))
    elif task == "use":
        _use_import(w)
    elif task == "snippet":
        w.add(snippets.choose(w))
    elif task == "risk":
        _survived_risk(w)
    elif task == "benign":
        w.add(carriers.carry(w, f"{w.fresh('note', 'local_value')} = {literal(w.rng)}"))
    else:
        _planted(w)


def _use_import(w: Writer) -> None:
    module = w.rng.choice(w.module.imports)
    if not module.exports:
        w.header.append(f"import {module.name}")
        return
    symbol = w.rng.choice(module.exports)
    expression = refer(w, module, symbol)
    kind = w.rng.random()
    if kind < 0.55:
        w.add(uses.statement(w, expression, symbol))
    elif kind < 0.7:
        w.add(carriers.carry_expression(w, uses.use(w, expression, symbol)))
    elif kind < 0.8:
        w.add(carriers.carry(w, f"{w.fresh('used', 'kept')} = {uses.use(w, expression, symbol)}"))
    elif kind < 0.9:
        w.add(f"def {w.fresh('endpoint', 'service_call', 'job')}():\n    return {uses.use(w, expression, symbol)}")
    else:
        w.flush()


def _survived_risk(w: Writer) -> None:
    risk = risks.choose(w, risks.IMPORTS if w.chance(0.42) else risks.VALUES)
    w.add(risk.before)
    code = risks.as_statement(w, risk)
    if risk.expression and w.chance(0.35):
        code = carriers.carry_expression(w, risk.code)
    if not risk.top_level_only and w.chance(0.3):
        code = carriers.carry(w, code)
    w.add(guards.protect(w, code, risk.exception))


def _planted(w: Writer) -> None:
    """Code that raises, or may."""
    kind = w.rng.random()
    if kind < 0.3:
        w.add(snippets.choose(w, bad=True))
        return
    risk = risks.choose(w, risks.IMPORTS if w.chance(0.4) else risks.VALUES)
    w.add(risk.before)
    if risk.expression and w.chance(0.4):
        w.add(carriers.carry_expression(w, risk.code))
    elif not risk.top_level_only and w.chance(0.5):
        w.add(carriers.carry(w, risks.as_statement(w, risk)))
    elif w.chance(0.2):
        wrong = w.pick("KeyError", "StopIteration", "UnicodeError", "(OSError, EOFError)")
        w.add(guards.protect(w, risks.as_statement(w, risk), wrong))
    else:
        w.add(risks.as_statement(w, risk))


def _reexport(w: Writer) -> None:
    for module in w.module.imports:
        names = [
            symbol.name for symbol in module.public() if f"reexports {module.name}.{symbol.name}" in w.module.traits
        ]
        if not names:
            continue
        w.mark("reexport")
        below = module.name[len(w.module.name) :]
        if w.chance(0.15) and "narrow" not in module.traits:
            w.mark("star_import")
            w.header.append(f"from {w.pick(below, module.name)} import *")
        elif len(names) > 1 and w.chance(0.3):
            w.header.append(f"from {below} import (\n" + "".join(f"    {name},\n" for name in names) + ")")
        else:
            w.header.append(f"from {w.pick(below, below, module.name)} import {', '.join(names)}")
        for name in names:
            w.claim(name, f"{module.name}.{name}")


def _offer_all(w: Writer) -> None:
    if w.module.exports and w.chance(0.2):
        w.mark("dunder_all")
        names = [symbol.name for symbol in w.module.exports]
        text = f"__all__ = {names!r}"
        if w.chance(0.2):
            w.mark("all_augmented")
            text = w.pick(
                f"__all__ = []\n__all__ += {names!r}", f"__all__ = {names[:1]!r}\n__all__.extend({names[1:]!r})"
            )
        w.chunks.insert(w.rng.choice([0, len(w.chunks)]), text)


def _play_scenes(rng: Random, stage: scenes.Stage, bad: bool) -> None:
    if bad:
        scenes.play(stage, bad=True)
    for _ in range(rng.choices([0, 1, 2, 3, 4], [3, 14, 28, 31, 24])[0]):
        if len(stage.project.modules) + len(stage.extra) <= 10:
            scenes.play(stage)


def render(w: Writer) -> str:
    """The text of a module."""
    parts = [f'"""{w.module.leaf.replace("_", " ").capitalize()}."""'] if w.chance(0.2) else []
    head = ["from __future__ import annotations"] if "future" in w.module.traits else []
    standard = sorted(w.standard)
    own = list(dict.fromkeys(w.header))
    w.rng.shuffle(own)
    imports = [*standard, *own] if w.chance(0.9) else [*standard, *own[: len(own) // 2]]
    rest = own[len(own) // 2 :] if len(imports) < len(standard) + len(own) else []
    parts += ["\n".join([*head, *imports])] + rest + w.chunks + w.tail
    return _join([part for part in parts if part.strip()])


def _join(parts: list[str]) -> str:
    """Chunks, with two empty lines around definitions as formatters leave them."""
    text = ""
    for part in parts:
        wide = part.startswith(("def ", "class ", "async def ", "@")) or text.rstrip("\n").split("\n")[-1].startswith(
            (" ", "\t")
        )
        text += ("\n\n\n" if wide else "\n\n" if text else "") + part if text else part
    return text + "\n" if text else ""
