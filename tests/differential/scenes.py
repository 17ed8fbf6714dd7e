"""Features that take more than one module: each scene adds code to several writers, or whole new modules."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .imports import relative
from .model import Module, Project, Symbol, Writer, block, indent
from .words import LOADED_SHADOWS, MODULES, SHADOWS, WORDS, literal, misspell

Scene = Callable[["Stage", bool], None]
SCENES: list[tuple[float, Scene]] = []


class Stage:
    """The writers of a project, and a way to add modules to it."""

    def __init__(self, rng: Random, project: Project, writers: dict[str, Writer], features: set[str]) -> None:
        self.rng = rng
        self.project = project
        self.writers = writers
        self.features = features
        self.extra: dict[str, str] = {}  # files beside the modules

    def user(self, *others: Writer) -> Writer:
        """A module that is surely imported: the main one, or one that it imports itself."""
        candidates = [self.project.main, self.project.main, *self.project.main.imports]
        writers = [self.writers[module.name] for module in candidates]
        fitting = [writer for writer in writers if writer not in others and "replaced" not in writer.module.traits]
        return self.rng.choice(fitting) if fitting else self.writers[self.project.main.name]

    def home(self) -> str:
        """A package to put a new module in, with its dot; empty for the root."""
        packages = [module.name for module in self.project.modules if module.is_package and module is not self.project.main]
        return self.rng.choice([*(name + "." for name in packages), ""])

    def leaf(self) -> str:
        taken = {module.name.rpartition(".")[2] for module in self.project.modules}
        taken |= {name for module in self.project.modules for name in module.name.split(".")}
        return self.rng.choice([name for name in MODULES if name not in taken])

    def new(self, text: str, name: str = "", is_package: bool = False) -> Module:
        """A further module with the given text, imported by nobody yet."""
        module = Module(name or self.home() + self.leaf(), is_package)
        writer = Writer(self.rng, self.project, module, self.features)
        writer.add(block(text))
        self.project.modules.append(module)
        self.writers[module.name] = writer
        return module

    def insert(self, writer: Writer, code: str) -> None:
        """Code among the chunks of a module."""
        writer.chunks.insert(self.rng.randint(0, len(writer.chunks)), block(code))

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)


def scene(weight: float, *features: str) -> Callable[[Scene], Scene]:
    def register(make: Scene) -> Scene:
        def marked(stage: Stage, bad: bool) -> None:
            stage.features.update(features)
            make(stage, bad)

        SCENES.append((weight, marked))
        return marked

    return register


def play(stage: Stage, bad: bool = False) -> None:
    stage.rng.choices([make for _, make in SCENES], [weight for weight, _ in SCENES])[0](stage, bad)


@scene(3, "late_bound")
def bound_late(s: Stage, bad: bool) -> None:
    name = s.pick("current_app", "runtime_value", "engine", "session_maker")
    start = s.pick("", f"{name} = None")
    holder = s.new(f"{start}\n\n\ndef read():\n    return {name}")
    binding = s.pick(f"import {holder.name} as holder\n\nholder.{name} = [1, 2]", f"import {holder.name}\n\nsetattr({holder.name}, '{name}', [1, 2])", f"import sys\nimport {holder.name}\n\nsys.modules['{holder.name}'].{name} = [1, 2]", f"import {holder.name} as holder\n\nvars(holder)['{name}'] = [1, 2]", f"import {holder.name} as holder\n\nholder.__dict__.update({name}=[1, 2])")
    binder = s.new(binding)
    first = f"import {binder.name}\n"
    reading = s.pick(f"from {holder.name} import {name}\n\nprint({name}[0])", f"import {holder.name} as late_holder\n\nprint(late_holder.{name}[0])", f"from {holder.name} import read\n\nprint(read()[1])")
    if bad:
        s.features.add("late_bound_too_early")
        s.insert(s.user(), reading + ("\n" + first if s.rng.random() < 0.5 else ""))
    else:
        s.insert(s.user(), first + reading)


@scene(2.5, "registry", "decorator")
def registration(s: Stage, bad: bool) -> None:
    table, deco = s.pick("HANDLERS", "COMMANDS", "LISTENERS"), s.pick("handler", "listener")
    as_dict = s.rng.random() < 0.4
    add = f"{table}[func.__name__] = func" if as_dict else f"{table}.append(func)"
    store = s.new(f"{table} = {'{}' if as_dict else '[]'}\n\n\ndef {deco}(func):\n    {add}\n    return func")
    user_text = f"from {store.name} import {deco}\n\n\n@{deco}\ndef on_message(message=None):\n    return message"
    registering = s.new(user_text)
    check = f"from {store.name} import {table}\n\nif not {table}:\n    raise RuntimeError('nothing registered')\nprint(len({table}), [{'name' if as_dict else 'func.__name__'} for {'name' if as_dict else 'func'} in {table}])"
    s.insert(s.user(), check if bad else f"import {registering.name}\n{check}")


@scene(3, "clash_submodule_attribute")
def clash(s: Stage, bad: bool) -> None:
    package, leaf = s.home() + s.leaf(), s.leaf()
    value = s.pick("'a string'", "[1, 2]", "7")
    text = s.pick(f"from .{leaf} import {leaf}", f"{leaf} = {value}", f"from .{leaf} import {leaf}\nfrom . import {leaf} as {leaf}_again", f"from . import {leaf}\n\n{leaf} = {value}", f"def {leaf}():\n    return 1", f"import {package}.{leaf}\n\n{leaf} = {value}")
    inner = Module(f"{package}.{leaf}", False)
    s.new(text, package, True)
    s.new(f"def {leaf}(value=1):\n    return value\n\n\nOTHER = {literal(s.rng)}", inner.name)
    good = s.pick(f"from {package} import {leaf}\n\nprint({leaf})", f"from {package}.{leaf} import OTHER", f"import {package}\n\nprint({package}.{leaf})", f"import {package}.{leaf}\n\nprint(type({package}.{leaf}).__name__)", f"import sys\nimport {package}.{leaf}\n\nprint(sys.modules['{package}.{leaf}'].OTHER)")
    wrong = s.pick(f"from {package} import {leaf}\n\nprint({leaf}.OTHER)", f"import {package}.{leaf}\n\nprint({package}.{leaf}.OTHER)", f"import {package}.{leaf} as clashing\n\nprint(clashing.OTHER)", f"from {package} import {leaf}\n\nprint({leaf}())", f"import {package}.{leaf}\nfrom {package} import {leaf}\n\nprint({leaf}.upper())", f"import {package}.{leaf}\n\n{package}.{leaf}(3)")
    s.insert(s.user(), wrong if bad or s.rng.random() < 0.15 else good)


@scene(3.5, "module_getattr")
def lazy_module(s: Stage, bad: bool) -> None:
    names = s.pick("version", "engine", "client")
    style = s.rng.randrange(5)
    bodies = [
        f"    if name == '{names}':\n        return [1, 2, 3]\n    raise AttributeError(f\"module {{__name__!r}} has no attribute {{name!r}}\")",
        f"    if name in _VALUES:\n        globals()[name] = _VALUES[name]\n        return _VALUES[name]\n    raise AttributeError(name)",
        "    return name.upper()", f"    try:\n        return _VALUES[name]\n    except KeyError:\n        raise AttributeError(f'no {{name}} here') from None",
        f"    if name.startswith('{names[0]}'):\n        return _build(name)\n    raise {s.pick('AttributeError', 'ImportError', 'KeyError')}(name)",
    ]  # fmt: skip
    text = f"_VALUES = {{'{names}': [1, 2, 3]}}\n\n\ndef _build(name):\n    return [name]\n\n\ndef __getattr__(name):\n{bodies[style]}"
    if s.rng.random() < 0.4:
        s.features.add("module_dir")
        text += f"\n\n\ndef __dir__():\n    return ['{names}', '_build']"
    is_package = s.rng.random() < 0.3
    lazy = s.new(text, is_package=is_package)
    wanted = "other" if bad else names
    s.insert(s.user(), s.pick(
        f"from {lazy.name} import {wanted}\n\nprint({wanted}[0])", f"import {lazy.name}\n\nprint({lazy.name}.{wanted})", f"import {lazy.name} as lazy_one\n\nprint(hasattr(lazy_one, '{wanted}'), dir(lazy_one)[0])",
        f"import {lazy.name} as lazy_two\n\nprint(getattr(lazy_two, '{wanted}'))", f"from {lazy.name} import *\nfrom {lazy.name} import {wanted} as lazily",
    ))  # fmt: skip


@scene(2.5, "module_getattr", "module_getattr_imports")
def lazy_package(s: Stage, bad: bool) -> None:
    package, leaf = s.home() + s.leaf(), s.leaf()
    text = f"""
