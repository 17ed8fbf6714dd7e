"""Modules that bind, watch, replace or reload one another."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .imports import relative
from .model import Module
from .scenes import Stage, scene
from .words import WORDS, literal, misspell


@scene(2.5, "late_bound")
def bound_late(s: Stage, bad: bool) -> None:
    name = s.pick("current_app", "runtime_value", "engine", "session_maker")
    start = s.pick("", f"{name} = None")
    holder = s.new(f"{start}\n\n\ndef read():\n    return {name}")
    binding = s.pick(
        f"import {holder.name} as holder\n\nholder.{name} = [1, 2]",
        f"import {holder.name}\n\nsetattr({holder.name}, '{name}', [1, 2])",
        f"import sys\nimport {holder.name}\n\nsys.modules['{holder.name}'].{name} = [1, 2]",
        f"import {holder.name} as holder\n\nvars(holder)['{name}'] = [1, 2]",
        f"import {holder.name} as holder\n\nholder.__dict__.update({name}=[1, 2])",
    )
    binder = s.new(binding)
    first = f"import {binder.name}\n"
    reading = s.pick(
        f"from {holder.name} import {name}\n\nprint({name}[0])",
        f"import {holder.name} as late_holder\n\nprint(late_holder.{name}[0])",
        f"from {holder.name} import read\n\nprint(read()[1])",
    )
    if bad:
        s.features.add("late_bound_too_early")
        s.insert(s.user(), reading + ("\n" + first if s.rng.random() < 0.5 else ""))
    else:
        s.insert(s.user(), first + reading)


@scene(1.8, "registry", "decorator")
def registration(s: Stage, bad: bool) -> None:
    table, deco = s.pick("HANDLERS", "COMMANDS", "LISTENERS"), s.pick("handler", "listener")
    as_dict = s.rng.random() < 0.4
    add = f"{table}[func.__name__] = func" if as_dict else f"{table}.append(func)"
    store = s.new(f"{table} = {'{}' if as_dict else '[]'}\n\n\ndef {deco}(func):\n    {add}\n    return func")
    user_text = f"from {store.name} import {deco}\n\n\n@{deco}\ndef on_message(message=None):\n    return message"
    registering = s.new(user_text)
    check = f"from {store.name} import {table}\n\nif not {table}:\n    raise RuntimeError('nothing registered')\nprint(len({table}), [{'name' if as_dict else 'func.__name__'} for {'name' if as_dict else 'func'} in {table}])"
    s.insert(s.user(), check if bad else f"import {registering.name}\n{check}")


@scene(3.2, "module_getattr")
def lazy_module(s: Stage, bad: bool) -> None:
    names = s.pick("version", "engine", "client")
    style = s.rng.randrange(5)
    bodies = [
        f"    if name == '{names}':\n        return [1, 2, 3]\n    raise AttributeError(f\"module {{__name__!r}} has no attribute {{name!r}}\")",
        "    if name in _VALUES:\n        globals()[name] = _VALUES[name]\n        return _VALUES[name]\n    raise AttributeError(name)",
        "    return name.upper()", "    try:\n        return _VALUES[name]\n    except KeyError:\n        raise AttributeError(f'no {name} here') from None",
        f"    if name.startswith('{names[0]}'):\n        return _build(name)\n    raise {s.pick('AttributeError', 'ImportError', 'KeyError')}(name)",
    ]  # fmt: skip
    text = f"_VALUES = {{'{names}': [1, 2, 3]}}\n\n\ndef _build(name):\n    return [name]\n\n\ndef __getattr__(name):\n{bodies[style]}"
    if s.rng.random() < 0.65:
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
        s.insert(
            s.user(),
            s.pick(
                f"from {package} import broken",
                f"from {package} import Gadget",
                f"import {package}\n\n{package}.broken",
                f"import {package}\n\n{package}.Gadget",
            ),
        )
    else:
        s.insert(
            s.user(),
            s.pick(
                f"from {package} import Widget\n\nprint(Widget.size)",
                f"import {package}\n\nprint({package}.make().size)",
                f"from {package} import {leaf}\n\nprint({leaf}.make)",
                f"from {package} import *\nimport {package} as lazily_loaded\n\nprint(lazily_loaded.Widget)",
            ),
        )


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
    s.insert(
        s.user(),
        s.pick(
            f"import {module.name}\n\nprint({module.name}.{wanted})",
            f"from {module.name} import {wanted}",
            f"import {module.name} as facade\n\nprint(facade.{wanted})",
            f"from {module.name} import *\nfrom {module.name} import {wanted} as given",
        ),
    )


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
    feature, code = s.rng.choice([*ways, ways[1], ways[1]])
    s.features.add(feature)
    s.insert(user, code)
    if not bad:
        looks = (
            [ways[0], ways[1], ways[1], ways[1], ways[1], ways[2]]
            if feature not in ("sys_modules_none", "sys_modules_pop")
            else ways[-1:]
        )
        feature, code = s.rng.choice(looks)
        s.features.add(feature)
        user.tail.append(code)


@scene(2.6, "reload")
def reloaded(s: Stage, bad: bool) -> None:
    text = s.pick(
        "try:\n    RUNS += 1\nexcept NameError:\n    RUNS = 1",
        "RUNS = globals().get('RUNS', 0) + 1",
        "if 'RUNS' in globals():\n    RUNS += 1\nelse:\n    RUNS = 1",
    )
    module = s.new(text)
    call = s.pick("importlib.reload(again)", "again = importlib.reload(again)")
    s.insert(
        s.user(),
        f"import importlib\n\nimport {module.name} as again\n\n{call}\nassert again.RUNS == {1 if bad else 2}, again.RUNS",
    )


@scene(2.5, "sys_path")
def system_path(s: Stage, bad: bool) -> None:
    folder, name = s.pick("lib", "common", "shared"), s.pick("toolbox", "helpers_shared", "legacy_code")
    up = s.project.main.path.count("/")
    user = s.writers[s.project.main.name]
    sys, os = user.std("sys"), user.std("os")
    here = f"{os}.path.dirname({os}.path.abspath(__file__))"
    for _ in range(up):
        here = f"{os}.path.dirname({here})"
    where = s.pick(
        f"{os}.path.join({here}, '{folder}')",
        f"'{folder}'",
        f"{os}.path.join({os}.getcwd(), '{folder}')",
        f"{os}.path.abspath('{folder}')",
        f"str({user.std('pathlib.Path')}({here}) / '{folder}')",
    )
    add = s.pick(f"{sys}.path.append({where})", f"{sys}.path.insert(0, {where})", f"{sys}.path.extend([{where}])")
    if s.rng.random() < 0.2:
        add = f"if {where} not in {sys}.path:\n    {add}"
    s.extra[f"{folder}/{name}.py"] = s.pick("TOOL = 'hammer'\n", "import os\n\nTOOL = os.path.basename(__file__)\n")
    s.insert(
        user,
        f"{'' if bad else add}\nfrom {name} import TOOL"
        if s.rng.random() < 0.6
        else f"{add}\nimport {name}\n\nprint({name}.{'GONE' if bad else 'TOOL'})",
    )


@scene(2.4, "state_across_modules")
def shared_state(s: Stage, bad: bool) -> None:
    state = s.new("enabled = False\nnames = []\n\n\ndef enable():\n    global enabled\n    enabled = True")
    changer = s.new(
        s.pick(
            f"from {state.name} import enable, names\n\nenable()\nnames.append('x')",
            f"import {state.name} as state\n\nstate.enabled = True\nstate.names += ['x']",
        )
    )
    s.insert(s.user(), s.pick(
        f"import {state.name} as flags\nimport {changer.name}\n\nif not flags.enabled:\n    raise RuntimeError('not enabled')" if not bad else f"from {state.name} import enabled\nimport {changer.name}\n\nif not enabled:\n    raise RuntimeError('copied too early')",
        f"import {changer.name}\nfrom {state.name} import enabled, names\n\nassert enabled and names == ['x'], names" if not bad else f"from {state.name} import enabled, names\n\nassert enabled and names == ['x'], names",
    ))  # fmt: skip


@scene(2, "partial_module")
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
    s.insert(
        s.user(),
        s.pick(
            f"import {first}",
            f"from {first} import LIMIT",
            f"import {second}" if not bad or s.rng.random() < 0.3 else f"import {first} as leading",
        ),
    )


@scene(2.8, "imports_main")
def imports_main(s: Stage, bad: bool) -> None:
    main = s.project.main.name
    wanted = s.pick("app", "create_app", "DEBUG_LATE")
    code = s.pick(
        f"import {main} as entry\n\n\ndef get_app():\n    return entry.{wanted}",
        f"def get_app():\n    from {main} import {wanted}\n\n    return {wanted}",
        f"try:\n    from {main} import {wanted}\nexcept ImportError:\n    {wanted} = None",
    )
    if bad:
        code = s.pick(
            f"from {main} import app", f"import {main}\n\nrunning = {main}.app", f"from {main} import *\n\nprint(app)"
        )
    module = s.new(code)
    s.features.add("main_cycle")
    s.insert(s.writers[main], f"import {module.name}")


@scene(1, "imports_itself")
def imports_itself(s: Stage, bad: bool) -> None:
    writer = s.user()
    name = writer.module.name
    s.insert(
        writer,
        s.pick(
            f"import {name} as myself",
            f"import {name} as myself\n\nprint(myself.__name__)",
            f"from {name} import {misspell('setting', s.rng) if bad else '__name__'}",
            f"import {name}\n\nprint({name}.{'not_yet' if bad else '__name__'})",
        ),
    )


@scene(2.4, "undefined_in_function", "undefined_name", "called_at_import")
def forgotten_global(s: Stage, bad: bool) -> None:
    word = s.rng.choice(WORDS)
    module = s.new(
        f"def broken_{word}(flag=True):\n    if flag:\n        return {word}_table['x']\n    return None\n\n\ndef safe_{word}():\n    return 1"
    )
    s.insert(
        s.user(),
        f"from {module.name} import broken_{word}, safe_{word}\n\nsafe_{word}()\nbroken_{word}({'' if bad else 'False'})",
    )
