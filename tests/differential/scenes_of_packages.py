"""Packages: what they offer, hide, shadow and confuse."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Module, indent
from .scenes import Stage, scene
from .words import LOADED_SHADOWS, SHADOWS, literal


@scene(2.6, "clash_submodule_attribute")
def clash(s: Stage, bad: bool) -> None:
    package, leaf = s.home() + s.leaf(), s.leaf()
    value = s.pick("'a string'", "[1, 2]", "7")
    text = s.pick(
        f"from .{leaf} import {leaf}",
        f"{leaf} = {value}",
        f"from .{leaf} import {leaf}\nfrom . import {leaf} as {leaf}_again",
        f"from . import {leaf}\n\n{leaf} = {value}",
        f"def {leaf}():\n    return 1",
        f"import {package}.{leaf}\n\n{leaf} = {value}",
    )
    inner = Module(f"{package}.{leaf}", False)
    s.new(text, package, True)
    s.new(f"def {leaf}(value=1):\n    return value\n\n\nOTHER = {literal(s.rng)}", inner.name)
    good = s.pick(
        f"from {package} import {leaf}\n\nprint({leaf})",
        f"from {package}.{leaf} import OTHER",
        f"import {package}\n\nprint({package}.{leaf})",
        f"import {package}.{leaf}\n\nprint(type({package}.{leaf}).__name__)",
        f"import sys\nimport {package}.{leaf}\n\nprint(sys.modules['{package}.{leaf}'].OTHER)",
    )
    wrong = s.pick(
        f"from {package} import {leaf}\n\nprint({leaf}.OTHER)",
        f"import {package}.{leaf}\n\nprint({package}.{leaf}.OTHER)",
        f"import {package}.{leaf} as clashing\n\nprint(clashing.OTHER)",
        f"from {package} import {leaf}\n\nprint({leaf}())",
        f"import {package}.{leaf}\nfrom {package} import {leaf}\n\nprint({leaf}.upper())",
        f"import {package}.{leaf}\n\n{package}.{leaf}(3)",
    )
    s.insert(s.user(), wrong if bad or s.rng.random() < 0.15 else good)


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
    load = s.pick(
        f"importlib.import_module(f'{package}.{{name}}')",
        f"importlib.import_module('.' + name, '{package}')",
        f"importlib.import_module(f'.{{name}}', package='{package}')",
        f"__import__('{package}.' + name, fromlist=['NAME'])",
    )
    s.insert(
        s.user(),
        f"import importlib\n\nplugins = []\nfor name in {names!r}:\n    importlib.invalidate_caches()\n    {load}.register(plugins)\nassert plugins"
        if s.rng.random() < 0.3
        else f"import importlib\n\nplugins = []\nfor name in {names!r}:\n    {load}.register(plugins)\nassert len(plugins) == 2",
    )


@scene(3.8, "star_import", "dunder_all")
def star_with_all(s: Stage, bad: bool) -> None:
    names = s.rng.choice([("Alpha", "beta", "_gamma"), ("LIMIT", "_private", "helper"), ("one", "two", "_three")])
    given = s.rng.choice([
        f"__all__ = {[names[0], names[2]]!r}", f"__all__ = ({names[0]!r},)\n__all__ += ({names[2]!r},)", f"__all__ = [{names[0]!r}]\n__all__ += [{names[2]!r}]", f"__all__ = []\n__all__.append({names[0]!r})\n__all__.extend([{names[2]!r}])",
        f"__all__ = [{names[0]!r}] + [{names[2]!r}]", f"__all__: list[str] = [{names[0]!r}, {names[2]!r}]", "__all__ = [name for name in dir() if not name.startswith('__')]", "",
    ])  # fmt: skip
    features = {"+=": "all_augmented", "append": "all_augmented", "] + [": "all_augmented"}
    s.features.update(feature for sign, feature in features.items() if sign in given)
    s.features.add("star_underscore")
    extra = ""
    if bad and given:
        extra = s.pick(
            "\n__all__ += ['not_here']" if "(" not in given[:12] else "\n__all__ += ('not_here',)",
            "\n__all__ = ['not_here']",
            "\n__all__ = [1]",
        )
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
        s.insert(
            s.user(),
            f"try:\n    from {broken.name} import *\nexcept AttributeError as error:\n    print(error)\nprint({'present' if s.rng.random() < 0.7 else '1'})",
        )
    s.insert(s.user(), f"from {module.name} import *\n\nprint({use})")


@scene(2.5, "star_import", "dunder_all", "all_submodule", "reexport")
def star_of_package(s: Stage, bad: bool) -> None:
    package, one, two = s.home() + s.leaf(), s.pick("red", "square"), s.pick("blue", "circle")
    given = s.pick(
        f"__all__ = ['{one}', '{two}']",
        f"__all__ = ['{one}']\n__all__.append('{two}')",
        f"from . import {one}\n\n__all__ = ['{one}', '{two}']",
        f"from .{one} import *\nfrom .{two} import *\n\n__all__ = ['{one}', '{two}']",
    )
    missing = "\n__all__ += ['absent']" if bad and s.rng.random() < 0.5 else ""
    s.new(given + missing, package, True)
    s.new("SIDES = 4\n__all__ = ['SIDES']", f"{package}.{one}")
    s.new("RADIUS = 2", f"{package}.{two}")
    use = "absent_thing" if bad and not missing else s.pick(f"{one}.SIDES", f"{two}.RADIUS", f"[{one}, {two}]")
    s.insert(s.user(), f"from {package} import *\n\nprint({use})")


@scene(2, "reexport", "package_init")
def facade_package(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    s.new(
        s.pick(
            "from .impl import Service, build\nfrom .errors import ServiceError\n\n__all__ = ['Service', 'ServiceError', 'build']",
            "from . import errors, impl\nfrom .impl import *\n\nServiceError = errors.ServiceError",
            f"from {package}.errors import ServiceError as ServiceError\nfrom {package}.impl import (\n    Service,\n    build,\n)",
        ),
        package,
        True,
    )
    order = s.pick(
        "from .errors import ServiceError",
        f"from {package} import errors\n\nServiceError = errors.ServiceError",
        "from . import errors\nfrom .errors import ServiceError",
        f"from {package} import ServiceError" if bad else f"from {package}.errors import ServiceError",
    )
    s.new(
        f"{order}\n\n\nclass Service:\n    error = ServiceError\n\n\ndef build():\n    return Service()",
        f"{package}.impl",
    )
    s.new("class ServiceError(Exception):\n    pass", f"{package}.errors")
    if f"from {package} import" in order:
        s.features.add("init_cycle")
    s.insert(
        s.user(),
        s.pick(
            f"from {package} import Service, ServiceError\n\nassert Service.error is ServiceError",
            f"import {package}\n\nprint({package}.build().error)",
            f"from {package}.impl import build\n\nbuild()",
            f"from {package} import (\n    ServiceError,\n    build{'er' if bad else ''},\n)",
        ),
    )


@scene(2, "init_cycle", "from_package_cycle")
def cycle_through_init(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    first = s.pick("from .models import Parent", "from . import models", f"import {package}.models")
    early = s.rng.random() < 0.5
    base = "class Base:\n    table = 'x'"
    s.new(f"{base}\n\n\n{first}" if not bad or not early else f"{first}\n\n\n{base}", package, True)
    take = s.pick(
        f"from {package} import Base",
        "from . import Base",
        f"import {package}\n\nBase = {package}.Base",
        f"import {package} as root\n\nBase = root.Base",
    )
    other = s.pick(
        f"from {package} import children",
        "from . import children",
        f"import {package}.children as children",
        f"from {package}.children import Child",
    )
    late = s.rng.random() < 0.5
    body = "class Parent(Base):\n    def kids(self):\n        return children"
    s.new(f"{take}\n\n\n{body}\n\n\n{other}" if late else f"{take}\n{other}\n\n\n{body}", f"{package}.models")
    back = s.pick(
        "from .models import Parent",
        f"from {package} import models",
        "from . import models",
        f"import {package}.models as models",
        f"from {package}.models import *",
    )
    use = s.pick(
        "class Child:\n    parent = None",
        "class Child:\n    def up(self):\n        return models",
        "class Child(Parent if 'Parent' in globals() else object):\n    pass",
        "class Child(models.Parent if 'models' in globals() else Parent):\n    pass",
    )
    s.new(f"{back}\n\n\n{use}", f"{package}.children")
    s.insert(
        s.user(),
        s.pick(
            f"import {package}",
            f"from {package}.children import Child",
            f"from {package} import models\n\nprint(models.Parent)",
            f"import {package}.models",
        ),
    )


@scene(2, "submodule_attribute", "import_dotted")
def sibling_by_accident(s: Stage, bad: bool) -> None:
    package, one, two = s.home() + s.leaf(), s.pick("first", "north"), s.pick("second", "south")
    s.new("", package, True)
    s.new(
        s.pick(
            "ONE = 1",
            f"import {package}.{two}\n\nONE = 1" if not bad else "ONE = 1",
            f"from . import {two}\n\nONE = 1" if not bad else "ONE = 1",
        ),
        f"{package}.{one}",
    )
    s.new("TWO = 2", f"{package}.{two}")
    both = "" if bad else f"import {package}.{two}\n"
    top = package.partition(".")[0]
    s.insert(
        s.user(),
        s.pick(
            f"import {package}.{one}\n{both}\nprint({package}.{two}.TWO)",
            f"{both}import {package}.{one} as only\n\nprint({top})"
            if both
            else f"import {package}.{one} as only\n\nprint({package}.{one})",
            f"import {package}\n{both}\nprint({package}.{two})",
        ),
    )


@scene(2.5, "module_vs_package")
def module_and_package(s: Stage, bad: bool) -> None:
    name = s.home() + s.leaf()
    s.extra[name.replace(".", "/") + ".py"] = "from_module = True\n"
    s.new("from_package = True", name, True)
    s.insert(
        s.user(),
        f"from {name} import {'from_module' if bad else 'from_package'}"
        if s.rng.random() < 0.6
        else f"import {name} as winner\n\nprint(winner.{'from_module' if bad else 'from_package'}, winner.__name__)",
    )


@scene(2, "namespace_package")
def namespace(s: Stage, bad: bool) -> None:
    folder = s.home() + s.leaf()
    s.new(f"VALUE = {literal(s.rng)}", f"{folder}.part")
    if s.rng.random() < 0.3:
        s.new("from ..part import VALUE as DEEPER" if s.rng.random() < 0.5 else "DEEPER = 1", f"{folder}.inner.piece")
        s.insert(s.user(), f"from {folder}.inner.piece import DEEPER\n\nprint(DEEPER)")
    s.insert(
        s.user(),
        s.pick(
            f"from {folder} import {'absent' if bad else 'part'}",
            f"import {folder}.part\n\nprint({folder}.{'absent' if bad else 'part'})",
            f"import {folder} as spaced\n\nprint(spaced.{'part' if bad else '__name__'})",
            f"from {folder} import *\n\nprint({'part' if bad else '1'})",
            f"import {folder}\n\nprint({folder}.__file__{'.upper()' if bad else ''})"
            if bad
            else f"import {folder}\n\nprint(list({folder}.__path__)[0][:1])",
        ),
    )


@scene(2.7, "shadow_stdlib")
def shadow(s: Stage, bad: bool) -> None:
    name = s.rng.choice(SHADOWS)
    if any(module.name == name for module in s.project.modules):
        return
    s.new(f"OWN = {literal(s.rng)}\n\n\ndef own_function():\n    return OWN", name)
    missing = {"statistics": "mean", "wave": "open", "colorsys": "rgb_to_hsv", "sched": "scheduler"}.get(
        name, "Missing"
    )
    s.insert(
        s.user(),
        s.pick(
            f"from {name} import {missing if bad else 'OWN'}",
            f"import {name}\n\nprint({name}.{missing if bad else 'own_function'})",
        ),
    )


@scene(2.7, "shadow_loaded_stdlib")
def shadow_in_vain(s: Stage, bad: bool) -> None:
    name = s.rng.choice(LOADED_SHADOWS)
    if any(module.name == name for module in s.project.modules):
        return
    s.new(f"OWN = {literal(s.rng)}", name)
    real = {
        "queue": "Queue",
        "calendar": "Calendar",
        "types": "ModuleType",
        "logging": "getLogger",
        "platform": "system",
        "random": "Random",
        "email": "message_from_string",
        "json": "dumps",
        "tokenize": "TokenInfo",
    }[name]
    s.insert(
        s.user(),
        s.pick(
            f"from {name} import {'OWN' if bad else real} as from_shadow",
            f"import {name} as shadowed\n\nprint(shadowed.{'OWN' if bad else real})",
        ),
    )


@scene(2.5, "package_path")
def extended_path(s: Stage, bad: bool) -> None:
    package, folder = s.home() + s.leaf(), s.pick("vendor", "_parts")
    base = s.pick(
        "os.path.join(os.path.dirname(__file__), FOLDER)",
        "os.path.dirname(__file__) + '/' + FOLDER",
        "os.path.join(__path__[0], FOLDER)",
    )
    add = s.pick(
        "__path__.append({})", "__path__.insert(0, {})", "__path__ += [{}]", "__path__ = [*__path__, {}]"
    ).format(base)
    s.new(f"import os\n\nFOLDER = '{folder}'\n{add if not bad else s.pick('__path__ = []', '')}", package, True)
    s.extra[f"{package.replace('.', '/')}/{folder}/hidden.py"] = "SEEN = 1\n"
    s.insert(
        s.user(),
        s.pick(
            f"from {package} import hidden\n\nprint(hidden.SEEN)",
            f"from {package}.hidden import SEEN",
            f"import {package}.hidden",
        ),
    )


@scene(2.6, "relative_toplevel")
def relative_from_root(s: Stage, bad: bool) -> None:
    user = s.user() if s.rng.random() < 0.5 else s.writers[s.project.main.name]
    if user.module.package and s.rng.random() < 0.5:
        module = s.new(
            "from . import helpers_near"
            if bad
            else "try:\n    from .near import thing\nexcept ImportError:\n    thing = None",
            s.leaf(),
        )
        s.insert(user, f"import {module.name} as from_root")
        return
    name = s.pick("from . import config_near", "from .near import thing", "from ..near import thing")
    s.insert(user, name if bad else f"try:\n    {name}\nexcept ImportError{s.pick('', ' as error')}:\n    thing = None")


@scene(1.5, "version_in_init", "module_globals")
def version_file(s: Stage, bad: bool) -> None:
    package = s.home() + s.leaf()
    s.new(f"__version__ = '1.{s.rng.randint(0, 9)}'\n__author__ = 'nobody'", f"{package}.version")
    s.new(
        "from .version import __version__\n\nVERSION = tuple(int(part) for part in __version__.split('.'))",
        package,
        True,
    )
    s.insert(
        s.user(),
        f"from {package} import {'__author__' if bad else '__version__'}\n"
        + indent(f"from {package} import VERSION, __name__ as package_name", 0),
    )


@scene(2.7, "relative_3", "relative_4", "deep_packages")
def deep_relative(s: Stage, bad: bool) -> None:
    top = s.home() + s.leaf()
    inner = f"{top}.{s.pick('v1', 'inner')}.{s.pick('handlers_http', 'ports')}.{s.pick('sql', 'memory')}"
    bare = s.rng.random() < 0.3
    for depth in range(top.count(".") + 1, inner.count(".") + 2):
        name = ".".join(inner.split(".")[:depth])
        if not bare or depth == top.count(".") + 1:
            s.new("", name, True)
    s.new("SHARED = 1\n\n\ndef helper():\n    return SHARED", f"{top}.shared")
    s.new("from ...shared import helper\n\nHELPED = helper()", f"{inner.rpartition('.')[0]}.near_module")
    dots = "...." if not bad else s.pick("...", "....." + "." * top.count("."), "." * 8)
    s.new(
        s.pick(
            f"from {dots}shared import SHARED, helper",
            f"from {dots} import shared\n\nSHARED = shared.helper()",
            f"import importlib\n\nSHARED = importlib.import_module('{dots}shared', __package__).SHARED",
        ),
        f"{inner}.leaf_module",
    )
    s.insert(
        s.user(),
        s.pick(
            f"from {inner}.leaf_module import SHARED as from_far_below",
            f"import {inner}.leaf_module",
            f"from {inner} import leaf_module",
            f"from {inner.rpartition('.')[0]}.near_module import HELPED",
            f"import {inner.rpartition('.')[0]}.near_module, {inner}.leaf_module",
        ),
    )