import importlib

_LAZY = {{"Widget": ".{leaf}", "make": ".{leaf}", "broken": ".absent"}}


def __getattr__(name):
    if name in _LAZY:
        module = importlib.import_module(_LAZY[name], __name__)
        return getattr(module, name)
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
"""
    s.new(text, package, True)
    s.new("class Widget:\n    size = 3\n\n\ndef make():\n    return Widget()", f"{package}.{leaf}")
    if bad:
        s.insert(s.user(), s.pick(f"from {package} import broken", f"from {package} import Gadget", f"import {package}\n\n{package}.broken", f"import {package}\n\n{package}.Gadget"))
    else:
        s.insert(s.user(), s.pick(f"from {package} import Widget\n\nprint(Widget.size)", f"import {package}\n\nprint({package}.make().size)", f"from {package} import {leaf}\n\nprint({leaf}.make)", f"from {package} import *\nimport {package} as lazily_loaded\n\nprint(lazily_loaded.Widget)"))


@scene(2.5, "sys_modules_assign", "module_replaced")
def replaced(s: Stage, bad: bool) -> None:
    text = s.pick(
        "import sys\n\n\nclass _Facade:\n    limit = 10\n    name = 'facade'\n\n    def fetch(self, key):\n        return key\n\n\nsys.modules[__name__] = _Facade()",
        "import sys\nfrom types import SimpleNamespace\n\nlimit = 1\nsys.modules[__name__] = SimpleNamespace(limit=10, name='n', fetch=len)",
        "import sys\nimport types\n\n\nclass _Lazy(types.ModuleType):\n    limit = 10\n\n    def __getattr__(self, key):\n        if key.startswith('_'):\n            raise AttributeError(key)\n        return str\n\n\nsys.modules[__name__] = _Lazy(__name__)",
        "import sys\nimport types\n\n\nclass _Strict(types.ModuleType):\n    limit = 10\n    name = 'strict'\n    fetch = staticmethod(len)\n\n\nsys.modules[__name__].__class__ = _Strict",
    )  # fmt: skip
    module = s.new(text)
    module.traits.add("replaced")
    wanted = "missing_" if bad else s.pick("limit", "limit", "name", "fetch")
    s.insert(s.user(), s.pick(f"import {module.name}\n\nprint({module.name}.{wanted})", f"from {module.name} import {wanted}", f"import {module.name} as facade\n\nprint(facade.{wanted})", f"from {module.name} import *\nfrom {module.name} import {wanted} as given"))


@scene(5, "sys_modules")
def sys_modules_games(s: Stage, bad: bool) -> None:
    user = s.user()
    sys = user.std("sys")
    other = s.new(f"COUNT = []\nCOUNT.append(1)\n\nVALUE = {literal(s.rng)}")
    name = other.name
    ways = [
        ("sys_modules_get", f"if {sys}.modules.get('{name}') is None:\n    import {name} as fetched\nelse:\n    fetched = {sys}.modules['{name}']\nprint(fetched.{'GONE' if bad else 'VALUE'})"),
        ("sys_modules_in", f"if '{name}' {'not in' if not bad else 'in'} {sys}.modules:\n    import {name}\nprint({sys}.modules['{name}'].COUNT)"),
        ("sys_modules_pop", f"import {name} as before\n\n{sys}.modules.pop('{name}')\nimport {name} as after\n\nassert (before is after) is {bad}"),
        ("sys_modules_pop", f"import {name} as popped\n\ndel {sys}.modules['{name}'{' + ' + repr('x') if bad else ''}]\nfrom {name} import VALUE as reloaded_value"),
        ("sys_modules_assign", f"{sys}.modules['legacy_name'] = {sys}.modules[__name__]\nimport legacy_name\n\nprint(legacy_name.{'gone' if bad else '__name__'})"),
        ("sys_modules_assign", f"import {name} as real\n\n{sys}.modules['old_place'] = real\nfrom old_place import {'GONE' if bad else 'VALUE'} as moved_value"),
        ("sys_modules_none", f"{sys}.modules['{name}'] = None\ntry:\n    import {name}\nexcept {'AttributeError' if bad else 'ImportError'}:\n    blocked = True"),
        ("sys_modules_assign", f"import types as _types\n\nfake = _types.ModuleType('fake_backend')\nfake.answer = 42\n{sys}.modules['fake_backend'] = fake\nfrom fake_backend import {'question' if bad else 'answer'}"),
        ("sys_modules_delete_self", f"import {name}" if not bad else f"del {sys}.modules[__name__]"),
        ("sys_modules_get", f"print({sys}.modules.get('never_loaded'), '{name}' in {sys}.modules, __name__ in {sys}.modules)" + (f"\n{sys}.modules['never_loaded']" if bad else "")),
    ]  # fmt: skip
    feature, code = s.rng.choice(ways)
    s.features.add(feature)
    s.insert(user, code)
    if not bad:
        looks = ways[:3] if feature not in ("sys_modules_none", "sys_modules_pop") else ways[-1:]
        feature, code = s.rng.choice(looks)
        s.features.add(feature)
        user.tail.append(code)


@scene(2.5, "import_module")
def plugins(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    first, second = s.leaf(), s.pick("alpha", "beta")
    s.new("", package, True)
    s.new("NAME = 'first'\n\n\ndef register(registry):\n    registry.append(NAME)", f"{package}.{first}")
    s.new("NAME = 'second'\n\n\ndef register(registry):\n    registry.append(NAME)", f"{package}.{second}")
    names = [first, second] + (["missing_plugin"] if bad else [])
    s.rng.shuffle(names)
    s.features.add("import_module_relative")
    load = s.pick(f"importlib.import_module(f'{package}.{{name}}')", f"importlib.import_module('.' + name, '{package}')", f"importlib.import_module(f'.{{name}}', package='{package}')", f"__import__('{package}.' + name, fromlist=['NAME'])")
    s.insert(s.user(), f"import importlib\n\nplugins = []\nfor name in {names!r}:\n    importlib.invalidate_caches()\n    {load}.register(plugins)\nassert plugins" if s.rng.random() < 0.3 else f"import importlib\n\nplugins = []\nfor name in {names!r}:\n    {load}.register(plugins)\nassert len(plugins) == 2")


@scene(3.5, "star_import", "dunder_all")
def star_with_all(s: Stage, bad: bool) -> None:
    names = s.rng.choice([("Alpha", "beta", "_gamma"), ("LIMIT", "_private", "helper"), ("one", "two", "_three")])
    given = s.rng.choice([
        f"__all__ = {[names[0], names[2]]!r}", f"__all__ = ({names[0]!r},)\n__all__ += ({names[2]!r},)", f"__all__ = [{names[0]!r}]\n__all__ += [{names[2]!r}]", f"__all__ = []\n__all__.append({names[0]!r})\n__all__.extend([{names[2]!r}])",
        f"__all__ = [{names[0]!r}] + [{names[2]!r}]", f"__all__: list[str] = [{names[0]!r}, {names[2]!r}]", f"__all__ = [name for name in dir() if not name.startswith('__')]", "",
    ])  # fmt: skip
    features = {"+=": "all_augmented", "append": "all_augmented", "] + [": "all_augmented"}
    s.features.update(feature for sign, feature in features.items() if sign in given)
    s.features.add("star_underscore")
    extra = ""
    if bad and given:
        extra = s.pick("\n__all__ += ['not_here']" if "(" not in given[:12] else "\n__all__ += ('not_here',)", "\n__all__ = ['not_here']", "\n__all__ = [1]")
        s.features.add("all_missing")
    place = s.rng.random() < 0.5
    definitions = f"{names[0]} = 1\n{names[1]} = 2\n{names[2]} = 3"
    text = f"{given}{extra}\n{definitions}" if place and "dir()" not in given else f"{definitions}\n{given}{extra}"
    module = s.new(text)
    seen = [names[0], names[2]] if given else [names[0], names[1]]
    hidden = names[1] if given else names[2]
    use = hidden if bad else s.pick(*seen)
    if s.rng.random() < 0.6:
        parent = s.new(f"from {module.name} import *\n\nafter = 1")
        if names[2] in seen and use == names[2]:
            use = names[0]
        module = parent
        s.features.add("star_chain")
    if s.rng.random() < 0.55:
        s.features.add("all_missing")
        broken = s.new("__all__ = ['present', 'absent']\n\npresent = 1")
        s.insert(s.user(), f"try:\n    from {broken.name} import *\nexcept AttributeError as error:\n    print(error)\nprint({'present' if s.rng.random() < 0.7 else '1'})")
    s.insert(s.user(), f"from {module.name} import *\n\nprint({use})")


@scene(2.5, "star_import", "dunder_all", "all_submodule", "reexport")
def star_of_package(s: Stage, bad: bool) -> None:
    package, one, two = s.home() + s.leaf(), s.pick("red", "square"), s.pick("blue", "circle")
    given = s.pick(f"__all__ = ['{one}', '{two}']", f"__all__ = ['{one}']\n__all__.append('{two}')", f"from . import {one}\n\n__all__ = ['{one}', '{two}']", f"from .{one} import *\nfrom .{two} import *\n\n__all__ = ['{one}', '{two}']")
    missing = "\n__all__ += ['absent']" if bad and s.rng.random() < 0.5 else ""
    s.new(given + missing, package, True)
    s.new(f"SIDES = 4\n__all__ = ['SIDES']", f"{package}.{one}")
    s.new("RADIUS = 2", f"{package}.{two}")
    use = "absent_thing" if bad and not missing else s.pick(f"{one}.SIDES", f"{two}.RADIUS", f"[{one}, {two}]")
    s.insert(s.user(), f"from {package} import *\n\nprint({use})")


@scene(2, "reexport", "package_init")
def facade_package(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    s.new(s.pick("from .impl import Service, build\nfrom .errors import ServiceError\n\n__all__ = ['Service', 'ServiceError', 'build']", "from . import errors, impl\nfrom .impl import *\n\nServiceError = errors.ServiceError", f"from {package}.errors import ServiceError as ServiceError\nfrom {package}.impl import (\n    Service,\n    build,\n)"), package, True)
    order = s.pick("from .errors import ServiceError", f"from {package} import errors\n\nServiceError = errors.ServiceError", "from . import errors\nfrom .errors import ServiceError", f"from {package} import ServiceError" if bad else f"from {package}.errors import ServiceError")
    s.new(f"{order}\n\n\nclass Service:\n    error = ServiceError\n\n\ndef build():\n    return Service()", f"{package}.impl")
    s.new("class ServiceError(Exception):\n    pass", f"{package}.errors")
    if f"from {package} import" in order:
        s.features.add("init_cycle")
    s.insert(s.user(), s.pick(f"from {package} import Service, ServiceError\n\nassert Service.error is ServiceError", f"import {package}\n\nprint({package}.build().error)", f"from {package}.impl import build\n\nbuild()", f"from {package} import (\n    ServiceError,\n    build{'er' if bad else ''},\n)"))


@scene(2, "init_cycle", "from_package_cycle")
def cycle_through_init(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    first = s.pick("from .models import Parent", "from . import models", f"import {package}.models")
    early = s.rng.random() < 0.5
    base = "class Base:\n    table = 'x'"
    s.new(f"{base}\n\n\n{first}" if not bad or not early else f"{first}\n\n\n{base}", package, True)
    take = s.pick(f"from {package} import Base", "from . import Base", f"import {package}\n\nBase = {package}.Base", f"import {package} as root\n\nBase = root.Base")
    other = s.pick(f"from {package} import children", "from . import children", f"import {package}.children as children", f"from {package}.children import Child")
    late = s.rng.random() < 0.5
    body = "class Parent(Base):\n    def kids(self):\n        return children"
    s.new(f"{take}\n\n\n{body}\n\n\n{other}" if late else f"{take}\n{other}\n\n\n{body}", f"{package}.models")
    back = s.pick("from .models import Parent", f"from {package} import models", "from . import models", f"import {package}.models as models", f"from {package}.models import *")
    use = s.pick("class Child:\n    parent = None", "class Child:\n    def up(self):\n        return models", "class Child(Parent if 'Parent' in globals() else object):\n    pass", "class Child(models.Parent if 'models' in globals() else Parent):\n    pass")
    s.new(f"{back}\n\n\n{use}", f"{package}.children")
    s.insert(s.user(), s.pick(f"import {package}", f"from {package}.children import Child", f"from {package} import models\n\nprint(models.Parent)", f"import {package}.models"))


@scene(2, "submodule_attribute", "import_dotted")
def sibling_by_accident(s: Stage, bad: bool) -> None:
    package, one, two = s.home() + s.leaf(), s.pick("first", "north"), s.pick("second", "south")
    s.new("", package, True)
    s.new(s.pick("ONE = 1", f"import {package}.{two}\n\nONE = 1" if not bad else "ONE = 1", f"from . import {two}\n\nONE = 1" if not bad else "ONE = 1"), f"{package}.{one}")
    s.new("TWO = 2", f"{package}.{two}")
    both = "" if bad else f"import {package}.{two}\n"
    top = package.partition(".")[0]
    s.insert(s.user(), s.pick(f"import {package}.{one}\n{both}\nprint({package}.{two}.TWO)", f"{both}import {package}.{one} as only\n\nprint({top})" if both else f"import {package}.{one} as only\n\nprint({package}.{one})", f"import {package}\n{both}\nprint({package}.{two})"))


@scene(2, "module_vs_package")
def module_and_package(s: Stage, bad: bool) -> None:
    name = s.home() + s.leaf()
    s.extra[name.replace(".", "/") + ".py"] = "from_module = True\n"
    s.new("from_package = True", name, True)
    s.insert(s.user(), f"from {name} import {'from_module' if bad else 'from_package'}" if s.rng.random() < 0.6 else f"import {name} as winner\n\nprint(winner.{'from_module' if bad else 'from_package'}, winner.__name__)")


@scene(2, "namespace_package")
def namespace(s: Stage, bad: bool) -> None:
    folder = s.home() + s.leaf()
    s.new(f"VALUE = {literal(s.rng)}", f"{folder}.part")
    if s.rng.random() < 0.3:
        s.new("from ..part import VALUE as DEEPER" if s.rng.random() < 0.5 else "DEEPER = 1", f"{folder}.inner.piece")
        s.insert(s.user(), f"from {folder}.inner.piece import DEEPER\n\nprint(DEEPER)")
    s.insert(s.user(), s.pick(f"from {folder} import {'absent' if bad else 'part'}", f"import {folder}.part\n\nprint({folder}.{'absent' if bad else 'part'})", f"import {folder} as spaced\n\nprint(spaced.{'part' if bad else '__name__'})", f"from {folder} import *\n\nprint({'part' if bad else '1'})", f"import {folder}\n\nprint({folder}.__file__{'.upper()' if bad else ''})" if bad else f"import {folder}\n\nprint(list({folder}.__path__)[0][:1])"))


@scene(2.2, "shadow_stdlib")
def shadow(s: Stage, bad: bool) -> None:
    name = s.rng.choice(SHADOWS)
    if any(module.name == name for module in s.project.modules):
        return
    s.new(f"OWN = {literal(s.rng)}\n\n\ndef own_function():\n    return OWN", name)
    missing = {"statistics": "mean", "wave": "open", "colorsys": "rgb_to_hsv", "sched": "scheduler"}.get(name, "Missing")
    s.insert(s.user(), s.pick(f"from {name} import {missing if bad else 'OWN'}", f"import {name}\n\nprint({name}.{missing if bad else 'own_function'})"))


@scene(1.5, "shadow_loaded_stdlib")
def shadow_in_vain(s: Stage, bad: bool) -> None:
    name = s.rng.choice(LOADED_SHADOWS)
    if any(module.name == name for module in s.project.modules):
        return
    s.new(f"OWN = {literal(s.rng)}", name)
    real = {"queue": "Queue", "calendar": "Calendar", "types": "ModuleType", "logging": "getLogger", "platform": "system", "random": "Random", "email": "message_from_string", "json": "dumps", "tokenize": "TokenInfo"}[name]
    s.insert(s.user(), s.pick(f"from {name} import {'OWN' if bad else real} as from_shadow", f"import {name} as shadowed\n\nprint(shadowed.{'OWN' if bad else real})"))


@scene(2, "reload")
def reloaded(s: Stage, bad: bool) -> None:
    text = s.pick("try:\n    RUNS += 1\nexcept NameError:\n    RUNS = 1", "RUNS = globals().get('RUNS', 0) + 1", "if 'RUNS' in globals():\n    RUNS += 1\nelse:\n    RUNS = 1")
    module = s.new(text)
    call = s.pick("importlib.reload(again)", "again = importlib.reload(again)")
    s.insert(s.user(), f"import importlib\n\nimport {module.name} as again\n\n{call}\nassert again.RUNS == {1 if bad else 2}, again.RUNS")


@scene(2, "package_path")
def extended_path(s: Stage, bad: bool) -> None:
    package, folder = s.home() + s.leaf(), s.pick("vendor", "_parts")
    base = s.pick("os.path.join(os.path.dirname(__file__), FOLDER)", "os.path.dirname(__file__) + '/' + FOLDER", "os.path.join(__path__[0], FOLDER)")
    add = s.pick("__path__.append({})", "__path__.insert(0, {})", "__path__ += [{}]", "__path__ = [*__path__, {}]").format(base)
    s.new(f"import os\n\nFOLDER = '{folder}'\n{add if not bad else s.pick('__path__ = []', '')}", package, True)
    s.extra[f"{package.replace('.', '/')}/{folder}/hidden.py"] = "SEEN = 1\n"
    s.insert(s.user(), s.pick(f"from {package} import hidden\n\nprint(hidden.SEEN)", f"from {package}.hidden import SEEN", f"import {package}.hidden"))


@scene(2.5, "sys_path")
def system_path(s: Stage, bad: bool) -> None:
    folder, name = s.pick("lib", "common", "shared"), s.pick("toolbox", "helpers_shared", "legacy_code")
    up = s.project.main.path.count("/")
    user = s.writers[s.project.main.name]
    sys, os = user.std("sys"), user.std("os")
    here = f"{os}.path.dirname({os}.path.abspath(__file__))"
    for _ in range(up):
        here = f"{os}.path.dirname({here})"
    where = s.pick(f"{os}.path.join({here}, '{folder}')", f"'{folder}'", f"{os}.path.join({os}.getcwd(), '{folder}')", f"{os}.path.abspath('{folder}')", f"str({user.std('pathlib.Path')}({here}) / '{folder}')")
    add = s.pick(f"{sys}.path.append({where})", f"{sys}.path.insert(0, {where})", f"{sys}.path.extend([{where}])")
    if s.rng.random() < 0.2:
        add = f"if {where} not in {sys}.path:\n    {add}"
    s.extra[f"{folder}/{name}.py"] = s.pick("TOOL = 'hammer'\n", "import os\n\nTOOL = os.path.basename(__file__)\n")
    s.insert(user, f"{'' if bad else add}\nfrom {name} import TOOL" if s.rng.random() < 0.6 else f"{add}\nimport {name}\n\nprint({name}.{'GONE' if bad else 'TOOL'})")


@scene(2, "relative_toplevel")
def relative_from_root(s: Stage, bad: bool) -> None:
    user = s.user() if s.rng.random() < 0.5 else s.writers[s.project.main.name]
    if user.module.package and s.rng.random() < 0.5:
        module = s.new("from . import helpers_near" if bad else "try:\n    from .near import thing\nexcept ImportError:\n    thing = None", s.leaf())
        s.insert(user, f"import {module.name} as from_root")
        return
    name = s.pick("from . import config_near", "from .near import thing", "from ..near import thing")
    s.insert(user, name if bad else f"try:\n    {name}\nexcept ImportError{s.pick('', ' as error')}:\n    thing = None")


@scene(2, "state_across_modules")
def shared_state(s: Stage, bad: bool) -> None:
    state = s.new("enabled = False\nnames = []\n\n\ndef enable():\n    global enabled\n    enabled = True")
    changer = s.new(s.pick(f"from {state.name} import enable, names\n\nenable()\nnames.append('x')", f"import {state.name} as state\n\nstate.enabled = True\nstate.names += ['x']"))
    s.insert(s.user(), s.pick(
        f"import {state.name} as flags\nimport {changer.name}\n\nif not flags.enabled:\n    raise RuntimeError('not enabled')" if not bad else f"from {state.name} import enabled\nimport {changer.name}\n\nif not enabled:\n    raise RuntimeError('copied too early')",
        f"import {changer.name}\nfrom {state.name} import enabled, names\n\nassert enabled and names == ['x'], names" if not bad else f"from {state.name} import enabled, names\n\nassert enabled and names == ['x'], names",
    ))  # fmt: skip


@scene(2.5, "partial_module")
def partial(s: Stage, bad: bool) -> None:
    home = s.home()
    first, second = home + s.leaf(), home + s.leaf()
    if first == second:
        return
    near = relative(Module(second, False), first)
    ask = s.rng.choice([
        f"import {first}\n\nVALUE = {first}.LIMIT", f"from {first} import LIMIT", f"import {first} as other\n\nVALUE = other.LIMIT", f"from {first} import *\n\nVALUE = LIMIT",
        f"import sys\n\nVALUE = sys.modules['{first}'].LIMIT", f"import {first}\n\nVALUE = getattr({first}, 'LIMIT', None)\nassert VALUE", f"import {first}\n\n\ndef value():\n    return {first}.LIMIT\n\n\nvalue()",
        f"from {near} import LIMIT" if near else f"from {first} import LIMIT as VALUE", f"try:\n    from {first} import LIMIT\nexcept ImportError as error:\n    raise RuntimeError(error.name)",
    ])  # fmt: skip
    load = s.pick(f"import {second}", f"from {second} import DONE", f"import {second} as second")
    s.new(f"{load}\n\nLIMIT = 3" if bad else f"LIMIT = 3\n\n{load}", first)
    s.new(f"{ask}\n\nDONE = True", second)
    s.insert(s.user(), s.pick(f"import {first}", f"from {first} import LIMIT", f"import {second}" if not bad or s.rng.random() < 0.3 else f"import {first} as leading"))


@scene(2, "imports_main")
def imports_main(s: Stage, bad: bool) -> None:
    main = s.project.main.name
    wanted = s.pick("app", "create_app", "DEBUG_LATE")
    code = s.pick(f"import {main} as entry\n\n\ndef get_app():\n    return entry.{wanted}", f"def get_app():\n    from {main} import {wanted}\n\n    return {wanted}", f"try:\n    from {main} import {wanted}\nexcept ImportError:\n    {wanted} = None")
    if bad:
        code = s.pick(f"from {main} import app", f"import {main}\n\nrunning = {main}.app", f"from {main} import *\n\nprint(app)")
    module = s.new(code)
    s.features.add("main_cycle")
    s.insert(s.writers[main], f"import {module.name}")


@scene(1, "imports_itself")
def imports_itself(s: Stage, bad: bool) -> None:
    writer = s.user()
    name = writer.module.name
    s.insert(writer, s.pick(f"import {name} as myself", f"import {name} as myself\n\nprint(myself.__name__)", f"from {name} import {misspell('setting', s.rng) if bad else '__name__'}", f"import {name}\n\nprint({name}.{'not_yet' if bad else '__name__'})"))


@scene(1.5, "version_in_init", "module_globals")
def version_file(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    s.new(f"__version__ = '1.{s.rng.randint(0, 9)}'\n__author__ = 'nobody'", f"{package}.version")
    s.new("from .version import __version__\n\nVERSION = tuple(int(part) for part in __version__.split('.'))", package, True)
    s.insert(s.user(), f"from {package} import {'__author__' if bad else '__version__'}\n" + indent(f"from {package} import VERSION, __name__ as package_name", 0))


@scene(1.8, "undefined_in_function", "undefined_name", "called_at_import")
def forgotten_global(s: Stage, bad: bool) -> None:
    word = s.rng.choice(WORDS)
    module = s.new(f"def broken_{word}(flag=True):\n    if flag:\n        return {word}_table['x']\n    return None\n\n\ndef safe_{word}():\n    return 1")
    s.insert(s.user(), f"from {module.name} import broken_{word}, safe_{word}\n\nsafe_{word}()\nbroken_{word}({'' if bad else 'False'})")


@scene(2.4, "relative_4", "deep_packages")
def deep_relative(s: Stage, bad: bool) -> None:
    top = s.home() + s.leaf()
    inner = f"{top}.{s.pick('v1', 'inner')}.{s.pick('handlers_http', 'ports')}.{s.pick('sql', 'memory')}"
    bare = s.rng.random() < 0.3
    for depth in range(top.count(".") + 1, inner.count(".") + 2):
        name = ".".join(inner.split(".")[:depth])
        if not bare or depth == top.count(".") + 1:
            s.new("", name, True)
    s.new("SHARED = 1\n\n\ndef helper():\n    return SHARED", f"{top}.shared")
    dots = "...." if not bad else s.pick("...", "....." + "." * top.count("."), "." * 8)
    s.new(s.pick(f"from {dots}shared import SHARED, helper", f"from {dots} import shared\n\nSHARED = shared.helper()", f"import importlib\n\nSHARED = importlib.import_module('{dots}shared', __package__).SHARED"), f"{inner}.leaf_module")
    s.insert(s.user(), s.pick(f"from {inner}.leaf_module import SHARED as from_far_below", f"import {inner}.leaf_module", f"from {inner} import leaf_module"))
