"""Plans a backend: its folders, its modules, the names they offer, and who imports whom."""

from __future__ import annotations

from random import Random

from .model import Module, Project
from .symbols import invent
from .words import FOLDERS, MODULES, PACKAGES


def plan(rng: Random, features: set[str]) -> Project:
    """A project of 2 to 15 modules; imports form an order, `back` edges close cycles."""
    size = max(2, min(15, round(rng.triangular(2, 11, 3))))
    project = rng.choices([_flat, _package, _source, _deep], [28, 42, 15, 15])[0](rng, size)
    _name_namespaces(rng, project, features)
    taken: set[str] = {module.leaf for module in project.modules} | {
        module.name.split(".")[0] for module in project.modules
    }
    for module in project.modules:
        _offer(rng, module, taken)
    _connect(rng, project)
    if rng.random() < 0.45:
        _close_cycles(rng, project)
    for module in project.modules:
        if rng.random() < 0.12:
            module.traits.add("future")
            features.add("annotations_future")
    return project


def _flat(rng: Random, size: int) -> Project:
    names = rng.sample(MODULES, size)
    main = Module("main" if rng.random() < 0.7 else rng.choice(["server", "asgi", "run", "app"]), False)
    modules = [main]
    if size > 4 and rng.random() < 0.5:
        folder = rng.choice([name for name in FOLDERS if name not in names])
        cut = rng.randint(2, size - 1)
        modules.append(Module(folder, True))
        modules += [Module(f"{folder}.{name}", False) for name in names[cut:]]
        names = names[:cut]
    modules += [Module(name, False) for name in names[: size - 1]]
    return Project(modules[: size + 1], main)


def _package(rng: Random, size: int) -> Project:
    top = rng.choice(PACKAGES)
    return _tree(rng, size, [top], rng.random() < 0.1)


def _source(rng: Random, size: int) -> Project:
    tops = rng.choice([["src", rng.choice(PACKAGES)], ["src"], ["backend", "src", "api"], ["backend", "app"]])
    return _tree(rng, size, tops, False)


def _deep(rng: Random, size: int) -> Project:
    tops = [rng.choice(PACKAGES), "features", rng.choice(("accounts", "sales")), "internal"][: rng.randint(3, 4)]
    return _tree(rng, max(size, 4), tops, False)


def _tree(rng: Random, size: int, tops: list[str], main_is_package: bool) -> Project:
    """Packages under a chain of folders; the main module lives in one of them."""
    base = ".".join(tops)
    packages = [".".join(tops[:count]) for count in range(1, len(tops) + 1)]
    folders = [name for name in FOLDERS if name not in tops]
    subs = [f"{rng.choice(packages)}.{name}" for name in rng.sample(folders, rng.randint(0, min(3, size // 3)))]
    homes = packages + subs
    modules: list[Module] = []
    if main_is_package:
        main = Module(base, True)
        packages.remove(base)
    else:
        main = Module(f"{rng.choice(packages)}.{rng.choice(['main', 'main', 'server', 'asgi', 'app_entry'])}", False)
    modules.append(main)
    modules += [Module(name, True) for name in packages + subs]
    names = [name for name in rng.sample(MODULES, size) if name not in tops + [sub.rpartition(".")[2] for sub in subs]]
    modules += [Module(f"{rng.choice(homes)}.{name}", False) for name in names[: max(1, size - len(modules))]]
    if rng.random() < 0.15:
        modules.append(Module(rng.choice([name for name in MODULES if name not in names]), False))
    return Project(modules, main)


def _name_namespaces(rng: Random, project: Project, features: set[str]) -> None:
    """Some folders have no `__init__.py`."""
    packages = [module for module in project.modules if module.is_package and module is not project.main]
    chance = 0.5 if rng.random() < 0.2 else 0.03
    bare = [module for module in packages if rng.random() < chance]
    if bare:
        features.add("namespace_package")
    project.modules = [module for module in project.modules if module not in bare]
    project.folders = tuple(module.name for module in bare)


def _offer(rng: Random, module: Module, taken: set[str]) -> None:
    if module.is_package and rng.random() < 0.6:
        return
    count = rng.choices([0, 1, 2, 3, 4], [3, 20, 30, 27, 20])[0]
    module.exports = [invent(rng, taken) for _ in range(count)]


def _connect(rng: Random, project: Project) -> None:
    """Everyone imports some later ones; the main module comes first, packages re-export from below."""
    others = [module for module in project.modules if module is not project.main]
    rng.shuffle(others)
    order = [project.main, *others]
    for position, module in enumerate(order):
        later = [other for other in order[position + 1 :] if _sensible(module, other)]
        if module.is_package and module is not project.main and not module.exports and rng.random() < 0.7:
            continue
        most = 4 if module is project.main else 3
        module.imports = rng.sample(later, min(len(later), rng.randint(1 if module is project.main else 0, most)))
    for position, module in enumerate(others):
        earlier = order[: position + 1]
        if not any(module in other.imports for other in earlier) and rng.random() < 0.9:
            home = rng.choice([other for other in earlier if _sensible(other, module)] or [project.main])
            home.imports.append(module)


def _sensible(importer: Module, target: Module) -> bool:
    """A package's `__init__` imports from below itself; nobody imports the package it lives in, in a good program."""
    if target.is_package and (importer.name + ".").startswith(target.name + "."):
        return False
    return not importer.is_package or target.name.startswith(importer.name + ".")


def _close_cycles(rng: Random, project: Project) -> None:
    """Adds one to three edges against the order."""
    pairs = [(low, high) for high in project.modules for low in _below(high) if low is not high]
    for low, high in rng.sample(pairs, min(len(pairs), rng.choices([1, 2, 3], [6, 3, 1])[0])):
        if high not in low.back:
            low.back.append(high)


def _below(module: Module) -> list[Module]:
    found: list[Module] = []
    queue = list(module.imports)
    while queue:
        current = queue.pop()
        if current not in found:
            found.append(current)
            queue += current.imports
    return found
